// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "host/settle_parts.h"

namespace provost::host {

namespace {

// "</etc/x.pem", as Dovecot 2.3 has it.
std::string file_of(std::string value) { return value.starts_with('<') ? value.substr(1) : value; }

std::int64_t number(DovecotNow const& now, std::string_view path) { return to_integer(now.value(path)).value_or(0); }

// A protocol with its two listeners.
struct Listeners {
    char const* protocol;
    char const* program;
    std::string plain, tls;  // where doveconf tells their ports; tls may be empty
};

// The port to listen at: as asked for, else as it is, and 0 where Dovecot does not have the protocol.
Result<std::uint16_t> port(Root const& root, DovecotNow const& now, std::optional<std::uint16_t> const& wish,
                           Listeners const& of, std::string const& path)
{
    auto const program = now.value("libexec_dir") + "/" + of.program;
    if (wish && *wish != 0 && !root.exists(program)) {
        return refuse(Fault::conflict, "--" + std::string(of.protocol) + "-port", std::to_string(*wish),
                      "cannot be: Dovecot's " + std::string(of.program) + " is not installed");
    }
    if (wish) return *wish;
    auto const protocols = now.words("protocols");
    if (std::find(protocols.begin(), protocols.end(), of.protocol) == protocols.end() || !root.exists(program))
        return 0;
    auto const is = number(now, path);
    return static_cast<std::uint16_t>(is > 0 && is <= 65535 ? is : 0);
}

Result<void> settle_ports(Root const& root, SetupWishes const& wishes, DovecotNow const& now, DovecotOptions& options)
{
    Listeners const imap{"imap", "imap-login", "service imap-login/inet_listener imap/port",
                         "service imap-login/inet_listener imaps/port"};
    Listeners const pop3{"pop3", "pop3-login", "service pop3-login/inet_listener pop3/port",
                         "service pop3-login/inet_listener pop3s/port"};
    Listeners const sieve{"sieve", "managesieve-login", "service managesieve-login/inet_listener sieve/port", ""};
    options.imap = TRY(port(root, now, wishes.imap, imap, imap.plain));
    options.imaps = TRY(port(root, now, wishes.imaps, imap, imap.tls));
    options.pop3 = TRY(port(root, now, wishes.pop3, pop3, pop3.plain));
    options.pop3s = TRY(port(root, now, wishes.pop3s, pop3, pop3.tls));
    options.sieve = TRY(port(root, now, wishes.sieve, sieve, sieve.plain));
    return {};
}

Result<void> settle_limits(Root const& root, DovecotNow const& now, DovecotOptions& options)
{
    if (!root.exists(now.value("libexec_dir") + "/lmtp")) {
        return fail(Fault::conflict, "Dovecot's LMTP server is not installed: apt-get install dovecot-lmtpd");
    }
    options.filters = root.exists(now.value("mail_plugin_dir") + "/lib90_sieve_plugin.so");
    if (auto const listen = now.value("listen"); !listen.empty()) options.listen = listen;
    if (now.value("ssl_min_protocol") == "TLSv1.3") options.least_tls = "TLSv1.3";
    options.sign_ins = std::max(options.sign_ins, number(now, "service imap-login/process_limit"));
    for (auto path : {"mail_max_userip_connections", "protocol imap/mail_max_userip_connections"}) {
        options.per_user_and_address = std::max(options.per_user_and_address, number(now, path));
    }
    // A second namespace for the INBOX would be an error that only users see.
    if (!now.inboxes.empty() && std::find(now.inboxes.begin(), now.inboxes.end(), "inbox") == now.inboxes.end()) {
        options.inbox_namespace = now.inboxes.front();
    }
    if (options.inbox_namespace.empty()) {
        return fail(Fault::conflict,
                    "Dovecot's namespace with \"inbox = yes\" has no name: write \"namespace inbox {\"");
    }
    return {};
}

}  // namespace

Pair dovecot_pair(DovecotNow const& now)
{
    auto const either = [&](auto old, auto fresh) {
        auto value = now.value(old);
        return file_of(value.empty() ? now.value(fresh) : value);
    };
    return {either("ssl_cert", "ssl_server/cert_file"), either("ssl_key", "ssl_server/key_file")};
}

Result<void> settle_dovecot(Root const& root, SetupWishes const& wishes, DovecotNow const& now, Pair const& other,
                            ServerOptions& options)
{
    auto& dovecot = options.dovecot;
    dovecot.postmaster = "postmaster@" + options.postfix.host_name;
    auto const pair = TRY(find_pair(root, wishes, dovecot_pair(now), other));
    std::tie(dovecot.certificate, dovecot.key) = std::tie(pair.certificate, pair.key);
    CHECK_OK(settle_ports(root, wishes, now, dovecot));
    CHECK_OK(settle_limits(root, now, dovecot));
    if (wishes.logs) dovecot.log_path = wishes.logs->empty() ? "" : *wishes.logs + "/dovecot.log";
    else if (now.value("log_path") != "syslog") dovecot.log_path = now.value("log_path");
    return {};
}

}  // namespace provost::host
