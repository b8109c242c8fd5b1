// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/random.h"
#include "replica/records.h"

namespace provost::replica {
namespace {

mail::Admin an_admin()
{
    mail::Admin admin{.id = AdminId::make(), .name = "jane@example.org", .role = mail::Role::domain_admin};
    admin.domains.some = {{DomainId("a"), {}}, {DomainId(new_uuid()), {}}};
    admin.enabled = false;
    admin.expires = from_millis(7);
    admin.mailbox = mail::Named<MailboxId>{MailboxId::make(), {}};
    return admin;
}

mail::Token a_token()
{
    mail::Token token{.id = TokenId::make(), .admin = AdminId::make(), .hash = random_bytes(32)};
    token.role = mail::Role::site_admin;
    token.domains = {.all = true};
    token.read_only = true;
    token.networks = {"192.0.2.0/24"};
    token.expires = from_millis(9);
    return token;
}

TEST(AccessRecords, AnAdminAndATokenAreReadAsTheyWereWritten)
{
    auto const admin = an_admin();
    auto const read = decode_admin(encode(admin));
    EXPECT_EQ(read.domains.some.size(), 2U);
    auto same = read;
    same.domains = admin.domains;
    EXPECT_EQ(same, admin);
    auto const plain = mail::Admin{.id = AdminId::make(), .name = "x", .domains = {.all = true}};
    EXPECT_EQ(decode_admin(encode(plain)), plain);

    auto const token = a_token();
    EXPECT_EQ(decode_token(encode(token)), token);
    auto const bare = mail::Token{.id = TokenId::make(), .admin = AdminId::make(), .hash = std::string(32, '\0')};
    EXPECT_EQ(decode_token(encode(bare)), bare);
}

TEST(AccessRecords, TheOrderOfDomainsIsThatOfTheirIds)
{
    auto admin = an_admin();
    auto const bytes = encode(admin);
    std::swap(admin.domains.some[0], admin.domains.some[1]);
    EXPECT_EQ(encode(admin), bytes);
}

TEST(AccessRecords, ARecordCutShortThrowsWhereverTheCutIs)
{
    for (auto const& bytes : {encode(an_admin()), encode(a_token())})
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            std::vector<char> const cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
            std::string_view const view(cut.data(), cut.size());
            EXPECT_THROW(decode_admin(view), std::runtime_error);
            EXPECT_THROW(decode_token(view), std::runtime_error);
        }
}

TEST(AccessRecords, NoBytesAreReadPastTheirEnd)
{
    EXPECT_TRUE(rc::check([] {
        auto bytes = *rc::gen::arbitrary<bool>() ? encode(an_admin()) : encode(a_token());
        for (int i = 0; i < 3; ++i)
            bytes[*rc::gen::inRange<std::size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
        std::vector<char> const exact(bytes.begin(), bytes.end());
        for (auto const which : {0, 1}) {
            try {
                if (which == 0) decode_admin({exact.data(), exact.size()});
                else decode_token({exact.data(), exact.size()});
            } catch (std::runtime_error const&) {
            }
        }
    }));
}

}  // namespace
}  // namespace provost::replica
