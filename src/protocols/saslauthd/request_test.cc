// SPDX-License-Identifier: Apache-2.0
#include "protocols/saslauthd/request.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

using namespace provost;
using namespace provost::protocols;

namespace {

using Kind = SaslauthdRequest::Kind;

// As libsasl2 of Postfix 3.7 sends it for AUTH PLAIN.
constexpr std::string_view from_postfix("\0\5alice\0\6secret\0\4smtp\0\14example.test", 35);

std::string written(std::string_view login, std::string_view password, std::string_view service, std::string_view realm)
{
    std::string bytes;
    for (auto const field : {login, password, service, realm}) bytes += saslauthd_answer(field);
    return bytes;
}

std::string account(std::string_view login, std::string_view realm)
{
    return saslauthd_account({.login = login, .realm = realm});
}

}  // namespace

TEST(SaslauthdRequest, IsReadAsPostfixSendsIt)
{
    auto const request = read_saslauthd_request(from_postfix);
    ASSERT_EQ(request.kind, Kind::whole);
    EXPECT_EQ(request.size, from_postfix.size());
    EXPECT_EQ(request.login, "alice");
    EXPECT_EQ(request.password, "secret");
    EXPECT_EQ(request.service, "smtp");
    EXPECT_EQ(request.realm, "example.test");
}

TEST(SaslauthdRequest, CutAnywhereWaitsForItsRest)
{
    for (std::size_t size = 0; size < from_postfix.size(); ++size)
        EXPECT_EQ(read_saslauthd_request(from_postfix.substr(0, size)).kind, Kind::unfinished) << size;
}

TEST(SaslauthdRequest, EndsWhereItsCountsSay)
{
    auto const request = read_saslauthd_request(std::string(from_postfix) + "more");
    EXPECT_EQ(request.kind, Kind::whole);
    EXPECT_EQ(request.size, from_postfix.size());
}

TEST(SaslauthdRequest, OfEmptyStringsIsWhole)
{
    auto const request = read_saslauthd_request(std::string_view("\0\0\0\0\0\0\0\0", 8));
    EXPECT_EQ(request.kind, Kind::whole);
    EXPECT_EQ(request.login, "");
    EXPECT_EQ(request.realm, "");
}

TEST(SaslauthdRequest, KeepsBytesOfEveryKind)
{
    std::string_view const odd("a\0\xff\n", 4);
    auto const bytes = written(odd, odd, odd, odd);
    auto const request = read_saslauthd_request(bytes);
    EXPECT_EQ(request.login, odd);
    EXPECT_EQ(request.password, odd);
    EXPECT_EQ(request.service, odd);
    EXPECT_EQ(request.realm, odd);
}

TEST(SaslauthdRequest, IsTooLongAsSoonAsItsCountsSaySo)
{
    EXPECT_EQ(read_saslauthd_request("\x1f\xff").kind, Kind::too_long);
    EXPECT_EQ(read_saslauthd_request("\x1f\xfe").kind, Kind::unfinished);
    EXPECT_EQ(read_saslauthd_request(std::string("\0\1a\xff\xff", 5)).kind, Kind::too_long);
    auto const longest = written(std::string(SaslauthdRequest::longest - 8, 'a'), "", "", "");
    EXPECT_EQ(read_saslauthd_request(longest).kind, Kind::whole);
    EXPECT_EQ(read_saslauthd_request(written(std::string(SaslauthdRequest::longest - 8, 'a'), "b", "", "")).kind,
              Kind::too_long);
}

RC_GTEST_PROP(SaslauthdRequest, IsReadAsItWasWritten, (std::string const& login, std::string const& realm))
{
    auto const bytes = written(login, "p", "imap", realm);
    auto const request = read_saslauthd_request(bytes);
    RC_ASSERT(request.kind == Kind::whole && request.size == bytes.size());
    RC_ASSERT(request.login == login && request.realm == realm);
}

TEST(SaslauthdAccount, IsTheLoginAtItsRealm)
{
    EXPECT_EQ(account("alice", "example.test"), "alice@example.test");
    EXPECT_EQ(account("alice@example.test", ""), "alice@example.test");
    EXPECT_EQ(account("cyrus", ""), "cyrus");
}

TEST(SaslauthdAccount, HasOneDomainWhateverTheRealmIs)
{
    EXPECT_EQ(account("alice@example.test", "elsewhere.test"), "alice@example.test");
}

TEST(SaslauthdServices, AreThoseOfPostfixAndCyrusInAnyCase)
{
    EXPECT_EQ(saslauthd_service("smtp"), mail::Service::submission);
    EXPECT_EQ(saslauthd_service("imap"), mail::Service::imap);
    EXPECT_EQ(saslauthd_service("pop"), mail::Service::pop3);
    EXPECT_EQ(saslauthd_service("sieve"), mail::Service::sieve);
    EXPECT_EQ(saslauthd_service("HTTP"), mail::Service::web);
    for (auto const* none : {"", "lmtp", "nntp", "csync", "mupdate", "imap ", "smtpd"})
        EXPECT_EQ(saslauthd_service(none), std::nullopt) << none;
}
