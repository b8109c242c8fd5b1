// SPDX-License-Identifier: Apache-2.0
// imapd.conf and cyrus.conf, which a site has written by hand, and what setup makes of them.
#include "fuzz/target.h"
#include "host/cyrus.h"
#include "host/settings_file.h"

using namespace provost;
using namespace provost::host;

namespace {

CyrusNow::Known known(std::vector<ImapdOption> const& options)
{
    CyrusNow::Known known;
    for (auto const& option : options) known.emplace(option.name, option.value);
    return known;
}

// A second time there is nothing to edit, and what is not edited is as it was.
void edit_options(std::string const& text)
{
    auto const options = parse_imapd_conf(text, "imapd.conf");
    if (!options) return;
    for (auto const& option : *options) {
        HOLDS(!option.value.empty());
        HOLDS(option.place.begin < option.place.end && option.place.end <= text.size());
    }
    HOLDS(with_edits(text, {}, "imapd.conf") == text);
    std::vector<ImapdEdit> const edits{{ImapdEdit::Kind::set, "tls_server_cert", "/c.pem", {}, "tls_cert_file"},
                                       {ImapdEdit::Kind::set, "allowplaintext", "no"},
                                       {ImapdEdit::Kind::has, "admins", "cyrus"},
                                       {ImapdEdit::Kind::remove, "imap_allowplaintext"}};
    auto const once = with_edits(text, pending_edits(edits, known(*options)), "imapd.conf");
    HOLDS(once);
    auto const again = parse_imapd_conf(*once, "imapd.conf");
    HOLDS(again);
    HOLDS(pending_edits(edits, known(*again)).empty());
    auto const others = known(*again);
    for (auto const& [name, value] : known(*options)) {
        auto const is_edited = name.starts_with("tls_") || name.ends_with("allowplaintext") || name == "admins";
        if (!is_edited && name != "@include") HOLDS(others.at(name) == value);
    }
}

void edit_services(std::string const& text)
{
    auto conf = parse_cyrus_conf(text);
    if (!conf) return;
    HOLDS(conf->end_of_services > 0 && conf->end_of_services < text.size());
    CyrusNow now;
    now.cyrus_text = text;
    now.conf = *conf;
    HOLDS(with_edits(now, {}) == text);
    auto const is_there = [](CyrusEntry const& entry) { return entry.program() != "nntpd"; };
    CyrusNow then;
    then.cyrus_text = with_edits(now, cyrus_conf_settings({}, now, is_there));
    conf = parse_cyrus_conf(then.cyrus_text);
    HOLDS(conf);
    for (auto const& entry : conf->entries) HOLDS(entry.section != "SERVICES" || entry.program() != "nntpd");
}

}  // namespace

FUZZ_TARGET(cyrus_files, input)
{
    std::string const text(input);
    edit_options(text);
    edit_services(text);
    if (auto const settings = with_target(text, "cyrus", "provost.toml"))
        HOLDS(settings->find("target = \"cyrus\"\n") != std::string::npos);
    Runner const said = [&](std::vector<std::string> const&) { return Result<std::string>(text); };
    if (auto const version = cyrus_version(said)) HOLDS(!version->text.empty());
}
