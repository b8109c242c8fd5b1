// SPDX-License-Identifier: Apache-2.0
#include "config/settings.h"

namespace provost::config {

namespace {

void follow(std::string& value, std::string const& folder, char const* name)
{
    if (value.empty()) value = folder + "/" + name;
}

}  // namespace

void settle(Settings& settings)
{
    follow(settings.database.url, "sqlite:" + settings.state.folder, "provost.db");
    auto& sockets = settings.sockets;
    follow(sockets.map, sockets.postfix_dir, "map");
    follow(sockets.policy, sockets.postfix_dir, "policy");
    follow(sockets.postfix_auth, sockets.postfix_dir, "auth");
    follow(sockets.dovecot_auth, sockets.dovecot_login_dir, "auth");
    follow(sockets.dovecot_master, settings.state.run, "dovecot-master");
    follow(sockets.dovecot_userdb, settings.state.run, "dovecot-userdb");
    follow(sockets.dovecot_dict, settings.state.run, "dovecot-dict");
    follow(sockets.saslauthd, settings.state.run, "saslauthd/mux");
    follow(sockets.postfix_saslauthd, sockets.postfix_dir, "saslauthd/mux");
    follow(sockets.admin, settings.state.run, "admin.sock");
}

Settings default_settings()
{
    Settings settings;
    settle(settings);
    return settings;
}

namespace {

// A token must not be readable on its way.
Result<void> check_api(Api const& api)
{
    if (api.certificate.empty() != api.key.empty())
        return fail(Fault::invalid, "api.key: a certificate and its key are said together, or neither is", "api.key");
    if (api.listen.empty() || !api.certificate.empty()) return {};
    auto const at = TRY(parse_host_port(api.listen, "api.listen"));
    if (is_loopback(at.host)) return {};
    return refuse(Fault::invalid, "api.listen", api.listen,
                  "can be reached from other hosts, so it needs api.certificate and api.key");
}

}  // namespace

Result<void> check(Settings const& settings)
{
    Result<void> outcome;
    for_each_section(settings, [&](std::string const& name, auto const& section) {
        for_each_setting(section, [&](auto const& setting, auto const& value) {
            if (outcome) outcome = check(setting.rule, value, name + "." + setting.name);
        });
    });
    if (outcome) outcome = check_api(settings.api);
    return outcome;
}

}  // namespace provost::config
