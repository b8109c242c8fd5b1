// SPDX-License-Identifier: Apache-2.0
// For tests: a Cyrus beside the servers of a root folder.
#pragma once

#include "host/cyrus_now.h"
#include "host/test_servers.h"

namespace provost::host {

// As Debian ships them, but for the comments.
constexpr auto debians_imapd_conf =
    "# Debian's\nconfigdirectory: /var/lib/cyrus\ndefaultpartition: default\npartition-default: /var/spool/cyrus/mail\n"
    "altnamespace: no\nunixhierarchysep: no\nlmtp_downcase_rcpt: yes\nautocreate_quota: 0\nsievedir: /var/spool/sieve\n"
    "allowplaintext: yes\nsasl_pwcheck_method: auxprop\nsasl_auto_transition: no\n";
constexpr auto debians_cyrus_conf =
    "START {\n\trecover cmd=\"/usr/sbin/cyrus ctl_cyrusdb -r\"\n}\nSERVICES {\n"
    "\timap\t\tcmd=\"imapd -U 30\" listen=\"imap\" prefork=0 maxchild=100\n"
    "\tpop3\t\tcmd=\"pop3d -U 30\" listen=\"pop3\" prefork=0 maxchild=50\n"
    "\tnntp\t\tcmd=\"nntpd -U 30\" listen=\"nntp\" prefork=0 maxchild=100\n"
    "\tlmtpunix\tcmd=\"lmtpd\" listen=\"/run/cyrus/socket/lmtp\" prefork=0 maxchild=20\n"
    "  \tsieve\t\tcmd=\"timsieved\" listen=\"localhost:sieve\" prefork=0 maxchild=100\n}\n";

inline void give_cyrus(TestServers const& servers)
{
    servers.write("/etc/imapd.conf", debians_imapd_conf);
    servers.write("/etc/cyrus.conf", debians_cyrus_conf);
    for (auto program : {"imapd", "pop3d", "timsieved", "lmtpd", "cyr_info"}) {
        servers.write(std::string(cyrus_programs) + program, "");
    }
}

}  // namespace provost::host
