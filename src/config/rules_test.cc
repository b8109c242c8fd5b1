// SPDX-License-Identifier: Apache-2.0
#include "config/rules.h"

#include <gtest/gtest.h>

using namespace provost::config;

TEST(Rules, APathMayStandUnquotedInEveryServersFile)
{
    for (auto path : {"/", "/var/lib/provost", "/srv/mail_1/a-b.c"}) EXPECT_TRUE(is_plain_path(path)) << path;
    for (auto path : {"", "var/lib", "/a b", "/a\nb", "/a\"b", "/a/../b", "/a$b", "/a#b", "/a{b"}) {
        EXPECT_FALSE(is_plain_path(path)) << path;
    }
}

TEST(Rules, ASocketsPathFitsItsAddress)
{
    EXPECT_TRUE(is_socket_path("/" + std::string(106, 'a')));
    EXPECT_FALSE(is_socket_path("/" + std::string(107, 'a')));
}

TEST(Rules, ADoorIsAHostAndAPort)
{
    EXPECT_EQ(parse_host_port("127.0.0.1:143", "doors.imap")->port, 143);
    EXPECT_EQ(parse_host_port("[::1]:993", "doors.imap")->host, "::1");
    EXPECT_EQ(parse_host_port("mx.example.org:65535", "doors.imap")->host, "mx.example.org");
    EXPECT_TRUE(is_door(""));
    for (auto door : {"127.0.0.1", ":143", "127.0.0.1:0", "127.0.0.1:65536", "a b:1", "::1:993", "host:imap", "[]:1"}) {
        EXPECT_FALSE(parse_host_port(door, "doors.imap")) << door;
    }
}

TEST(Rules, AUrlGivesHostPortAndPath)
{
    auto const url = parse_http_url("http://127.0.0.1:8080/doveadm/v1", "dovecot.doveadm_url");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->at.host, "127.0.0.1");
    EXPECT_EQ(url->at.port, 8080);
    EXPECT_EQ(url->path, "/doveadm/v1");
    for (auto text : {"https://127.0.0.1:8080/", "http://127.0.0.1/", "http://a:1/b c", "127.0.0.1:8080"}) {
        EXPECT_FALSE(is_url(text)) << text;
    }
}

TEST(Rules, AUsersNameIsOneThatUseraddTakes)
{
    for (auto name : {"vmail", "_mail", "mail-1"}) EXPECT_TRUE(is_system_name(name)) << name;
    for (auto name : {"", "Vmail", "1mail", "-mail", "v mail", "v:mail"}) EXPECT_FALSE(is_system_name(name)) << name;
}

TEST(Rules, ABrokenRuleIsToldWithFieldValueAndRule)
{
    auto const number = check(between(1, 64), 65, "workers.database");
    ASSERT_FALSE(number);
    EXPECT_EQ(number.error().field, "workers.database");
    EXPECT_NE(number.error().message.find("65"), std::string::npos);
    EXPECT_NE(number.error().message.find("from 1 to 64"), std::string::npos);
    auto const choice = check(one_of("debug info"), "inf", "log.level");
    ASSERT_FALSE(choice);
    EXPECT_NE(choice.error().message.find("did you mean info?"), std::string::npos);
    EXPECT_TRUE(check(between("0s", "5s"), std::chrono::seconds(5), "x"));
    EXPECT_FALSE(check(between("0s", "5s"), std::chrono::milliseconds(5001), "x"));
}

TEST(Rules, NetworksArePartedByBlanks)
{
    for (auto text : {"", "127.0.0.1", "10.0.0.0/8  ::1", "2001:db8::/128", "0.0.0.0/0"})
        EXPECT_TRUE(are_networks(text)) << text;
    for (auto text : {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8,::1", "::1/129", "10.0.0.0/-1"})
        EXPECT_FALSE(are_networks(text)) << text;
}

TEST(Rules, FoldersAreWordsPartedByBlanks)
{
    for (char const* text : {"", "Sent", "Sent Drafts", "Sent  Drafts ", "My-Junk_2"})
        EXPECT_TRUE(are_folder_names(text)) << text;
    for (char const* text : {"Sent/Old", "Sent.Old", "Entw\xC3\xBCrfe", "Sent\tDrafts", "\"", "*"})
        EXPECT_FALSE(are_folder_names(text)) << text;
}
