// SPDX-License-Identifier: Apache-2.0
#include "host/units.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

constexpr auto daemon_unit = "provostd.service";
constexpr auto helper_unit = "provost-helper.service";
constexpr auto admin_unit = "provost-admin.socket";
constexpr auto again_unit = "provost-sockets.service";

constexpr auto made_by = "# Made from the settings by `provost init`. Changes of your own: systemctl edit UNIT\n";

// What every service of ours can do without.
constexpr auto sandbox = R"(NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
LimitCORE=0
)";

std::string unit_of(Socket const& socket) { return "provost-" + socket.name + ".socket"; }

std::string socket_text(Socket const& socket, std::string const& service)
{
    return made_by + fmt::format(R"([Unit]
Description=Provost: {what}

[Socket]
ListenStream={path}
FileDescriptorName={name}
SocketUser={owner}
SocketGroup={group}
SocketMode={mode:04o}
Backlog=4096
RemoveOnStop=yes
# However often the service ends, whoever connects waits for it.
TriggerLimitIntervalSec=0
Service={service}

[Install]
WantedBy=sockets.target
)",
                                 fmt::arg("what", socket.what), fmt::arg("path", socket.path),
                                 fmt::arg("name", socket.name), fmt::arg("owner", socket.access.owner),
                                 fmt::arg("group", socket.access.group), fmt::arg("mode", socket.access.mode),
                                 fmt::arg("service", service));
}

std::vector<std::string> units_of(std::vector<Socket> const& sockets)
{
    std::vector<std::string> units;
    for (auto const& socket : sockets) units.push_back(unit_of(socket));
    return units;
}

// systemd hides or protects people's homes, and with them what somebody keeps for us there.
std::string home_protection(std::vector<std::string> const& ours)
{
    for (auto const& path : ours) {
        for (auto const* home : {"/home/", "/root/", "/run/user/"}) {
            if (path.starts_with(home)) return "read-only";
        }
    }
    return "yes";
}

std::string daemon_text(config::Settings const& settings, UnitOptions const& options)
{
    std::vector<std::string> writable{settings.state.folder};
    if (!settings.log.file.empty()) writable.push_back(std::filesystem::path(settings.log.file).parent_path());
    return made_by + fmt::format(R"([Unit]
Description=Provost, the directory of mail accounts
Documentation=man:provostd(8) man:provost.toml(5)
RequiresMountsFor={folders}
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={programs}/provostd --config {settings_file}
ExecReload=kill -HUP $MAINPID
User=provost
Group=provost
UMask=0077
Restart=always
RestartSec=100ms
LimitNOFILE=65536
RemoveIPC=yes
ReadWritePaths={folders}
ProtectHome={home}
{sandbox}RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
CapabilityBoundingSet=

[Install]
WantedBy=multi-user.target
)",
                                 fmt::arg("programs", options.programs),
                                 fmt::arg("settings_file", options.settings_file),
                                 fmt::arg("folders", joined(writable, " ")),
                                 fmt::arg("home", home_protection(writable)), fmt::arg("sandbox", sandbox));
}

// "-": where the root of all mail is not there, the helper says so itself. Not RestrictSUIDSGID: it forbids openat2(2),
// by which the helper stays in one file system.
std::string helper_text(config::Settings const& settings, UnitOptions const& options)
{
    auto const& mail = settings.mail.mail_root;
    return made_by + fmt::format(R"([Unit]
Description=Provost: what needs root
Documentation=man:provostd(8)
RequiresMountsFor={mail}
# Both read the settings when they start.
PartOf=provostd.service
StartLimitIntervalSec=0

[Service]
Type=notify
ExecStart={programs}/provost-helper --config {settings_file}
Restart=on-failure
RestartSec=100ms
UMask=0077
ReadWritePaths=-{mail}
ProtectHome={home}
{sandbox}PrivateNetwork=yes
RestrictAddressFamilies=AF_UNIX
SystemCallFilter=@system-service
# It removes homes as the mail user.
CapabilityBoundingSet=CAP_SETUID CAP_SETGID
)",
                                 fmt::arg("programs", options.programs),
                                 fmt::arg("settings_file", options.settings_file), fmt::arg("mail", mail),
                                 fmt::arg("home", home_protection({mail})), fmt::arg("sandbox", sandbox));
}

std::vector<Socket> server_sockets(config::Settings const& settings)
{
    auto sockets = sockets_of(settings);
    std::erase_if(sockets, [](auto const& socket) { return unit_of(socket) == admin_unit; });
    return sockets;
}

// A server's folder may go while nobody looks, as when its package is purged and installed anew. Our sockets in it are
// then held, and found by nobody.
std::string again_text(config::Settings const& settings)
{
    std::string conditions;
    for (auto const& socket : server_sockets(settings)) {
        conditions += "ConditionPathExists=|!" + socket.path + "\n";
    }
    auto const units = units_of(sockets_of(settings));
    return made_by + fmt::format(R"([Unit]
Description=Provost: makes the sockets again that went with a folder
{conditions}Before=postfix.service postfix@-.service dovecot.service

[Service]
Type=oneshot
ExecStart=systemd-tmpfiles --create provost.conf
ExecStart=systemctl stop {units}
ExecStart=systemctl stop provostd.service
ExecStart=systemctl start {units}
ExecStart=systemctl start provostd.service

[Install]
WantedBy=postfix.service dovecot.service
)",
                                 fmt::arg("conditions", conditions), fmt::arg("units", joined(units, " ")));
}

Result<void> systemctl(Runner const& run, std::vector<std::string> words, std::vector<std::string> const& units)
{
    words.insert(words.begin(), "systemctl");
    words.insert(words.end(), units.begin(), units.end());
    TRY(run(words));
    return {};
}

struct UnitState {
    bool is_active = false;
    bool is_enabled = false;  // starts with the host
};

Result<UnitState> state_of(std::string const& unit, Runner const& run)
{
    auto const shown = TRY(run({"systemctl", "show", "--property=ActiveState,UnitFileState", unit}));
    return UnitState{shown.find("ActiveState=active") != std::string::npos,
                     shown.find("UnitFileState=enabled") != std::string::npos};
}

// What the units of this host were made with; nothing where systemd does not run it, or they obey other settings.
std::optional<UnitOptions> installed(Root const& root, std::string const& settings_file)
{
    if (!root.is_host() || !root.exists("/run/systemd/system")) return std::nullopt;
    auto const text = root.read(std::string(unit_folder) + "/" + daemon_unit);
    if (!text) return std::nullopt;
    std::string const begin = "\nExecStart=";
    auto const end = "/provostd --config " + settings_file + "\n";
    auto const from = text->find(begin);
    auto const to = text->find(end, from == std::string::npos ? 0 : from);
    if (from == std::string::npos || to == std::string::npos) return std::nullopt;
    auto const programs = from + begin.size();
    return UnitOptions{text->substr(programs, to - programs), settings_file};
}

// Whether all of them run, once those that do not start with the host are told to.
Result<bool> enable(std::vector<std::string> const& units, Runner const& run, Changes& changes)
{
    bool all_run = true;
    for (auto const& unit : units) {
        auto const state = TRY(state_of(unit, run));
        all_run = all_run && state.is_active;
        if (state.is_enabled) continue;
        CHECK_OK(systemctl(run, {"enable", "--quiet"}, {unit}));
        changes.push_back("enabled " + unit);
    }
    return all_run;
}

// Also those that run already. Sockets cannot be made while the service runs that gets them; and are the first to end,
// so that none of them starts it meanwhile.
Result<void> start_again(config::Settings const& settings, std::vector<std::string> sockets, Runner const& run,
                         Changes& changes)
{
    auto all = units_of(sockets_of(settings));
    all.push_back(unit_of(helper_socket(settings)));
    for (auto const& unit : all) {
        bool const is_wanted = std::find(sockets.begin(), sockets.end(), unit) != sockets.end();
        if (!is_wanted && TRY(state_of(unit, run)).is_active) sockets.push_back(unit);
    }
    CHECK_OK(systemctl(run, {"stop"}, sockets));
    CHECK_OK(systemctl(run, {"stop"}, {daemon_unit, helper_unit}));
    CHECK_OK(systemctl(run, {"start"}, sockets));
    CHECK_OK(systemctl(run, {"start"}, {daemon_unit}));
    changes.push_back("started " + joined(sockets, ", ") + ", " + daemon_unit);
    return {};
}

}  // namespace

std::vector<Unit> systemd_units(config::Settings const& settings, UnitOptions const& options)
{
    std::vector<Unit> units;
    for (auto const& socket : sockets_of(settings))
        units.push_back({unit_of(socket), socket_text(socket, daemon_unit)});
    auto const helper = helper_socket(settings);
    units.push_back({unit_of(helper), socket_text(helper, helper_unit)});
    units.push_back({daemon_unit, daemon_text(settings, options)});
    units.push_back({helper_unit, helper_text(settings, options)});
    units.push_back({again_unit, again_text(settings)});
    return units;
}

Result<void> write_units(Root const& root, std::string const& folder, std::vector<Unit> const& units, Changes& changes)
{
    for (auto const& unit : units) {
        CHECK_OK(root.file(folder + "/" + unit.name, unit.text, {"root", "root", 0644}, changes));
    }
    return {};
}

Result<void> start_daemon(Root const& root, config::Settings const& settings, std::string const& settings_file,
                          Runner const& run, Changes& changes)
{
    auto const options = installed(root, settings_file);
    if (!options) return {};
    auto const units = systemd_units(settings, *options);
    Changes written;
    CHECK_OK(write_units(root, unit_folder, units, written));
    if (!written.empty()) CHECK_OK(systemctl(run, {"daemon-reload"}, {}));
    changes.insert(changes.end(), written.begin(), written.end());
    std::vector<std::string> const sockets{admin_unit, unit_of(helper_socket(settings))};
    auto const all_run = TRY(enable({sockets[0], sockets[1], daemon_unit}, run, changes));
    if (all_run && written.empty()) return {};
    return start_again(settings, sockets, run, changes);
}

Result<void> start_server_sockets(Root const& root, config::Settings const& settings, std::string const& settings_file,
                                  Runner const& run, Changes& changes)
{
    if (!installed(root, settings_file)) return {};
    auto const sockets = units_of(server_sockets(settings));
    TRY(enable({again_unit}, run, changes));
    if (TRY(enable(sockets, run, changes))) return {};
    return start_again(settings, sockets, run, changes);
}

Result<void> stop_server_sockets(Root const& root, config::Settings const& settings, std::string const& settings_file,
                                 Runner const& run, Changes& changes)
{
    if (!installed(root, settings_file)) return {};
    auto const sockets = units_of(server_sockets(settings));
    bool is_any = false;
    for (auto const& unit : sockets) {
        auto const state = TRY(state_of(unit, run));
        is_any = is_any || state.is_active || state.is_enabled;
    }
    if (!is_any) return {};
    CHECK_OK(systemctl(run, {"disable", "--quiet", again_unit}, sockets));
    CHECK_OK(systemctl(run, {"stop"}, sockets));
    changes.push_back("disabled " + joined(sockets, ", "));
    return start_again(settings, {admin_unit, unit_of(helper_socket(settings))}, run, changes);
}

}  // namespace provost::host
