// SPDX-License-Identifier: Apache-2.0
#include "host/settle.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "config/rules.h"

namespace provost::host {

namespace {

struct Pair {
    std::string certificate, key;
};

// The names of the inet services at the port of `name`.
std::vector<std::string> at_port_of(PostfixNow const& now, std::string const& name)
{
    std::vector<std::string> names;
    for (auto const& [key, entry] : now.services) {
        auto const service = key.substr(0, key.rfind('/'));
        if (key.ends_with("/inet") && port_of(service) == port_of(name)) names.push_back(service);
    }
    return names;
}

// The entries that an earlier setup wrote, wherever they listen.
std::vector<std::string> written_before(PostfixNow const& now, bool tls_from_the_start)
{
    std::vector<std::string> names;
    for (auto const& [key, entry] : now.services) {
        auto const senders = now.options.find(key + "/smtpd_sender_restrictions");
        auto const tls = now.options.find(key + "/smtpd_tls_wrappermode");
        if (senders == now.options.end() || senders->second != "$provost_submission_senders") continue;
        if ((tls != now.options.end() && tls->second == "yes") != tls_from_the_start) continue;
        names.push_back(key.substr(0, key.rfind('/')));
    }
    return names;
}

// An entry that a site has for the port, or that was asked for once, goes on under its name, with what else it has.
std::string service_name(PostfixNow const& now, std::optional<std::string> const& wish, std::string const& usual,
                         bool tls_from_the_start)
{
    if (wish) return *wish;
    auto there = at_port_of(now, usual);
    auto const ours = written_before(now, tls_from_the_start);
    auto const is_among_ours = [&](auto const& name) {
        return std::find(ours.begin(), ours.end(), name) != ours.end();
    };
    if (!ours.empty() && std::none_of(there.begin(), there.end(), is_among_ours)) there = ours;
    return there.empty() || std::find(there.begin(), there.end(), usual) != there.end() ? usual : there.front();
}

Result<void> check_host_name(std::string const& name)
{
    auto const plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
    if (plain && name.size() <= 253 && name.find('.') != std::string::npos && !name.starts_with("localhost") &&
        !name.starts_with('.') && !name.ends_with('.')) {
        return {};
    }
    return refuse(Fault::invalid, "--host-name", name, "is not a host's full name, such as mx.example.org");
}

// What would be refused later, by the names of the servers' settings.
Result<void> check_wishes(SetupWishes const& wishes)
{
    if (wishes.networks && has_everybody(*wishes.networks)) {
        return refuse(Fault::invalid, "--networks", *wishes.networks, "would let everybody relay");
    }
    auto const& logs = wishes.logs;
    if (logs && !logs->empty() && !(logs->starts_with("/var/") && config::is_plain_path(*logs))) {
        return refuse(Fault::invalid, "--logs", *logs, "must be a folder below /var, or empty for syslog");
    }
    return {};
}

// "</etc/x.pem", as Dovecot 2.3 has it.
std::string file_of(std::string value) { return value.starts_with('<') ? value.substr(1) : value; }

// The pair that main.cf names; empty where it names none.
Pair postfix_pair(PostfixNow const& now)
{
    auto const files = listed_words(now.value("smtpd_tls_chain_files"));
    if (!files.empty()) return {files.size() > 1 ? files[1] : files[0], files[0]};
    auto const certificate = now.value("smtpd_tls_cert_file");
    auto const key = now.value("smtpd_tls_key_file");
    return {certificate, key.empty() || key == "$smtpd_tls_cert_file" ? certificate : key};
}

Pair dovecot_pair(DovecotNow const& now)
{
    auto const either = [&](auto old, auto fresh) {
        auto value = now.value(old);
        return file_of(value.empty() ? now.value(fresh) : value);
    };
    return {either("ssl_cert", "ssl_server/cert_file"), either("ssl_key", "ssl_server/key_file")};
}

// Debian's packages begin with a self-signed pair; Dovecot's is a link to it.
bool is_chosen(Pair const& pair)
{
    return !pair.certificate.empty() && !pair.key.empty() && pair.certificate != snakeoil_certificate &&
           pair.certificate != "/etc/dovecot/private/dovecot.pem";
}

// What was asked for, else what the server has, else what the other one has.
Result<Pair> find_pair(Root const& root, SetupWishes const& wishes, Pair const& has, Pair const& other_has)
{
    if (wishes.certificate.has_value() != wishes.key.has_value()) {
        return fail(Fault::invalid, "--certificate and --key are given together", "--certificate");
    }
    Pair pair{snakeoil_certificate, snakeoil_key};
    if (wishes.certificate) {
        pair = {*wishes.certificate, *wishes.key};
    } else if (is_chosen(has)) {
        pair = has;
    } else if (is_chosen(other_has)) {
        pair = other_has;
    }
    for (auto const& [option, file] : {std::pair("--certificate", pair.certificate), std::pair("--key", pair.key)}) {
        if (!root.exists(file)) {
            return refuse(Fault::invalid, option, file,
                          "is not there: give both, or install Debian's package ssl-cert for a start");
        }
    }
    return pair;
}

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

Result<void> settle_dovecot(Root const& root, DovecotNow const& now, DovecotOptions& options)
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

void settle_logs(SetupWishes const& wishes, DovecotNow const& now, ServerOptions& options)
{
    if (wishes.logs) {
        options.postfix.log_file = wishes.logs->empty() ? "" : *wishes.logs + "/mail.log";
        options.dovecot.log_path = wishes.logs->empty() ? "" : *wishes.logs + "/dovecot.log";
    } else if (now.value("log_path") != "syslog") {
        options.dovecot.log_path = now.value("log_path");
    }
}

// What main.cf says itself and nobody asked to be otherwise.
std::vector<std::string> keep_as_it_is(SetupWishes const& wishes, PostfixNow const& now)
{
    std::vector<std::string> kept;
    auto keep = [&](char const* name, bool may) {
        if (may && now.main.count(name) != 0) kept.emplace_back(name);
    };
    keep("myhostname", !wishes.host_name);
    keep("mynetworks", !wishes.networks && !has_everybody(now.value("mynetworks")));
    keep("smtpd_tls_chain_files", !wishes.certificate && !now.value("smtpd_tls_chain_files").empty());
    keep("message_size_limit", now.value("message_size_limit") != "0");
    auto const interfaces = now.value("inet_interfaces");
    keep("inet_interfaces", interfaces != "loopback-only" && interfaces != "localhost" && interfaces != "127.0.0.1");
    return kept;
}

}  // namespace

std::string port_of(std::string_view service)
{
    auto const port = service.substr(service.rfind(':') + 1);
    if (port == "smtp" || port == "mail") return "25";
    if (port == "submission") return "587";
    if (port == "submissions" || port == "smtps" || port == "ssmtp" || port == "urd") return "465";
    return std::string(port);
}

Result<ServerOptions> settle(Root const& root, SetupWishes const& wishes, PostfixNow const& postfix,
                             DovecotNow const& dovecot, std::string const& host_name)
{
    ServerOptions options;
    CHECK_OK(check_host_name(host_name));
    CHECK_OK(check_wishes(wishes));
    options.postfix.host_name = host_name;
    // So that mail of this host's own programs arrives; but a host called example.org has the name of a mail domain,
    // and what Postfix is told to deliver itself never comes to the directory.
    options.postfix.destinations =
        std::count(host_name.begin(), host_name.end(), '.') > 1 ? host_name + ", localhost" : "localhost";
    options.dovecot.postmaster = "postmaster@" + host_name;
    if (wishes.networks) options.postfix.networks = *wishes.networks;
    auto const of_postfix = TRY(find_pair(root, wishes, postfix_pair(postfix), dovecot_pair(dovecot)));
    auto const of_dovecot = TRY(find_pair(root, wishes, dovecot_pair(dovecot), postfix_pair(postfix)));
    std::tie(options.postfix.certificate, options.postfix.key) = std::tie(of_postfix.certificate, of_postfix.key);
    std::tie(options.dovecot.certificate, options.dovecot.key) = std::tie(of_dovecot.certificate, of_dovecot.key);
    options.postfix.submission = service_name(postfix, wishes.submission, options.postfix.submission, false);
    options.postfix.submissions = service_name(postfix, wishes.submissions, options.postfix.submissions, true);
    CHECK_OK(settle_ports(root, wishes, dovecot, options.dovecot));
    CHECK_OK(settle_dovecot(root, dovecot, options.dovecot));
    settle_logs(wishes, dovecot, options);
    options.kept = keep_as_it_is(wishes, postfix);
    return options;
}

std::vector<PostfixEdit> in_the_way(PostfixNow const& now, PostfixOptions const& options)
{
    std::vector<PostfixEdit> edits;
    for (auto const& ours : {options.submission, options.submissions}) {
        for (auto const& name : at_port_of(now, ours)) {
            auto const elsewhere = ours.find(':') != std::string::npos && name.find(':') != std::string::npos;
            if (name == ours || elsewhere) continue;
            edits.push_back({PostfixEdit::Kind::remove_service, name + "/inet"});
        }
    }
    for (auto const& name : at_port_of(now, "25")) {
        if (name == "smtp" || name == "25") continue;  // postfix_settings() sees to these
        for (auto const parameter : overrides_at_port_25()) {
            auto const key = name + "/inet/" + parameter;
            if (now.options.count(key) != 0) edits.push_back({PostfixEdit::Kind::remove_option, key});
        }
    }
    // Empty, it takes mail for everybody in mydestination, and bounces it afterwards to whoever is said to have sent
    // it.
    auto const local = now.main.find("local_recipient_maps");
    if (local != now.main.end() && local->second.empty()) {
        edits.push_back({PostfixEdit::Kind::remove, "local_recipient_maps"});
    }
    return edits;
}

}  // namespace provost::host
