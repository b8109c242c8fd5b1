// SPDX-License-Identifier: Apache-2.0
// The parts of an examination (host/doctor.h), each with the findings it makes.
#pragma once

#include <string>
#include <vector>

#include "host/doctor.h"
#include "host/dovecot_now.h"
#include "host/postfix_copy.h"
#include "host/settle.h"

namespace provost::host {

inline constexpr auto run_setup = "run `provost setup`";
inline constexpr auto run_init = "run `provost init`";

// The servers as they are, and the options by which setup would go.
struct ServersNow {
    PostfixFamily postfix_family = PostfixFamily::v3_7;
    DovecotFamily dovecot_family = DovecotFamily::v2_3;
    CyrusFamily cyrus_family = CyrusFamily::v3_6;
    PostfixNow postfix = {};
    ImapNow imap = {};
    ServerOptions options = {};
    std::vector<PostfixEdit> edits = {};  // what setup demands of Postfix
};

// doctor_daemon.cc: provostd's own state.
void examine_daemon(Examination const& exam);
void examine_services(Examination const& exam);
// Whether the daemon says that nothing was ever put into the directory: it tells the servers then that it cannot tell.
bool has_nothing_in_it(Examination const& exam);

// doctor_places.cc: folders, files, sockets, links, disks.
void examine_folders(Examination const& exam);
void examine_sockets(Examination const& exam);
void examine_lmtp(Examination const& exam, std::string const& socket);
// Whether an LMTP server greets there.
void examine_greeting(Examination const& exam, std::string const& check, std::string const& socket,
                      std::string const& cure);
void examine_disks(Examination const& exam);

// doctor_servers.cc: what Postfix's and Dovecot's files say, against what setup would write.
void examine_servers(Examination const& exam);

// doctor_cyrus.cc: the same of Cyrus. Whether it is installed, known, and could start with its files.
bool read_cyrus_for(Examination const& exam, ServersNow& now);
void examine_cyrus(Examination const& exam, ServersNow const& now);
void examine_cyrus_service(Examination const& exam);

// doctor_doors.cc: what the servers say to clients.
void examine_doors(Examination const& exam);
// Where Postfix listens for other hosts: by the entries of master.cf, as postconf -M tells them, and inet_interfaces.
// 127.0.0.1 wherever that is among them.
std::string address_of_port_25(std::string_view services, std::string_view interfaces);
void examine_doveadm(Examination const& exam);
void examine_queue(Examination const& exam);

// doctor_certificates.cc.
void examine_certificate(Examination const& exam, std::string const& whose, std::string const& certificate,
                         std::string const& key);

// "a, b and 3 more"
std::string some_of(std::vector<std::string> const& items, std::size_t most = 3);

}  // namespace provost::host
