// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus_files.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::host;

namespace {

using Kind = ImapdEdit::Kind;
using Known = std::map<std::string, std::string, std::less<>>;

Known read(std::string const& text)
{
    auto const options = parse_imapd_conf(text, "imapd.conf");
    if (!options) return {{"refused", options.error().message}};
    Known known;
    for (auto const& option : *options) known[option.name] = option.value;
    return known;
}

std::string edited(std::string const& text, std::vector<ImapdEdit> const& edits)
{
    auto const done = with_edits(text, pending_edits(edits, read(text)), "imapd.conf");
    return done ? *done : done.error().message;
}

constexpr auto cyrus_conf =
    "# ours\nSTART {\n  recover cmd=\"ctl_cyrusdb -r\"\n}\nSERVICES {\n"
    "\timap\tcmd=\"imapd -U 30\" listen=\"imap\" prefork=0 maxchild=100  # people\n\t#pop3 cmd=\"pop3d\" "
    "listen=\"pop3\"\n"
    "  imaps cmd=\"imapd -s\" listen=993\n}\n";

}  // namespace

TEST(ImapdConf, IsReadAsCyrusReadsIt)
{
    struct {
        char const* text;
        Known known;
    } const cases[] = {
        {"admins: cyrus\n", {{"admins", "cyrus"}}},
        {"  Admins :x\n", {{"refused", "imapd.conf:1: a setting's name and \":\" are expected"}}},
        {"\tAllowPlaintext:\tno  \r\n", {{"allowplaintext", "no"}}},
        {"a: b # c\n", {{"a", "b # c"}}},  // no comment comes after a value
        {"# a: b\n\n  # c\n", {}},
        {"a: b \\\n  c\\\nd\ne: f", {{"a", "b   cd"}, {"e", "f"}}},
        {"a: b\\", {{"refused", "imapd.conf:1: the last line ends in a backslash: take that out"}}},
        {"a: b\nA: c\n", {{"refused", "imapd.conf:2: a is set a second time"}}},
        {"a:\n", {{"refused", "imapd.conf:1: a has no value"}}},
        {"@include: /etc/x\n", {{"@include", "/etc/x"}}},
        {"@inclyde: /etc/x\n", {{"refused", "imapd.conf:1: @inclyde is no directive of Cyrus"}}},
        {"x\n", {{"refused", "imapd.conf:1: a setting's name and \":\" are expected"}}},
    };
    for (auto const& c : cases) EXPECT_EQ(read(c.text), c.known) << c.text;
}

TEST(ImapdConf, ASettingChangesWhereItStandsAndAllElseStays)
{
    EXPECT_EQ(edited("# about a\na: b\n#a: example\nz: y\n", {{Kind::set, "a", "c"}}),
              "# about a\na: c\n#a: example\nz: y\n");
    EXPECT_EQ(edited("a: b \\\n c\nz: y", {{Kind::set, "a", "d"}}), "a: d\nz: y");
    EXPECT_EQ(edited("a: b\nz: y\n", {{Kind::remove, "a"}}), "z: y\n");
    EXPECT_EQ(edited("z: y", {{Kind::set, "a", "c"}, {Kind::set, "b", "d"}}),
              "z: y\n\n# Set by Provost.\na: c\nb: d\n");
    EXPECT_EQ(edited("z: y\n\n# Set by Provost.\na: c\n", {{Kind::set, "b", "d"}}),
              "z: y\n\n# Set by Provost.\na: c\nb: d\n");
    EXPECT_EQ(edited("", {{Kind::set, "a", "c"}}), "# Set by Provost.\na: c\n");
}

TEST(ImapdConf, AnOlderNameMakesPlaceForTheNewOne)
{
    std::vector<ImapdEdit> const edits{{Kind::set, "tls_server_cert", "/c.pem", {}, "tls_cert_file"}};
    EXPECT_EQ(edited("tls_cert_file: /old.pem\nz: y\n", edits), "tls_server_cert: /c.pem\nz: y\n");
    EXPECT_EQ(edited("tls_cert_file: /c.pem\n", edits), "tls_server_cert: /c.pem\n");
    EXPECT_EQ(edited("tls_server_cert: /c.pem\ntls_cert_file: /old.pem\n", edits), "tls_server_cert: /c.pem\n");
    EXPECT_EQ(edited("tls_server_cert: /c.pem\n", edits), "tls_server_cert: /c.pem\n");
}

TEST(ImapdConf, AListKeepsItsWords)
{
    EXPECT_EQ(edited("admins: root  mailadmin\n", {{Kind::has, "admins", "cyrus"}}), "admins: root  mailadmin cyrus\n");
    EXPECT_EQ(edited("admins: root cyrus\n", {{Kind::has, "admins", "cyrus"}}), "admins: root cyrus\n");
    EXPECT_EQ(edited("z: y\n", {{Kind::has, "admins", "cyrus"}}), "z: y\n\n# Set by Provost.\nadmins: cyrus\n");
}

TEST(ImapdConf, WhatMeansTheSameIsLeftAsItIs)
{
    for (auto const* said :
         {"allowplaintext: no\n", "allowplaintext: off\n", "allowplaintext: 0\n", "allowplaintext: false\n"}) {
        EXPECT_EQ(edited(said, {{Kind::set, "allowplaintext", "no"}}), said);
    }
    EXPECT_EQ(edited("m: LOGIN  PLAIN\n", {{Kind::set, "m", "PLAIN", {"LOGIN PLAIN"}}}), "m: LOGIN  PLAIN\n");
    EXPECT_EQ(edited("virtdomains: on\n", {{Kind::set, "virtdomains", "userid"}}), "virtdomains: userid\n");
}

TEST(CyrusConf, IsReadAsCyrusReadsIt)
{
    auto const conf = parse_cyrus_conf(cyrus_conf);
    ASSERT_TRUE(conf) << conf.error().message;
    ASSERT_EQ(conf->entries.size(), 3U);
    auto const& imap = conf->entries[1];
    EXPECT_EQ(imap.section, "SERVICES");
    EXPECT_EQ(imap.name, "imap");
    EXPECT_EQ(imap.program(), "imapd");
    EXPECT_EQ(imap.word("listen"), "imap");
    EXPECT_EQ(imap.word("maxchild"), "100");
    EXPECT_FALSE(imap.has_argument("-s"));
    EXPECT_TRUE(conf->entries[2].has_argument("-s"));
    EXPECT_EQ(std::string_view(cyrus_conf).substr(conf->end_of_services), "}\n");
}

TEST(CyrusConf, WhatCyrusWouldNotStartWithIsRefusedByItsLine)
{
    for (auto const& [text, words] :
         {std::pair("SERVICES {\n imap cmd=\"imapd\n}\n", "/etc/cyrus.conf:2: a \" is missing"),
          std::pair("SERVICES {\n imap-2 cmd=x\n}\n", "/etc/cyrus.conf:2: an entry's name"),
          std::pair("SERVICES {\n imap imapd\n}\n", "/etc/cyrus.conf:2: KEY=VALUE"),
          std::pair("SERVICES {\n imap cmd=imapd\n", "SERVICES does not end"),
          std::pair("START {\n}\n", "there are no SERVICES"), std::pair("imap\n", "a section")}) {
        auto const conf = parse_cyrus_conf(text);
        ASSERT_FALSE(conf) << text;
        EXPECT_NE(conf.error().message.find(words), std::string::npos) << conf.error().message;
    }
}

TEST(CyrusConf, AWordChangesInItsLine)
{
    EXPECT_EQ(with_word("\timap\tcmd=\"imapd -U 30\" listen=\"imap\" prefork=0 # x\n", "listen", "143"),
              "\timap\tcmd=\"imapd -U 30\" listen=\"143\" prefork=0 # x\n");
    EXPECT_EQ(with_word("  a cmd=x maxchild=5\n", "maxchild", "50"), "  a cmd=x maxchild=50\n");
    EXPECT_EQ(with_word("  a cmd=\"x maxchild=5\"  # y\n", "maxchild", "50"),
              "  a cmd=\"x maxchild=5\" maxchild=50  # y\n");
}
