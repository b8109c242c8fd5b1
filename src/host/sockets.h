// SPDX-License-Identifier: Apache-2.0
// The sockets at which the servers and the command find us: where each is, and who may connect.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"

namespace provost::host {

struct Socket {
    std::string name;  // what the daemon calls it, and its descriptor's name (sd_listen_fds_with_names(3))
    std::string path;
    Access access;
    std::string what;  // a few words for unit files
};

// map, policy, postfix-auth, dovecot-auth, dovecot-master, dovecot-userdb, dovecot-dict, saslauthd,
// postfix-saslauthd, admin. Those of Dovecot only where [mail] target says that it has the mailboxes.
std::vector<Socket> sockets_of(config::Settings const& settings);

// Not the daemon's own: where provost-helper is asked by it.
constexpr auto helper_socket_name = "helper";
Socket helper_socket(config::Settings const& settings);

// The folders the sockets are in, from the top down, and the links in Dovecot's folder that lead to them.
std::vector<Folder> socket_folders(config::Settings const& settings);
std::vector<Link> socket_links(config::Settings const& settings);

// Where Cyrus takes letters from Postfix: in Postfix's chroot, in a folder that is Cyrus's to make sockets in. Whoever
// reaches it delivers without being asked anything.
std::string cyrus_lmtp_socket(config::Settings const& settings);

// Dovecot's base_dir, to which its login processes' folder belongs: /run/dovecot for /run/dovecot/login/provost/auth.
// Refuses a socket for sign-ins that is not in a folder of its own right below a folder "login".
Result<std::string> dovecot_base(config::Settings const& settings);
// As imap-login names the socket: relative to the folder it is chrooted to. "provost/auth".
Result<std::string> dovecot_login_argument(config::Settings const& settings);
// As Postfix names a socket: relative to its queue directory. "provost/map".
Result<std::string> postfix_name(std::string const& socket, std::string const& queue_directory);

// A line "name path owner group mode" for each socket.
std::string holder_file(std::vector<Socket> const& sockets);

// tmpfiles.d(5): the folders and links that are gone after a restart of the host.
std::string tmpfiles_conf(config::Settings const& settings);

// Makes the folders and links now, where no systemd does it at start.
Result<void> make_socket_folders(Root const& root, config::Settings const& settings, Changes& changes);

}  // namespace provost::host
