// SPDX-License-Identifier: Apache-2.0
#include "provostd/wires.h"

#include <gtest/gtest.h>

#include "directory/test_replica.h"
#include "host/sockets.h"
#include "protocols/dovecot/auth_client.h"

using namespace provost;

namespace {

struct WiresTest : testing::Test {
    Metrics metrics;
    directory::TestReplica replica;
    directory::Lookups lookups{replica, {}, metrics};
    password::Remembered remembered;
    password::Admission admission{{}};
    password::Pool pool{{}};
    directory::Logins logins{lookups, replica, pool, remembered, admission, {}, [](auto, auto work) { work(); },
                             metrics};
    daemon::Wires wires{lookups, logins, metrics};
};

}  // namespace

TEST_F(WiresTest, EverySocketOfAHostHasItsProtocol)
{
    for (auto const& socket : host::sockets_of(config::default_settings())) {
        if (socket.name == "admin") continue;  // HTTP: not a wire of the servers
        EXPECT_TRUE(wires.sessions(socket.name)) << socket.name;
    }
    EXPECT_FALSE(wires.sessions("telnet"));
}

TEST_F(WiresTest, DovecotsGreetingNamesOneServerOnAllSockets)
{
    auto const server = [&](char const* name) {
        auto const greeting = wires.sessions(name)({})->greeting();
        auto const at = greeting.find("SPID\t");
        return greeting.substr(at, greeting.find('\n', at) - at);
    };
    EXPECT_EQ(server("dovecot-auth"), server("dovecot-master"));
    EXPECT_EQ(server("dovecot-auth"), server("dovecot-userdb"));
    EXPECT_NE(server("dovecot-auth"), "SPID\t0");
}

TEST_F(WiresTest, AtAnEndNobodyIsCutOffWhilePasswordsAreStillBeingChecked)
{
    for (auto const* socket : {"dovecot-auth", "postfix-auth", "saslauthd", "postfix-saslauthd"})
        EXPECT_GT(daemon::Wires::limits(socket).drain_time, protocols::AuthClient::deadline);
}
