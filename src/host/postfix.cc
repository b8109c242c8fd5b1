// SPDX-License-Identifier: Apache-2.0
#include "host/postfix.h"

#include <algorithm>

#include "base/text.h"
#include "host/sockets.h"
#include "mail/resolver.h"

namespace provost::host {

namespace {

using Kind = PostfixEdit::Kind;
using Edits = std::vector<PostfixEdit>;

// Whether Postfix reads the text as itself: no line ends, comments, $name or braces.
bool is_plain(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && std::string_view("\"'\\{}$#=").find(c) == std::string_view::npos;
    });
}

bool is_service(std::string_view text)
{
    return !text.empty() && is_plain(text) && text.find_first_of(" /,") == std::string_view::npos;
}

Result<void> check(PostfixOptions const& options)
{
    for (auto const& [field, value] :
         {std::pair("certificate", options.certificate), std::pair("key", options.key),
          std::pair("lmtp_socket", options.lmtp_socket), std::pair("queue_directory", options.queue_directory)}) {
        CHECK_OK(config::check(config::a_path, value, field));
    }
    for (auto const& [field, value] :
         {std::pair("host_name", options.host_name), std::pair("destinations", options.destinations),
          std::pair("networks", options.networks), std::pair("interfaces", options.interfaces)}) {
        if (!is_plain(value)) return refuse(Fault::invalid, field, value, "must be a line of plain characters");
    }
    for (auto const& [field, value] :
         {std::pair("submission", options.submission), std::pair("submissions", options.submissions)}) {
        if (!is_service(value)) {
            return refuse(Fault::invalid, field, value, "must be a service's name, a port or ADDRESS:PORT");
        }
    }
    if (!is_plain(options.lmtp_inet) || options.lmtp_inet.find_first_of(" ,") != std::string::npos) {
        return refuse(Fault::invalid, "lmtp_inet", options.lmtp_inet, "must be HOST:PORT or empty");
    }
    if (has_everybody(options.networks)) {
        return refuse(Fault::invalid, "networks", options.networks, "would let everybody relay");
    }
    auto const& log = options.log_file;
    // maillog_file_prefixes is "/var, /dev/stdout" unless somebody changed it.
    if (!log.empty() && log != "/dev/stdout" && !(log.starts_with("/var/") && config::is_plain_path(log))) {
        return refuse(Fault::invalid, "log_file", log, "must be a path below /var, /dev/stdout or empty");
    }
    return config::check(config::between(1, 1LL << 40), options.message_size, "message_size");
}

// The name of the map as main.cf refers to it: the parameter `provost` holds the socket.
std::string map(std::string const& name) { return "${provost}:" + name; }

Edits maps()
{
    return {
        {Kind::set, "virtual_mailbox_domains", map("domains")},
        {Kind::set, "virtual_alias_domains", map("aliasdomains")},
        {Kind::set, "virtual_mailbox_maps", map("mailboxes")},
        {Kind::set, "virtual_alias_maps", map("aliases")},
        {Kind::set, "transport_maps", map("transport")},
        {Kind::set, "relay_domains", map("relaydomains")},
        {Kind::set, "relay_recipient_maps", map("relayrecipients")},
        {Kind::set, "smtpd_sender_login_maps", map("senders")},
        {Kind::set, "recipient_bcc_maps", map("rcptbcc")},
        // What the directory lets an address expand to; beyond these Postfix would defer for ever.
        {Kind::set, "virtual_alias_expansion_limit", std::to_string(mail::most_expanded)},
        {Kind::set, "virtual_alias_recursion_limit", std::to_string(mail::most_expanded)},
    };
}

Edits transport_security(PostfixOptions const& options)
{
    Edits edits;
    // Port 25 takes what it gets: a demand for more than TLS 1.2 or for ciphers would only bring plain text. Where a
    // site demands more already, it knows why.
    edits.push_back({Kind::set, "smtpd_tls_security_level", "may", {"encrypt"}});
    edits.push_back({Kind::set,
                     "smtp_tls_security_level",
                     "may",
                     {"encrypt", "dane", "dane-only", "verify", "secure", "fingerprint"}});
    for (std::string const side : {"smtpd", "smtp"}) {
        for (auto name : {"_tls_protocols", "_tls_mandatory_protocols"}) {
            edits.push_back({Kind::set, side + name, ">=TLSv1.2", {">=TLSv1.3"}});
        }
    }
    edits.push_back({Kind::set, "smtpd_tls_chain_files", options.key + ", " + options.certificate});
    edits.push_back({Kind::remove, "smtpd_tls_cert_file"});  // Debian's; chain_files takes their place
    edits.push_back({Kind::remove, "smtpd_tls_key_file"});
    edits.push_back({Kind::set, "smtpd_tls_received_header", "yes"});
    return edits;
}

Edits sign_ins(std::string const& auth, std::string const& type)
{
    Edits edits;
    // Cyrus SASL's path is the name of its file, smtpd.conf, and a domain of its own would make other names of names.
    if (type == "cyrus") edits.push_back({Kind::set, "smtpd_sasl_local_domain", ""});
    Edits const others{
        {Kind::set, "smtpd_sasl_type", type},
        {Kind::set, "smtpd_sasl_path", type == "cyrus" ? "smtpd" : auth},
        {Kind::set, "smtpd_sasl_security_options", "noanonymous"},
        {Kind::set, "smtpd_tls_auth_only", "yes"},
        // Nobody signs in at port 25, so that it goes on when nobody answers sign-ins.
        {Kind::set, "smtpd_sasl_auth_enable", "no"},
    };
    edits.insert(edits.end(), others.begin(), others.end());
    return edits;
}

Edits manners(PostfixFamily family, PostfixOptions const& options)
{
    Edits edits{
        {Kind::set, "smtpd_helo_required", "yes"},
        {Kind::set, "disable_vrfy_command", "yes"},
        {Kind::set, "strict_rfc821_envelopes", "yes"},
        {Kind::set, "message_size_limit", std::to_string(options.message_size)},
        {Kind::set, "mailbox_size_limit", "0"},  // local(8)'s; below message_size_limit it would not start
        // A directory that cannot answer would mail the postmaster about every message it delays.
        {Kind::set, "notify_classes", ""},
    };
    // Against SMTP smuggling. From 3.9 on "normalize" is the default, and left to Postfix.
    if (family == PostfixFamily::v3_7) {
        edits.push_back({Kind::set, "smtpd_forbid_bare_newline", "yes", {"normalize", "reject"}});
        edits.push_back({Kind::set, "smtpd_forbid_unauth_pipelining", "yes"});
    }
    if (!options.log_file.empty()) edits.push_back({Kind::set, "maillog_file", options.log_file});
    return edits;
}

// Asked last, of recipients that all else would let in: whether the mailbox has room. It is Dovecot who judges a
// letter, so that where nobody answers this, or not soon, nobody is refused or put off for it.
PostfixEdit policy(std::string const& socket)
{
    return {Kind::set, "provost_policy",
            "check_policy_service { unix:" + socket + ", timeout=10s, default_action=DUNNO }"};
}

// Who may send what to whom, at port 25. `access` comes before anything that could say that the recipient is unknown:
// the sender to a mailbox that is off reads why (550 5.2.1, or 450 4.2.1 when it is on hold).
Edits port_25()
{
    return {
        {Kind::set, "smtpd_relay_restrictions", "permit_mynetworks, reject_unauth_destination"},
        {Kind::set, "provost_recipients",
         "check_recipient_access " + map("access") +
             ", reject_non_fqdn_recipient, reject_unknown_recipient_domain, reject_unlisted_recipient, "
             "$provost_policy"},
        // What a site has against spam comes after it.
        {Kind::first, "smtpd_recipient_restrictions", "$provost_recipients"},
        {Kind::first, "smtpd_data_restrictions", "reject_unauth_pipelining"},
        // Restrictions for clients and senders would be judged before the recipient is known.
        {Kind::remove, "smtpd_delay_reject"},
    };
}

// The same for those who signed in. Postfix cannot end a session of its own accord, so each step of one asks whether
// its user still may: at RCPT, at DATA (the recipients were taken just before), and when the message is whole.
// With smtpd_delay_reject, the default, the list for senders is judged at each RCPT, before that for recipients: asked
// there too, who may not send is told so, and not that a deleted mailbox's address is somebody else's.
// The values have blanks, which master.cf cannot hold; so it names these parameters.
Edits signed_in()
{
    auto const may_send = "check_sasl_access " + map("sasl_access");
    return {
        {Kind::set, "provost_submission_recipients",
         may_send + ", check_recipient_access " + map("access") +
             ", reject_non_fqdn_recipient, reject_unlisted_recipient, $provost_policy"},
        {Kind::set, "provost_submission_senders", may_send + ", reject_non_fqdn_sender, reject_sender_login_mismatch"},
        {Kind::set, "provost_submission_data", may_send},
    };
}

Edits submission(PostfixFamily family, std::string const& name, bool tls_from_the_start)
{
    auto const service = name + "/inet";
    Edits edits{{Kind::service, service, name + " inet n - y - - smtpd"}};
    auto option = [&](std::string const& parameter, std::string const& value) {
        edits.push_back({Kind::option, service + "/" + parameter, value});
    };
    option("syslog_name", tls_from_the_start ? "postfix/submissions" : "postfix/submission");
    option("smtpd_sasl_auth_enable", "yes");
    option("smtpd_tls_security_level", "encrypt");
    if (tls_from_the_start) option("smtpd_tls_wrappermode", "yes");
    option("smtpd_client_restrictions", "");
    option("smtpd_helo_restrictions", "");
    option("smtpd_sender_restrictions", "$provost_submission_senders");
    option("smtpd_relay_restrictions", "permit_sasl_authenticated,reject");
    option("smtpd_recipient_restrictions", "$provost_submission_recipients");
    option("smtpd_data_restrictions", "$provost_submission_data");
    option("smtpd_end_of_data_restrictions", "$provost_submission_data");
    if (family == PostfixFamily::v3_10) {
        option("smtpd_hide_client_session", "yes");
        option("smtpd_forbid_unauth_pipelining", "no");
    }
    // An entry that was there before may lead sign-ins elsewhere, or let them in without TLS.
    for (auto parameter :
         {"smtpd_sasl_type", "smtpd_sasl_path", "smtpd_sasl_security_options", "smtpd_sasl_tls_security_options",
          "smtpd_sasl_exceptions_networks", "smtpd_tls_auth_only", "smtpd_tls_protocols",
          "smtpd_tls_mandatory_protocols", "smtpd_sender_login_maps", "smtpd_delay_reject", "smtpd_tls_wrappermode"}) {
        if (tls_from_the_start && std::string_view(parameter) == "smtpd_tls_wrappermode") continue;
        edits.push_back({Kind::remove_option, service + "/" + parameter});
    }
    return edits;
}

// Port 25 does as main.cf says. With postscreen(8) in front, its smtpd is "smtpd/pass".
Edits nothing_else_at_port_25()
{
    Edits edits;
    for (std::string const service : {"smtp/inet", "25/inet", "smtpd/pass"}) {
        for (auto const parameter : overrides_at_port_25()) {
            edits.push_back({Kind::remove_option, service + "/" + parameter});
        }
    }
    return edits;
}

}  // namespace

std::vector<char const*> overrides_at_port_25()
{
    return {"smtpd_sasl_auth_enable",  "smtpd_relay_restrictions", "smtpd_recipient_restrictions",
            "smtpd_data_restrictions", "smtpd_delay_reject",       "mynetworks"};
}

bool has_everybody(std::string_view networks)
{
    for (auto const part : split(networks, ',')) {
        for (auto const network : split(part, ' ')) {
            if (trimmed(network).ends_with("/0") || trimmed(network).ends_with("/00")) return true;
        }
    }
    return false;
}

Result<Edits> postfix_settings(PostfixFamily family, config::Settings const& settings, PostfixOptions const& options)
{
    CHECK_OK(check(options));
    auto const socket = TRY(postfix_name(settings.sockets.map, options.queue_directory));
    auto const auth = TRY(postfix_name(settings.sockets.postfix_auth, options.queue_directory));
    auto const room = TRY(postfix_name(settings.sockets.policy, options.queue_directory));
    auto const lmtp = TRY(postfix_name(options.lmtp_socket, options.queue_directory));
    Edits edits{
        {Kind::set, "provost", "socketmap:unix:" + socket},
        policy(room),
        {Kind::set, "myhostname", options.host_name},
        {Kind::set, "mydestination", options.destinations},
        {Kind::set, "mynetworks", options.networks},
        {Kind::set, "inet_interfaces", options.interfaces},
        {Kind::set, "recipient_delimiter", settings.mail.recipient_delimiter},
        {Kind::set, "virtual_transport",
         options.lmtp_inet.empty() ? "lmtp:unix:" + lmtp : "lmtp:inet:" + options.lmtp_inet},
        // A letter that comes while that server starts again waits by itself: none of the others for five minutes with
        // it.
        {Kind::set, "lmtp_destination_concurrency_failed_cohort_limit", "0"},
    };
    for (auto const& part :
         {maps(), sign_ins(auth, options.sasl_type), transport_security(options), manners(family, options), port_25(),
          signed_in(), submission(family, options.submission, false), submission(family, options.submissions, true),
          nothing_else_at_port_25()}) {
        edits.insert(edits.end(), part.begin(), part.end());
    }
    return edits;
}

}  // namespace provost::host
