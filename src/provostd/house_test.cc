// SPDX-License-Identifier: Apache-2.0
#include "provostd/house.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>

#include <gtest/gtest.h>

#include "base/test_source.h"
#include "config/file.h"
#include "net/http_client.h"
#include "net/sockets.h"
#include "net/test_peer.h"
#include "sql/engines.h"

using namespace provost;
using namespace std::chrono_literals;

namespace {

config::Settings settings_in(std::string const& folder)
{
    std::filesystem::create_directories(folder);
    config::Settings settings;
    settings.state.folder = folder;
    settings.state.run = folder;
    settings.workers.loops = 1;
    settings.workers.hashing = 1;
    settings.doors = {.imap = "", .imaps = "", .pop3s = "", .sieve = "", .submission = "", .submissions = ""};
    settings.dovecot.doveadm_key_file = folder + "/no-key";
    config::settle(settings);
    return settings;
}

std::multimap<std::string, net::Fd> sockets_in(std::string const& folder)
{
    std::multimap<std::string, net::Fd> sockets;
    for (auto name : {"map", "admin"})
        sockets.emplace(name, net::bind_unix({.path = folder + "/" + name + ".sock"}).value());
    return sockets;
}

// What the socketmap answers to one netstring.
std::string lookup(std::string const& folder, std::string const& request, std::size_t length)
{
    net::TestPeer client(folder + "/map.sock");
    EXPECT_EQ(client.send(request), request.size());
    return client.receive(length);
}

net::HttpResponse post(std::string const& folder, std::string const& path, std::string const& body)
{
    net::HttpCall call;
    call.method = "POST";
    call.url = "http://provost/api/v1" + path;
    call.headers = {{"content-type", "application/json"}};
    call.body = body;
    call.unix_socket = folder + "/admin.sock";
    return net::call(call).value();
}

}  // namespace

TEST(House, AnActIsAnsweredWithWhenItReturnsAndStillAfterARestart)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto const settings = settings_in(folder);
    {
        daemon::House const house(settings, in_source("schema"), sockets_in(folder));
        EXPECT_EQ(post(folder, "/domains", R"({"name":"example.test"})").status, 201);
        EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
    }
    daemon::House const house(settings, in_source("schema"), sockets_in(folder));
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
}

TEST(House, AnswersFromItsCopyWhileTheRecordIsAway)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto const settings = settings_in(folder);
    {
        daemon::House const house(settings, in_source("schema"), sockets_in(folder));
        EXPECT_EQ(post(folder, "/domains", R"({"name":"example.test"})").status, 201);
    }
    std::ofstream(settings.database.url.substr(7)) << "this is no database";
    daemon::House const house(settings, in_source("schema"), sockets_in(folder));
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
    EXPECT_EQ(post(folder, "/domains", R"({"name":"new.test"})").status, 503);
}

TEST(House, WithoutACopyAndWithANewDatabaseNobodyIsToldThatHeIsUnknown)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto const settings = settings_in(folder);
    daemon::House const house(settings, in_source("schema"), sockets_in(folder));
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 8), "44:TEMP ");
    EXPECT_EQ(post(folder, "/domains", R"({"name":"example.test"})").status, 201);
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
}

TEST(House, BeginsAlsoWhereItsCopyCannotBeOpenedAndFindsItLater)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto const settings = settings_in(folder);
    {
        daemon::House const house(settings, in_source("schema"), sockets_in(folder));
        EXPECT_EQ(post(folder, "/domains", R"({"name":"example.test"})").status, 201);
    }
    std::filesystem::rename(folder + "/replica", folder + "/elsewhere");
    std::ofstream(folder + "/replica") << "in the way";
    daemon::House const house(settings, in_source("schema"), sockets_in(folder));
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 8), "44:TEMP ");
    std::filesystem::remove(folder + "/replica");
    std::filesystem::rename(folder + "/elsewhere", folder + "/replica");
    EXPECT_EQ(post(folder, "/domains", R"({"name":"new.test"})").status, 201);
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
}

TEST(House, MailIsAnsweredWhileAnActInHandKeepsItFromItsEnd)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto settings = settings_in(folder);
    settings.database.busy_timeout = std::chrono::seconds(20);
    auto house = std::make_unique<daemon::House>(settings, in_source("schema"), sockets_in(folder));
    EXPECT_EQ(post(folder, "/domains", R"({"name":"example.test"})").status, 201);

    auto const other = sql::engine_for(settings.database.url, {}).value()();
    auto lock = std::make_unique<sql::Transaction>(*other, sql::Access::write);
    auto act =
        std::async(std::launch::async, [&] { return post(folder, "/domains", R"({"name":"new.test"})").status; });
    EXPECT_EQ(act.wait_for(200ms), std::future_status::timeout);
    auto end = std::async(std::launch::async, [&] { house.reset(); });
    EXPECT_EQ(end.wait_for(200ms), std::future_status::timeout);
    EXPECT_EQ(lookup(folder, "20:domains example.test,", 12), "9:OK hosted,");
    lock.reset();
    EXPECT_EQ(act.get(), 201);
    end.get();
}

TEST(House, TwoOfThemInOneFolderAreRefused)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    daemon::House const house(settings_in(folder), in_source("schema"), {});
    EXPECT_THROW(daemon::House(settings_in(folder), in_source("schema"), {}), std::runtime_error);
}

TEST(House, ASocketWithoutAProtocolIsRefused)
{
    net::TestDirectory const directory;
    auto const folder = directory.file("state");
    auto const settings = settings_in(folder);
    std::multimap<std::string, net::Fd> sockets;
    sockets.emplace("telnet", net::bind_unix({.path = folder + "/t.sock"}).value());
    EXPECT_THROW(daemon::House(settings, in_source("schema"), std::move(sockets)), std::runtime_error);
}
