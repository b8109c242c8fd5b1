// SPDX-License-Identifier: Apache-2.0
#include "host/reload.h"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/time.h"
#include "host/reload_cyrus.h"
#include "host/sockets.h"
#include "host/units.h"

namespace provost::host {

namespace {

constexpr std::chrono::seconds patience{10};  // for Dovecot's master, which closes its sockets within a second
constexpr std::chrono::milliseconds pause{10};

bool works(Runner const& run, std::vector<std::string> const& words) { return run(words).has_value(); }

bool of_systemd(Root const& root, std::string const& unit, Runner const& run)
{
    return root.exists("/run/systemd/system") && works(run, {"systemctl", "is-active", "--quiet", unit});
}

bool is_socket(std::string const& path)
{
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

bool has_sockets(Root const& root, std::vector<Link> const& links)
{
    return std::any_of(links.begin(), links.end(), [&](auto const& link) { return is_socket(root.at(link.path)); });
}

Result<void> remove_links(Root const& root, std::vector<Link> const& links, Changes& changes)
{
    for (auto const& [path, target] : links) {
        std::error_code error;
        if (std::filesystem::read_symlink(root.at(path), error) != target || error) continue;
        CHECK_OK(root.put(path, {}));
        changes.push_back("removed the link " + path);
    }
    return {};
}

Result<void> wait_until_gone(Root const& root, std::vector<Link> const& links)
{
    Stopwatch const watch;
    while (has_sockets(root, links)) {
        if (watch.elapsed() > patience) {
            return fail(Fault::conflict, "Dovecot keeps sockets of its own at " + links.front().path +
                                             " and beside it: is its configuration changed after ours?");
        }
        std::this_thread::sleep_for(pause);
    }
    return {};
}

// By systemctl where systemd runs this host and started it, else by the server's own command.
Result<void> reload_dovecot(Root const& root, Runner const& run, Changes& changes)
{
    TRY(run(of_systemd(root, "dovecot", run) ? std::vector<std::string>{"systemctl", "reload", "dovecot"}
                                             : std::vector<std::string>{"doveadm", "reload"}));
    changes.push_back("reloaded Dovecot");
    return {};
}

Result<void> turn_dovecot(Root const& root, Site const& site, Sockets sockets, Runner const& run, Changes& changes)
{
    auto const& settings = site.settings;
    auto const links = socket_links(settings);
    // It answers only when it runs.
    auto const runs = works(run, {"doveadm", "service", "status"});
    if (sockets == Sockets::its_own) {
        CHECK_OK(remove_links(root, links, changes));
        return runs ? reload_dovecot(root, run, changes) : Result<void>();
    }
    auto const gives_way = runs && has_sockets(root, links);
    for (auto const& folder : socket_folders(settings)) CHECK_OK(root.folder(folder, changes));
    if (!gives_way) CHECK_OK(make_socket_folders(root, settings, changes));
    CHECK_OK(start_server_sockets(root, settings, site.file, run, changes));
    if (runs) CHECK_OK(reload_dovecot(root, run, changes));
    if (!gives_way) return {};
    CHECK_OK(wait_until_gone(root, links));
    return make_socket_folders(root, settings, changes);
}

Result<void> reload_postfix(Root const& root, bool restart, Runner const& run, Changes& changes)
{
    if (!postfix_runs(root, run)) return {};
    if (restart) {
        CHECK_OK(start_postfix(root, run));
    } else if (of_systemd(root, "postfix", run)) {
        // On Debian 12 postfix.service only passes the job on to its instances, and does not tell how that went.
        TRY(run({"systemctl", "reload", "postfix", "postfix@*.service"}));
    } else {
        TRY(run(postfix_command(root, "reload")));
    }
    changes.push_back(restart ? "restarted Postfix" : "reloaded Postfix");
    return {};
}

}  // namespace

std::vector<std::string> postfix_command(Root const& root, std::string const& verb)
{
    if (root.is_host()) return {"postfix", verb};
    return {"postfix", "-c", root.at("/etc/postfix"), verb};
}

bool postfix_runs(Root const& root, Runner const& run) { return works(run, postfix_command(root, "status")); }

Result<void> start_postfix(Root const& root, Runner const& run)
{
    if (of_systemd(root, "postfix", run)) {
        TRY(run({"systemctl", "restart", "postfix", "postfix@*.service"}));
    } else {
        if (postfix_runs(root, run)) TRY(run(postfix_command(root, "stop")));
        TRY(run(postfix_command(root, "start")));
    }
    // Neither of them tells of a master that ended at once.
    if (postfix_runs(root, run)) return {};
    return fail(Fault::unavailable, "Postfix does not run after it was started anew: its log tells why");
}

Result<void> reload_servers(Root const& root, Site const& site, Reload const& reload, Runner const& run,
                            Changes& changes)
{
    bool const is_ours = reload.sockets == Sockets::ours;
    auto const& settings = site.settings;
    if (reload.dovecot) CHECK_OK(turn_dovecot(root, site, reload.sockets, run, changes));
    if (!reload.dovecot && is_ours) {
        CHECK_OK(make_socket_folders(root, settings, changes));
        CHECK_OK(start_server_sockets(root, settings, site.file, run, changes));
    }
    if (reload.cyrus) {
        CHECK_OK((is_ours ? restart_cyrus : release_cyrus)(root, settings, run, changes));
    }
    CHECK_OK(reload_postfix(root, reload.restart_postfix, run, changes));
    return is_ours ? Result<void>() : stop_server_sockets(root, settings, site.file, run, changes);
}

}  // namespace provost::host
