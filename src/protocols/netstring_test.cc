// SPDX-License-Identifier: Apache-2.0
#include "protocols/netstring.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

using namespace provost::protocols;
using Kind = Netstring::Kind;

TEST(Netstrings, AreReadAsPostfixWritesThem)
{
    struct {
        std::string_view input;
        Kind kind;
        std::string_view payload;
    } const cases[] = {
        {"28:mailboxes alice@example.test,", Kind::whole, "mailboxes alice@example.test"},
        {"20:domains example.test,20:domains remote.test,", Kind::whole, "domains example.test"},
        {"0:,", Kind::whole, ""},
        {"003:abc,", Kind::whole, "abc"},
        {"", Kind::unfinished, ""},
        {"2", Kind::unfinished, ""},
        {"28:", Kind::unfinished, ""},
        {"3:abc", Kind::unfinished, ""},
        {"999999999:x", Kind::unfinished, ""},
        {"0000000003:abc,", Kind::malformed, ""},
        {"3:abcd", Kind::malformed, ""},
        {"x", Kind::malformed, ""},
        {":", Kind::malformed, ""},
        {"-1:x,", Kind::malformed, ""},
        {"3 :abc,", Kind::malformed, ""},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.input);
        auto const seen = read_netstring(c.input);
        EXPECT_EQ(seen.kind, c.kind);
        EXPECT_EQ(seen.payload, c.payload);
    }
}

TEST(Netstrings, WhatIsWrittenIsReadBack)
{
    EXPECT_TRUE(rc::check([](std::string const& payload, std::string const& after) {
        std::string written;
        append_netstring(written, payload);
        auto const size = written.size();
        written += after;
        auto const seen = read_netstring(written);
        RC_ASSERT(seen.kind == Kind::whole);
        RC_ASSERT(seen.payload == payload);
        RC_ASSERT(seen.size() == size);
    }));
}

TEST(Netstrings, MoreBytesNeverChangeWhatIsKnown)
{
    auto const bytes = rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789:,ax")));
    EXPECT_TRUE(rc::check([&] {
        auto const input = *bytes;
        for (std::size_t cut = 0; cut <= input.size(); ++cut) {
            auto const part = read_netstring(std::string_view(input).substr(0, cut));
            auto const all = read_netstring(input);
            if (part.kind == Kind::unfinished) continue;
            RC_ASSERT(part.kind == all.kind);
            RC_ASSERT(part.payload == all.payload);
        }
    }));
}
