// SPDX-License-Identifier: Apache-2.0
#include "host/units.h"

#include <map>

#include <gtest/gtest.h>

#include "host/sockets.h"
#include "host/test_root.h"

using namespace provost;
using namespace provost::host;

namespace {

std::map<std::string, std::string> by_name(config::Settings const& settings = config::default_settings())
{
    std::map<std::string, std::string> all;
    for (auto const& unit : systemd_units(settings, {})) all[unit.name] = unit.text;
    return all;
}

bool holds(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST(Units, ThereIsASocketForEachPlaceWhereSomebodyAsks)
{
    auto const all = by_name();
    ASSERT_EQ(all.size(), 14U);
    auto const& map = all.at("provost-map.socket");
    EXPECT_TRUE(holds(map, "ListenStream=/var/spool/postfix/provost/map\n"));
    EXPECT_TRUE(holds(map, "FileDescriptorName=map\n"));
    EXPECT_TRUE(holds(map, "SocketUser=provost\nSocketGroup=postfix\nSocketMode=0660\n"));
    EXPECT_TRUE(holds(map, "Service=provostd.service\n"));
    auto const& helper = all.at("provost-helper.socket");
    EXPECT_TRUE(holds(helper, "ListenStream=/run/provost/helper.sock\n"));
    EXPECT_TRUE(holds(helper, "SocketUser=root\nSocketGroup=provost\nSocketMode=0660\n"));
    EXPECT_TRUE(holds(helper, "Service=provost-helper.service\n"));
}

// systemd would give a service up that ends often, and its sockets with it.
TEST(Units, AreNeverGivenUp)
{
    for (auto const& [name, text] : by_name()) {
        bool const is_socket = name.ends_with(".socket");
        EXPECT_EQ(holds(text, "TriggerLimitIntervalSec=0\n"), is_socket) << name;
        EXPECT_EQ(holds(text, "StartLimitIntervalSec=0\n"), holds(text, "\nRestart=")) << name;
    }
}

TEST(Units, TheDaemonHasNoRightsAndTheHelperTwo)
{
    auto const all = by_name();
    EXPECT_TRUE(holds(all.at("provostd.service"), "User=provost\n"));
    EXPECT_TRUE(holds(all.at("provostd.service"), "CapabilityBoundingSet=\n"));
    EXPECT_TRUE(holds(all.at("provost-helper.service"), "CapabilityBoundingSet=CAP_SETUID CAP_SETGID\n"));
    EXPECT_TRUE(holds(all.at("provost-helper.service"), "PrivateNetwork=yes\n"));
}

// Both hold what nobody else may see: the one passwords, the other root's rights.
TEST(Units, NoServiceLeavesACoreOrAFileForOthers)
{
    auto const all = by_name();
    for (auto const* name : {"provostd.service", "provost-helper.service"}) {
        EXPECT_TRUE(holds(all.at(name), "\nLimitCORE=0\n")) << name;
        EXPECT_TRUE(holds(all.at(name), "\nUMask=0077\n")) << name;
        EXPECT_TRUE(holds(all.at(name), "\nProtectProc=invisible\n")) << name;
    }
}

TEST(Units, FollowTheSettings)
{
    auto settings = config::default_settings();
    settings.state.folder = "/srv/provost";
    settings.mail.mail_root = "/home/vmail";
    settings.log.file = "/var/log/provost/provostd.log";
    auto const all = by_name(settings);
    EXPECT_TRUE(holds(all.at("provostd.service"), "ReadWritePaths=/srv/provost /var/log/provost\n"));
    EXPECT_TRUE(holds(all.at("provostd.service"), "ProtectHome=yes\n"));
    EXPECT_TRUE(holds(all.at("provost-helper.service"), "ReadWritePaths=-/home/vmail\n"));
    EXPECT_TRUE(holds(all.at("provost-helper.service"), "ProtectHome=read-only\n")) << "homes would be hidden";
    UnitOptions const options{"/opt/bin", "/etc/other.toml"};
    for (auto const& unit : systemd_units(settings, options)) {
        if (unit.name != "provostd.service") continue;
        EXPECT_TRUE(holds(unit.text, "ExecStart=/opt/bin/provostd --config /etc/other.toml\n"));
    }
}

TEST(Units, SocketsThatWentWithAFolderAreMadeAgainBeforeTheServersStart)
{
    auto const text = by_name().at("provost-sockets.service");
    EXPECT_TRUE(holds(text, "ConditionPathExists=|!/run/dovecot/login/provost/auth\n"));
    EXPECT_TRUE(holds(text, "Before=postfix.service postfix@-.service dovecot.service\n"));
    EXPECT_TRUE(holds(text, " provost-dovecot-auth.socket"));
    EXPECT_FALSE(holds(text, "admin.sock\n"));
}

TEST(Units, NothingIsStartedInAnotherRoot)
{
    TestRoot const test;
    std::filesystem::create_directories(test.path() + "/run/systemd/system");
    std::filesystem::create_directories(test.path() + unit_folder);
    std::ofstream(test.path() + unit_folder + "/provostd.service") << by_name().at("provostd.service");
    Changes changes;
    Runner const nothing = [](auto const& words) -> Result<std::string> {
        ADD_FAILURE() << "ran " << words.front();
        return fail(Fault::unavailable, "nothing is run here");
    };
    auto const settings = config::default_settings();
    EXPECT_TRUE(start_daemon(test.root(), settings, UnitOptions().settings_file, nothing, changes));
    EXPECT_TRUE(start_server_sockets(test.root(), settings, UnitOptions().settings_file, nothing, changes));
    EXPECT_TRUE(changes.empty());
}
