// SPDX-License-Identifier: Apache-2.0
#include "host/reload_cyrus.h"

#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "host/cyrus_now.h"
#include "host/sockets.h"
#include "net/line_client.h"

namespace provost::host {

namespace {

constexpr std::chrono::seconds patience{20};  // it looks its databases over first
constexpr std::chrono::milliseconds pause{20};
constexpr net::LineClient::Limits limits{.timeout = patience, .longest_line = 8192, .longest_literal = 8192};

// 3.6 writes it into /run, 3.10 into its own folder.
std::vector<std::string> pid_files(Root const& root, config::Settings const& settings)
{
    std::vector<std::string> files{"/run/cyrus-master.pid"};
    auto const now = read_cyrus(root, settings);
    auto const value = [&](std::string_view name, std::string const& otherwise) {
        auto const set = now ? now->value(name) : std::string();
        return set.empty() ? otherwise : set;
    };
    files.push_back(value("master_pid_file", value("configdirectory", "/var/lib/cyrus") + "/master.pid"));
    return files;
}

// The file that names a master which runs; empty where none does.
std::string pid_file(Root const& root, config::Settings const& settings)
{
    for (auto const& file : pid_files(root, settings)) {
        auto const text = root.read(file);
        auto const pid = text ? to_integer(trimmed(*text)) : std::nullopt;
        if (!pid) continue;
        auto const name = root.read("/proc/" + std::to_string(*pid) + "/comm");
        if (name && trimmed(*name) == "cyrmaster") return file;
    }
    return {};
}

bool works(Runner const& run, std::vector<std::string> const& words) { return run(words).has_value(); }

bool has_systemd(Root const& root) { return root.exists("/run/systemd/system"); }

// Whether it did.
Result<bool> start_anew(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes)
{
    if (has_systemd(root) && (works(run, {"systemctl", "is-active", "--quiet", cyrus_unit}) ||
                              works(run, {"systemctl", "is-enabled", "--quiet", cyrus_unit}))) {
        TRY(run({"systemctl", "restart", cyrus_unit}));
    } else {
        auto const file = pid_file(root, settings);
        if (file.empty()) return false;
        TRY(run({"start-stop-daemon", "--stop", "--quiet", "--retry=QUIT/10/TERM/10/KILL/5", "--pidfile", root.at(file),
                 "--name", "cyrmaster"}));
        TRY(run({"/usr/sbin/cyrmaster", "-d"}));
    }
    changes.push_back("restarted Cyrus");
    return true;
}

bool greets(Root const& root, std::string const& socket)
{
    auto client = net::LineClient::connect_unix(root.at(socket), limits);
    auto const greeting = client ? client->read_line() : Result<std::string>(tl::make_unexpected(client.error()));
    return greeting && greeting->starts_with("220 ");
}

}  // namespace

bool cyrus_runs(Root const& root, config::Settings const& settings, Runner const& run)
{
    if (has_systemd(root) && works(run, {"systemctl", "is-active", "--quiet", cyrus_unit})) return true;
    return !pid_file(root, settings).empty();
}

Result<void> restart_cyrus(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes)
{
    auto const did = TRY(start_anew(root, settings, run, changes));
    if (!did) return {};
    auto const socket = cyrus_lmtp_socket(settings);
    Stopwatch const watch;
    while (!greets(root, socket)) {
        if (watch.elapsed() > patience) {
            return fail(Fault::unavailable,
                        "Cyrus does not answer at " + socket + " after it was started anew: its log tells why");
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

Result<void> release_cyrus(Root const& root, config::Settings const& settings, Runner const& run, Changes& changes)
{
    TRY(start_anew(root, settings, run, changes));
    auto const socket = root.at(cyrus_lmtp_socket(settings));
    struct stat status {};
    if (::lstat(socket.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(socket.c_str());
    return {};
}

}  // namespace provost::host
