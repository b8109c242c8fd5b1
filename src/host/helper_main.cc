// SPDX-License-Identifier: Apache-2.0
// provost-helper: does as root, on a socket of its own, what the daemon may not. See provost-helper --help.
#include <cerrno>
#include <cstring>
#include <iostream>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include "base/log.h"
#include "base/process.h"
#include "config/file.h"
#include "host/files.h"
#include "host/helper.h"
#include "host/sockets.h"
#include "host/trusted.h"
#include "net/sockets.h"

namespace {

using namespace provost;

constexpr int usage_error = 2;
constexpr int temporary = 75;
constexpr int not_permitted = 77;
constexpr char const* usage =
    "Usage: provost-helper [--config FILE]\n"
    "\n"
    "Does what provostd may not, as root: removes the homes of purged mailboxes, and ends sessions of Cyrus. It takes "
    "its\n"
    "socket from systemd or provost-holder, and hears only root and the user provost.\n"
    "--config FILE   the settings, which only root may write; /etc/provost/provost.toml\n";

int complain(std::string const& words, int code)
{
    std::cerr << "provost-helper: " << words << "\n";
    return code;
}

Result<net::Fd> listening_socket()
{
    auto sockets = TRY(net::inherited_sockets());
    auto const found = sockets.find(host::helper_socket_name);
    if (found == sockets.end()) return fail(Fault::unavailable, "neither systemd nor provost-holder passed a socket");
    return std::move(found->second);
}

// Peer after peer, until there is no more listening.
int serve(net::Fd const& socket, std::vector<uid_t> const& callers, host::HelperWork const& work)
{
    for (;;) {
        pollfd waited{socket.get(), POLLIN, 0};
        if (::poll(&waited, 1, -1) < 0 && errno != EINTR) break;
        net::Fd const peer(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (peer) {
            host::converse(peer, callers, work);
        } else if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED) {
            break;
        }
    }
    return complain(std::string("cannot listen: ") + std::strerror(errno), temporary);
}

// Where Cyrus runs on this host, as its user that Debian's package makes.
std::optional<host::CyrusProcesses> cyrus_here(config::Settings const& settings, host::Root const& here)
{
    if (settings.mail.target != "cyrus" || settings.cyrus.imapd_conf.empty()) return std::nullopt;
    auto const uid = here.user("cyrus");
    auto const gid = here.group("mail");
    if (!uid || !gid) return std::nullopt;
    return host::CyrusProcesses{.uid = *uid, .gid = *gid};
}

int run(std::string const& settings_file)
{
    auto const text = host::read_trusted(settings_file);
    if (!text) return complain(text.error().message, usage_error);
    auto const settings = config::parse_settings(*text, settings_file);
    if (!settings) return complain(settings.error().message, usage_error);
    host::Root const here;
    auto const daemon = here.user("provost");
    if (!daemon) return complain(daemon.error().message, temporary);
    auto const socket = listening_socket();
    if (!socket) return complain(socket.error().message, usage_error);
    // Never to the daemon's log file: it is the daemon's to replace.
    log::start(log::Level::info);
    net::notify_ready();
    return serve(*socket, {0, *daemon}, host::helper_work(settings->mail, cyrus_here(*settings, here)));
}

}  // namespace

int main(int argc, char** argv)
{
    std::string settings_file = "/etc/provost/provost.toml";
    for (int i = 1; i < argc; ++i) {
        std::string_view const word = argv[i];
        if (word == "--help") {
            std::cout << usage;
            return 0;
        }
        if (word != "--config" || i + 1 == argc) return complain(usage, usage_error);
        settings_file = argv[++i];
    }
    if (geteuid() != 0) return complain("this acts for others: it runs as root", not_permitted);
    keep_memory_private();
    return run(settings_file);
}
