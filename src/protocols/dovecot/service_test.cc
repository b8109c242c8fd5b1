// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/service.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::protocols;

TEST(ServiceNames, AreThoseOfPostfixAndDovecot)
{
    struct {
        char const* name;
        std::optional<mail::Service> service;
    } const cases[] = {
        {"smtp", mail::Service::submission},
        {"submission", mail::Service::submission},
        {"imap", mail::Service::imap},
        {"pop3", mail::Service::pop3},
        {"sieve", mail::Service::sieve},
        {"managesieve", mail::Service::sieve},
        {"lmtp", std::nullopt},
        {"doveadm", std::nullopt},
        {"web", std::nullopt},
        {"IMAP", std::nullopt},
        {"", std::nullopt},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.name);
        EXPECT_EQ(service_named(c.name), c.service);
    }
}
