// SPDX-License-Identifier: Apache-2.0
#include "host/sockets.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

std::map<std::string, Socket> by_name(config::Settings const& settings)
{
    std::map<std::string, Socket> all;
    for (auto const& socket : sockets_of(settings)) all[socket.name] = socket;
    return all;
}

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(Sockets, EachIsOpenToWhoMustConnectAndToNobodyElse)
{
    auto const all = by_name(config::default_settings());
    ASSERT_EQ(all.size(), 10U);
    for (auto const& [name, socket] : all) EXPECT_EQ(socket.access.mode & 07U, 0U) << name << " is open to everyone";
    EXPECT_EQ(all.at("map").path, "/var/spool/postfix/provost/map");
    EXPECT_EQ(all.at("map").access.group, "postfix");
    EXPECT_EQ(all.at("policy").access.group, "postfix");
    EXPECT_EQ(all.at("postfix-auth").access.group, "postfix");
    EXPECT_EQ(all.at("dovecot-auth").access.group, "dovenull");
    EXPECT_EQ(all.at("dovecot-master").access.owner, "root");
    EXPECT_EQ(all.at("dovecot-master").access.mode, 0600U);
    EXPECT_EQ(all.at("dovecot-userdb").access.group, "vmail");
    EXPECT_EQ(all.at("dovecot-dict").access.group, "vmail");
    EXPECT_EQ(all.at("saslauthd").access.group, "sasl");
    EXPECT_EQ(all.at("saslauthd").path, "/run/provost/saslauthd/mux");
    EXPECT_EQ(all.at("postfix-saslauthd").access.group, "postfix");
    EXPECT_EQ(all.at("postfix-saslauthd").path, "/var/spool/postfix/provost/saslauthd/mux");
    EXPECT_EQ(all.at("admin").access.group, "provost");
}

TEST(Sockets, TheHoldersFileHasALineOfFiveWordsForEach)
{
    auto const text = holder_file(sockets_of(config::default_settings()));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
    EXPECT_TRUE(holds(text, "dovecot-master /run/provost/dovecot-master root root 0600\n"));
}

TEST(Sockets, ServersAreToldThemAsTheySeeThem)
{
    auto settings = config::default_settings();
    EXPECT_EQ(*dovecot_base(settings), "/run/dovecot");
    EXPECT_EQ(*dovecot_login_argument(settings), "provost/auth");
    EXPECT_EQ(*postfix_name(settings.sockets.map, "/var/spool/postfix"), "provost/map");
    EXPECT_FALSE(postfix_name("/run/provost/map", "/var/spool/postfix"));
    settings.sockets.dovecot_auth = "/run/dovecot/login/auth";  // Dovecot would remove it
    EXPECT_FALSE(dovecot_login_argument(settings));
}

TEST(Sockets, FoldersAndLinksAreMadeOnce)
{
    TestRoot const test;
    auto const settings = config::default_settings();
    Changes changes;
    // /run/dovecot is Dovecot's and root's; whoever runs this test stands in for root.
    auto const made = make_socket_folders(test.root(), settings, changes);
    if (::geteuid() != 0) GTEST_SKIP() << "needs root: it makes folders for root";
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(changes.size(), 10U);
    EXPECT_EQ(std::filesystem::read_symlink(test.path() + "/run/dovecot/auth-userdb"), "/run/provost/dovecot-userdb");
    changes.clear();
    ASSERT_TRUE(make_socket_folders(test.root(), settings, changes));
    EXPECT_TRUE(changes.empty());
}

TEST(Sockets, TmpfilesSayTheSame)
{
    auto const text = tmpfiles_conf(config::default_settings());
    EXPECT_TRUE(holds(text, "d /run/dovecot/login 0750 root dovenull -\n"));
    EXPECT_TRUE(holds(text, "d /var/spool/postfix/provost 0750 root postfix -\n"));
    EXPECT_TRUE(holds(text, "L+ /run/dovecot/auth-master - - - - /run/provost/dovecot-master\n"));
}

TEST(Sockets, WhereCyrusHasTheMailboxesThereAreNoneForDovecotAndAFolderForLetters)
{
    auto settings = config::default_settings();
    settings.mail.target = "cyrus";
    for (auto const& socket : sockets_of(settings)) EXPECT_FALSE(socket.name.starts_with("dovecot-")) << socket.name;
    EXPECT_EQ(sockets_of(settings).size(), 6U);
    EXPECT_TRUE(socket_links(settings).empty());
    EXPECT_EQ(cyrus_lmtp_socket(settings), "/var/spool/postfix/provost-lmtp/lmtp");
    auto const text = tmpfiles_conf(settings);
    EXPECT_NE(text.find("d /var/spool/postfix/provost-lmtp 0750 cyrus postfix -\n"), std::string::npos);
    EXPECT_EQ(text.find("dovecot"), std::string::npos);
    settings.cyrus.imapd_conf = "";  // it runs on another host
    EXPECT_EQ(tmpfiles_conf(settings).find("lmtp"), std::string::npos);
}
