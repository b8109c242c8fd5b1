// SPDX-License-Identifier: Apache-2.0
#include "provost/door.h"

#include <cstdlib>
#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "provost/test_desk.h"

namespace provost::cli {
namespace {

struct DoorTest : testing::Test {
    DoorTest()
    {
        std::ofstream(file) << "prv_secret\nmore\n";
        chmod(file.c_str(), 0600);
        desk.around.call = [this](net::HttpCall const& call) -> Result<net::HttpResponse> {
            calls.push_back(call);
            return net::HttpResponse{200, "application/json", R"({"items":[],"next":null})"};
        };
    }
    ~DoorTest() override
    {
        unlink(file.c_str());
        for (auto const* name : {"PROVOST_URL", "PROVOST_TOKEN_FILE", "PROVOST_CA_FILE"}) unsetenv(name);
    }
    int run(std::vector<std::string> args) { return static_cast<int>(cli::run(std::move(args), desk.around)); }
    static std::string header(net::HttpCall const& call, std::string_view name)
    {
        for (auto const& [field, value] : call.headers)
            if (field == name) return value;
        return "none";
    }

    TestDesk desk;
    std::string file = desk.socket + ".token";
    std::vector<net::HttpCall> calls;
};

TEST_F(DoorTest, AUrlIsAskedWithTheTokenInTheFile)
{
    EXPECT_EQ(
        run({"--url", "https://mx.example.test:8420/", "--token-file", file, "--ca-file", "/ca.pem", "domain", "list"}),
        0);
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].url, "https://mx.example.test:8420/api/v1/domains?mask=%2A");
    EXPECT_EQ(calls[0].unix_socket, "");
    EXPECT_EQ(calls[0].ca_file, "/ca.pem");
    EXPECT_EQ(header(calls[0], "Authorization"), "Bearer prv_secret");
}

TEST_F(DoorTest, TheEnvironmentSaysItTooAndASocketIsStronger)
{
    setenv("PROVOST_URL", "http://localhost:8420", 1);
    setenv("PROVOST_TOKEN_FILE", file.c_str(), 1);
    EXPECT_EQ(run({"domain", "list"}), 0);
    EXPECT_EQ(run({"--socket", desk.socket, "domain", "list"}), 0);
    ASSERT_EQ(calls.size(), 2U);
    EXPECT_EQ(calls[0].url, "http://localhost:8420/api/v1/domains?mask=%2A");
    EXPECT_EQ(calls[1].unix_socket, desk.socket);
    EXPECT_EQ(header(calls[1], "Authorization"), "none");
}

TEST_F(DoorTest, ATokenWithoutAUrlIsNotForgotten)
{
    EXPECT_EQ(run({"--token-file", file, "domain", "list"}), 2);
    EXPECT_NE(desk.err.str().find("--token-file"), std::string::npos) << desk.err.str();
    EXPECT_EQ(run({"--ca-file", "/ca.pem", "domain", "list"}), 2);
    EXPECT_EQ(run({"--socket", desk.socket, "--token-file", file, "domain", "list"}), 2);
    EXPECT_EQ(run({"--socket", desk.socket, "--url", "https://192.0.2.1", "--token-file", file, "domain", "list"}), 2);
    EXPECT_TRUE(calls.empty());
}

TEST_F(DoorTest, ATokenIsNotSentInTheClearNorTakenFromAFileThatEverybodyReads)
{
    for (auto const* url : {"http://127.0.0.1:8420", "http://[::1]:8420", "http://127.7.1.1", "https://192.0.2.1"})
        EXPECT_TRUE(door_at(url, file, {})) << url;
    for (auto const* url : {"http://192.0.2.1:8420", "http://mx.example.test", "http://127.0.0.1.example.test/"}) {
        auto const refused = door_at(url, file, {});
        ASSERT_FALSE(refused) << url;
        EXPECT_NE(refused.error().message.find("unencrypted"), std::string::npos) << refused.error().message;
    }
    for (auto const* url : {"ftp://127.0.0.1", "127.0.0.1:8420", "https://", "https://user@host", "https://h/?a"})
        EXPECT_FALSE(door_at(url, file, {})) << url;
    EXPECT_EQ(run({"--url", "http://127.0.0.1:8420", "domain", "list"}), 2);
    chmod(file.c_str(), 0644);
    EXPECT_EQ(run({"--url", "http://127.0.0.1:8420", "--token-file", file, "domain", "list"}), 2);
    EXPECT_NE(desk.err.str().find("can be read by everybody"), std::string::npos) << desk.err.str();
    EXPECT_EQ(desk.err.str().find("prv_secret"), std::string::npos);
    EXPECT_EQ(run({"--url", "http://127.0.0.1:8420", "--token-file", "/no/such", "domain", "list"}), 2);
    EXPECT_TRUE(calls.empty());
}

}  // namespace
}  // namespace provost::cli
