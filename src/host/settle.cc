// SPDX-License-Identifier: Apache-2.0
#include "host/settle.h"

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "config/rules.h"
#include "host/postfix_sasl.h"
#include "host/settle_parts.h"

namespace provost::host {

namespace {

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

// The pair that main.cf names; empty where it names none.
Pair postfix_pair(PostfixNow const& now)
{
    auto const files = listed_words(now.value("smtpd_tls_chain_files"));
    if (!files.empty()) return {files.size() > 1 ? files[1] : files[0], files[0]};
    auto const certificate = now.value("smtpd_tls_cert_file");
    auto const key = now.value("smtpd_tls_key_file");
    return {certificate, key.empty() || key == "$smtpd_tls_cert_file" ? certificate : key};
}

// Debian's packages begin with a self-signed pair; Dovecot's is a link to it.
bool is_chosen(Pair const& pair)
{
    return !pair.certificate.empty() && !pair.key.empty() && pair.certificate != snakeoil_certificate &&
           pair.certificate != "/etc/dovecot/private/dovecot.pem";
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

std::string port_of(std::string_view service)
{
    auto const port = service.substr(service.rfind(':') + 1);
    if (port == "smtp" || port == "mail") return "25";
    if (port == "submission") return "587";
    if (port == "submissions" || port == "smtps" || port == "ssmtp" || port == "urd") return "465";
    return std::string(port);
}

bool is_of_cyrus(config::Settings const& settings) { return settings.mail.target == "cyrus"; }

bool has_cyrus_here(config::Settings const& settings)
{
    return is_of_cyrus(settings) && !settings.cyrus.imapd_conf.empty();
}

Result<ServerOptions> settle(Root const& root, config::Settings const& settings, SetupWishes const& wishes,
                             PostfixNow const& postfix, ImapNow const& imap, std::string const& host_name)
{
    ServerOptions options;
    CHECK_OK(check_host_name(host_name));
    CHECK_OK(check_wishes(wishes));
    options.postfix.host_name = host_name;
    // So that mail of this host's own programs arrives; but a host called example.org has the name of a mail domain,
    // and what Postfix is told to deliver itself never comes to the directory.
    options.postfix.destinations =
        std::count(host_name.begin(), host_name.end(), '.') > 1 ? host_name + ", localhost" : "localhost";
    if (wishes.networks) options.postfix.networks = *wishes.networks;
    if (wishes.logs && !wishes.logs->empty()) options.postfix.log_file = *wishes.logs + "/mail.log";
    auto const of_postfix = postfix_pair(postfix);
    auto const of_imap = imap.dovecot ? dovecot_pair(*imap.dovecot) : imap.cyrus ? cyrus_pair(*imap.cyrus) : Pair{};
    auto const pair = TRY(find_pair(root, wishes, of_postfix, of_imap));
    std::tie(options.postfix.certificate, options.postfix.key) = std::tie(pair.certificate, pair.key);
    options.postfix.submission = service_name(postfix, wishes.submission, options.postfix.submission, false);
    options.postfix.submissions = service_name(postfix, wishes.submissions, options.postfix.submissions, true);
    auto const by_cyrus_sasl = TRY(signs_in_by_cyrus_sasl(root, settings, postfix));
    options.postfix.sasl_type = wishes.smtp_sasl.value_or(by_cyrus_sasl ? "cyrus" : "dovecot");
    if (imap.dovecot) CHECK_OK(settle_dovecot(root, wishes, *imap.dovecot, of_postfix, options));
    if (is_of_cyrus(settings)) CHECK_OK(settle_cyrus(root, settings, wishes, imap, of_postfix, options));
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
