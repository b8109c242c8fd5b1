// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_request.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

using namespace provost;
using namespace provost::protocols;

TEST(AuthRequests, AreReadAsPostfixAndBothDovecotsSendThem)
{
    struct {
        char const* arguments;
        char const* service;
        char const* from;
        bool nologin;
    } const cases[] = {
        {"7\tPLAIN\tservice=smtp\tnologin\tlip=127.0.0.1\trip=192.0.2.7\tsecured\tresp=AGEAYg==", "smtp", "192.0.2.7",
         true},
        {"7\tPLAIN\tservice=imap\tsecured=tls\tsession=8+Mhz7dgbqJ/AAAB\tlip=127.0.0.1\trip=2001:db8::1\tlport=993\t"
         "rport=41582\tresp=AGEAYg==",
         "imap", "2001:db8::1", false},
        {"7\tplain\tprotocol=imap\tfinal-resp-ok\tsecured=tls\tsession=kXaWnbdgkol/AAAB\tlip=127.0.0.1\trip=127.0.0.1\t"
         "lport=993\trport=44046\tssl_ja3_hash=0\tresp=AGEAYg==",
         "imap", "127.0.0.1", false},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.arguments);
        auto const request = parse_auth_request(c.arguments);
        ASSERT_TRUE(request);
        EXPECT_EQ(request->id, 7U);
        EXPECT_EQ(request->mechanism, "PLAIN");
        EXPECT_EQ(request->service, c.service);
        EXPECT_EQ(request->from, c.from);
        EXPECT_EQ(request->nologin, c.nologin);
        EXPECT_EQ(request->response, "AGEAYg==");
    }
}

TEST(AuthRequests, AResponseThatIsMissingIsNotAnEmptyOne)
{
    EXPECT_EQ(parse_auth_request("1\tPLAIN\tservice=smtp")->response, std::nullopt);
    EXPECT_EQ(parse_auth_request("1\tPLAIN\tservice=smtp\tresp=")->response, "");
    EXPECT_EQ(parse_auth_request("12\tPLAIN\tservice=smtp\tresp==")->response, "=");
    EXPECT_TRUE(decode_response("=")->empty());
    EXPECT_TRUE(decode_response("")->empty());
}

TEST(AuthRequests, NeedANumberAndAMechanism)
{
    for (auto const* arguments : {"", "1", "1\t", "x\tPLAIN", "\tPLAIN", "-1\tPLAIN", "4294967296\tPLAIN"}) {
        SCOPED_TRACE(arguments);
        EXPECT_FALSE(parse_auth_request(arguments));
    }
}

TEST(AuthRequests, OnlyBase64WithPaddingIsAResponse)
{
    EXPECT_EQ(decode_response("AGEAYg==")->reveal(), std::string_view("\0a\0b", 4));
    for (auto const* base64 : {"AGEAYg", "AGEAYg=", "A", "====", "AGE AYg==", "AGEAYg==x", "!!!!"}) {
        SCOPED_TRACE(base64);
        EXPECT_FALSE(decode_response(base64));
    }
}

TEST(AuthRequests, PlainHasExactlyThreeParts)
{
    auto const own = parse_plain(std::string_view("\0alice@example.test\0secret", 26));
    ASSERT_TRUE(own);
    EXPECT_EQ(own->authzid, "");
    EXPECT_EQ(own->login, "alice@example.test");
    EXPECT_EQ(own->password.reveal(), "secret");
    auto const other = parse_plain(std::string_view("bob@example.test\0master\0mpw", 27));
    ASSERT_TRUE(other);
    EXPECT_EQ(other->authzid, "bob@example.test");
    EXPECT_EQ(other->login, "master");
    for (auto const message : {std::string_view(""), std::string_view("alice"), std::string_view("\0alice", 6),
                               std::string_view("\0alice\0pass\0word", 16)}) {
        SCOPED_TRACE(escaped(message));
        EXPECT_FALSE(parse_plain(message));
    }
}

TEST(AuthRequests, AnyBytesAreReadOrRefused)
{
    auto const bytes = rc::gen::container<std::string>(rc::gen::elementOf(std::string("1\t=resp\0A\x01\xff", 11)));
    EXPECT_TRUE(rc::check([&] {
        auto const input = *bytes;
        auto const request = parse_auth_request(input);
        if (request && request->response) RC_ASSERT(request->response->size() <= input.size());
        auto const plain = parse_plain(input);
        if (plain)
            RC_ASSERT(plain->authzid.size() + plain->login.size() + plain->password.reveal().size() + 2 ==
                      input.size());
        decode_response(input);
    }));
}
