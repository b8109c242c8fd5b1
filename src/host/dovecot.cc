// SPDX-License-Identifier: Apache-2.0
#include "host/dovecot.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "host/dovecot_templates.h"
#include "host/sockets.h"
#include "host/template.h"

namespace provost::host {

namespace {

// Whether the text may stand as a value: a line of printable ASCII in which Dovecot sees nothing but text.
bool is_plain(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && std::string_view("\"'\\{}$%#<>=").find(c) == std::string_view::npos;
    });
}

Result<void> check(DovecotOptions const& options)
{
    for (auto const& [field, value] :
         {std::pair("certificate", options.certificate), std::pair("key", options.key),
          std::pair("lmtp_socket", options.lmtp_socket), std::pair("secrets_file", options.secrets_file)}) {
        CHECK_OK(config::check(config::a_path, value, field));
    }
    CHECK_OK(config::check(config::a_path_or_nothing, options.log_path, "log_path"));
    for (auto const& [field, value] :
         {std::pair("listen", options.listen), std::pair("postmaster", options.postmaster),
          std::pair("inbox_namespace", options.inbox_namespace), std::pair("least_tls", options.least_tls)}) {
        if (!is_plain(value)) return refuse(Fault::invalid, field, value, "must be a line of plain characters");
    }
    CHECK_OK(config::check(config::between(1, 100'000), options.sign_ins, "sign_ins"));
    return config::check(config::between(1, 100'000), options.per_user_and_address, "per_user_and_address");
}

std::string protocols(DovecotOptions const& options)
{
    std::string names;
    if (options.imap != 0 || options.imaps != 0) names += " imap";
    if (options.pop3 != 0 || options.pop3s != 0) names += " pop3";
    names += " lmtp";
    if (options.sieve != 0) names += " sieve";
    return names;
}

// Only where ManageSieve is wanted: its service is unknown where the package is not installed.
std::string sieve_service(std::string const& auth, DovecotOptions const& options)
{
    if (options.sieve == 0) return {};
    return fmt::format(
        "service managesieve-login {{\n  executable = managesieve-login {}\n  process_limit = {}\n"
        "  inet_listener sieve {{\n    port = {}\n  }}\n}}\n",
        auth, options.sign_ins, options.sieve);
}

std::string lmtp_filters(DovecotFamily family)
{
    return family == DovecotFamily::v2_4 ? "protocol lmtp {\n  mail_plugins {\n    sieve = yes\n  }\n}\n"
                                         : "protocol lmtp {\n  mail_plugins = $mail_plugins quota notify quota_clone "
                                           "sieve\n}\n";
}

// Unknown to Dovecot 2.4 where Pigeonhole is not installed.
constexpr auto scripts_2_4 =
    "sieve_script personal {\n  driver = file\n  path = ~/sieve\n  active_path = ~/.dovecot.sieve\n}\n";

}  // namespace

Result<std::string> dovecot_conf(DovecotFamily family, config::Settings const& settings, DovecotOptions const& options)
{
    CHECK_OK(check(options));
    auto const auth = TRY(dovecot_login_argument(settings));
    auto const base = TRY(dovecot_base(settings));
    auto const doveadm = TRY(config::parse_http_url(settings.dovecot.doveadm_url, "dovecot.doveadm_url"));
    auto const is_2_4 = family == DovecotFamily::v2_4;
    // Three protocols sign in and have sessions, and each process holds a connection; the rest is for doveadm and lmtp.
    auto const clients = 6 * options.sign_ins + 1000;
    return filled(is_2_4 ? dovecot_2_4() : dovecot_2_3(),
                  {
                      {"base_dir", base == "/run/dovecot" ? "" : "base_dir = " + base + "\n"},
                      {"protocols", protocols(options)},
                      {"listen", options.listen},
                      {"log_path", options.log_path.empty() ? "syslog" : options.log_path},
                      {"auth", auth},
                      {"sign_ins", std::to_string(options.sign_ins)},
                      {"sessions", std::to_string(options.sign_ins)},
                      {"clients", std::to_string(clients)},
                      {"imap", std::to_string(options.imap)},
                      {"imaps", std::to_string(options.imaps)},
                      {"pop3", std::to_string(options.pop3)},
                      {"pop3s", std::to_string(options.pop3s)},
                      {"sieve_service", sieve_service(auth, options)},
                      {"certificate", options.certificate},
                      {"key", options.key},
                      {"uid", std::to_string(settings.mail.uid)},
                      {"gid", std::to_string(settings.mail.gid)},
                      {"delimiter", settings.mail.recipient_delimiter},
                      {"inbox", options.inbox_namespace},
                      {"least_tls", options.least_tls},
                      {"lmtp_filters", options.filters ? lmtp_filters(family) : ""},
                      {"scripts", options.filters && is_2_4 ? scripts_2_4 : ""},
                      {"per_user_and_address", std::to_string(options.per_user_and_address)},
                      {"postmaster", options.postmaster},
                      {"lmtp_socket", options.lmtp_socket},
                      {"dict", settings.sockets.dovecot_dict},
                      {"doveadm_host", doveadm.at.host},
                      {"doveadm_port", std::to_string(doveadm.at.port)},
                      {"secrets_file", options.secrets_file},
                  });
}

Result<Secret> dovecot_secrets(Secret const& doveadm_key)
{
    if (!is_plain(doveadm_key.reveal())) {
        return fail(Fault::invalid, "doveadm key: must be a line of plain characters", "dovecot.doveadm_key_file");
    }
    return Secret("doveadm_api_key = " + std::string(doveadm_key.reveal()) + "\n");
}

}  // namespace provost::host
