// SPDX-License-Identifier: Apache-2.0
#include "host/sockets.h"

#include <filesystem>

#include <fmt/format.h>

namespace provost::host {

namespace {

std::string parent(std::string const& path) { return std::filesystem::path(path).parent_path(); }

// The folder that Dovecot chroots its login processes to.
std::string dovecot_login(config::Settings const& settings) { return parent(parent(settings.sockets.dovecot_auth)); }

// Dovecot's sockets are for its users and groups, which no host with Cyrus has.
bool has_dovecot(config::Settings const& settings) { return settings.mail.target == "dovecot"; }
bool has_cyrus(config::Settings const& settings)
{
    return settings.mail.target == "cyrus" && !settings.cyrus.imapd_conf.empty();
}

std::string mode_text(Access const& access) { return fmt::format("{:04o}", access.mode); }

}  // namespace

std::vector<Socket> sockets_of(config::Settings const& settings)
{
    auto const& paths = settings.sockets;
    auto const& mail = settings.mail.group;
    auto const& admins = settings.api.admin_group.empty() ? "provost" : settings.api.admin_group;
    std::vector<Socket> sockets{
        // smtpd, cleanup and trivial-rewrite ask as user postfix; others could list addresses and guess passwords.
        {"map", paths.map, {"provost", "postfix", 0660}, "Postfix's maps"},
        // smtpd alone.
        {"policy", paths.policy, {"provost", "postfix", 0660}, "Postfix's questions whether a mailbox has room"},
        {"postfix-auth", paths.postfix_auth, {"provost", "postfix", 0660}, "Postfix's sign-ins"},
        // imap-login, pop3-login and managesieve-login connect as dovenull.
        {"dovecot-auth", paths.dovecot_auth, {"provost", "dovenull", 0660}, "Dovecot's sign-ins"},
        // imap, pop3 and managesieve ask while they are still root; whoever connects may ask for any user's session.
        {"dovecot-master", paths.dovecot_master, {"root", "root", 0600}, "Dovecot's sessions"},
        // lmtp and doveadm ask as root, lda and shared folders as the mail user. Not for everyone: LIST names all
        // users.
        {"dovecot-userdb", paths.dovecot_userdb, {"provost", mail, 0660}, "Dovecot's look-ups of users"},
        // imap, pop3 and lmtp report usage and last sign-ins as the mail user.
        {"dovecot-dict", paths.dovecot_dict, {"provost", mail, 0660}, "usage and last sign-ins from Dovecot"},
        // Cyrus's servers ask as user cyrus, whom Debian puts into this group, as it does with all who may ask
        // saslauthd.
        {"saslauthd", paths.saslauthd, {"provost", "sasl", 0660}, "sign-ins by the protocol of saslauthd"},
        // smtpd alone.
        {"postfix-saslauthd",
         paths.postfix_saslauthd,
         {"provost", "postfix", 0660},
         "Postfix's sign-ins by the protocol of saslauthd"},
        // root, and the members of admin_group; the daemon looks at the peer's credentials besides.
        {"admin", paths.admin, {"provost", admins, 0660}, "the command provost"},
    };
    if (!has_dovecot(settings)) {
        std::erase_if(sockets, [](auto const& socket) { return socket.name.starts_with("dovecot-"); });
    }
    return sockets;
}

Socket helper_socket(config::Settings const& settings)
{
    return {helper_socket_name, settings.state.run + "/helper.sock", {"root", "provost", 0660}, "what needs root"};
}

std::string cyrus_lmtp_socket(config::Settings const& settings) { return settings.sockets.postfix_dir + "-lmtp/lmtp"; }

Result<std::string> dovecot_base(config::Settings const& settings)
{
    auto const login = std::filesystem::path(dovecot_login(settings));
    if (login.filename() != "login" || !login.has_relative_path()) {
        return refuse(Fault::invalid, "sockets.dovecot_auth", settings.sockets.dovecot_auth,
                      "must be in a folder of its own in Dovecot's login folder, such as "
                      "/run/dovecot/login/provost/auth");
    }
    return std::string(login.parent_path());
}

Result<std::string> dovecot_login_argument(config::Settings const& settings)
{
    auto const login = TRY(dovecot_base(settings)) + "/login/";
    return settings.sockets.dovecot_auth.substr(login.size());
}

Result<std::string> postfix_name(std::string const& socket, std::string const& queue_directory)
{
    auto const inside = queue_directory + "/";
    if (!socket.starts_with(inside)) {
        return refuse(Fault::invalid, "sockets.postfix_dir", socket,
                      "must be inside " + queue_directory + ", to which Postfix is chrooted");
    }
    return socket.substr(inside.size());
}

std::vector<Folder> socket_folders(config::Settings const& settings)
{
    auto const& paths = settings.sockets;
    auto const login = dovecot_login(settings);
    std::vector<Folder> folders{
        // Root's: whoever else could replace a socket there could lead its maker, who gives it away by its name,
        // astray.
        {settings.state.run, {"root", "root", 0755}},
        {parent(paths.saslauthd), {"root", "sasl", 0750}},
        {parent(paths.map), {"root", "postfix", 0750}},
        {parent(paths.postfix_saslauthd), {"root", "postfix", 0750}},
    };
    if (has_cyrus(settings)) folders.push_back({parent(cyrus_lmtp_socket(settings)), {"cyrus", "postfix", 0750}});
    if (!has_dovecot(settings)) return folders;
    std::vector<Folder> const of_dovecot{
        // Dovecot makes these two the same way, and takes them as they are when they are there before it.
        {parent(login), {"root", "root", 0755}, false},
        {login, {"root", "dovenull", 0750}, false},
        {parent(paths.dovecot_auth), {"root", "root", 0755}},
    };
    folders.insert(folders.end(), of_dovecot.begin(), of_dovecot.end());
    return folders;
}

std::vector<Link> socket_links(config::Settings const& settings)
{
    if (!has_dovecot(settings)) return {};
    auto const base = parent(dovecot_login(settings));
    return {
        {base + "/auth-master", settings.sockets.dovecot_master},
        {base + "/auth-userdb", settings.sockets.dovecot_userdb},
        {base + "/auth-client", settings.sockets.dovecot_auth},
    };
}

std::string holder_file(std::vector<Socket> const& sockets)
{
    std::string text;
    for (auto const& socket : sockets) {
        text += fmt::format("{} {} {} {} {}\n", socket.name, socket.path, socket.access.owner, socket.access.group,
                            mode_text(socket.access));
    }
    return text;
}

std::string tmpfiles_conf(config::Settings const& settings)
{
    std::string text;
    for (auto const& folder : socket_folders(settings)) {
        text += fmt::format("d {} {} {} {} -\n", folder.path, mode_text(folder.access), folder.access.owner,
                            folder.access.group);
    }
    for (auto const& link : socket_links(settings)) text += fmt::format("L+ {} - - - - {}\n", link.path, link.target);
    return text;
}

Result<void> make_socket_folders(Root const& root, config::Settings const& settings, Changes& changes)
{
    for (auto const& folder : socket_folders(settings)) CHECK_OK(root.folder(folder, changes));
    for (auto const& link : socket_links(settings)) CHECK_OK(root.link(link, changes));
    return {};
}

}  // namespace provost::host
