// SPDX-License-Identifier: Apache-2.0
#include "provostd/cyrus_site.h"

#include <fstream>
#include <iterator>

#include "base/log.h"
#include "base/text.h"
#include "host/cyrus_files.h"
#include "provostd/words.h"

namespace provost::daemon {
namespace {

net::ImapServer::Tls tls_named(std::string const& word)
{
    if (word == "none") return net::ImapServer::Tls::none;
    return word == "implicit" ? net::ImapServer::Tls::implicit : net::ImapServer::Tls::starttls;
}

// Cyrus's own word for it where its settings can be read here. Elsewhere no domain of mailboxes may be the default one.
std::string default_domain(config::Cyrus const& settings)
{
    if (settings.imapd_conf.empty()) return {};
    std::ifstream in(settings.imapd_conf);
    std::string const text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    auto const options = host::parse_imapd_conf(text, settings.imapd_conf);
    if (!in || !options) {
        log::warning("IMAPD_CONF_NOT_READ", {{"file", settings.imapd_conf},
                                             {"reason", options ? "it cannot be read" : options.error().message}});
        return {};
    }
    std::string found;
    for (auto const& option : *options)
        if (option.name == "defaultdomain") found = folded(option.value);
    return found;
}

targets::Cyrus::Sessions sessions_of(config::Cyrus const& settings, targets::RootHelper const& helper)
{
    if (settings.imapd_conf.empty()) return {};
    return {.look = [&helper](auto const& names) { return helper.cyrus_sessions(names); },
            .end = [&helper](auto const& names) { return helper.end_cyrus_sessions(names); }};
}

}  // namespace

net::ImapServer cyrus_server(config::Cyrus const& settings)
{
    net::ImapServer server;
    if (auto const at = config::parse_host_port(settings.server, "cyrus.server")) {
        server.host = at->host;
        server.port = at->port;
    }
    server.tls = tls_named(settings.tls);
    server.check = config::is_loopback(server.host)
                       ? net::TlsCheck::none("loopback: its certificate names the public host")
                       : net::TlsCheck::for_name(server.host, settings.ca_file);
    return server;
}

CyrusSite::CyrusSite(config::Cyrus const& settings, Secret const& password, targets::RootHelper const& helper,
                     IsAnothers is_anothers)
    : admin_({.server = cyrus_server(settings),
              .login = settings.admin,
              .password = [&password]() -> Result<Secret> {
                  if (!password.reveal().empty()) return password.copy();
                  return fail(Fault::unavailable, "there is no password for Cyrus's administrator: see the log");
              },
              .default_domain = default_domain(settings)}),
      target(admin_,
             {.folders = words_of(settings.folders),
              .partition = settings.partition,
              .admin = settings.admin,
              .is_anothers = std::move(is_anothers)},
             sessions_of(settings, helper))
{
}

}  // namespace provost::daemon
