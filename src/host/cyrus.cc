// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/text.h"

namespace provost::host {

namespace {

using Kind = ImapdEdit::Kind;
using Edits = std::vector<ImapdEdit>;

enum class When : std::uint8_t {
    always,
    fresh,  // as long as no mail is there: to change it later would rename mailboxes
    unset,  // where the site says nothing
    is_set  // where the site says something: it is the default
};

struct Demand {
    char const* name;
    char const* value;
    When when = When::always;
    std::vector<std::string> also_good = {};
    char const* instead_of = "";
};

std::vector<Demand> demands()
{
    return {
        // Addresses are the users' names. defaultdomain would be cut off them, so it is one that nobody has.
        {"virtdomains", "userid"},
        {"defaultdomain", "internal", When::fresh},
        // Dots are part of names, and "Sent" is beside the INBOX.
        {"unixhierarchysep", "yes", When::fresh},
        {"altnamespace", "yes", When::fresh},
        {"username_tolower", "yes", When::is_set},
        // Only plain passwords can be asked for, and only within TLS.
        {"sasl_pwcheck_method", "saslauthd"},
        {"sasl_mech_list", "PLAIN", When::always, {"PLAIN LOGIN", "LOGIN PLAIN"}},
        {"sasl_auto_transition", "no", When::is_set},
        {"allowplaintext", "no"},
        {"allowanonymouslogin", "no", When::is_set},
        {"tls_versions", "tls1_2 tls1_3", When::always, {"tls1_3"}},
        // Mailboxes are made by us, and by nobody who signs in or gets a letter. 0 would be: made, without a limit.
        {"autocreate_quota", "-1", When::always, {}, "autocreatequota"},
        {"autocreate_post", "no", When::is_set, {}, "createonpost"},
        // A mailbox may get another address; and what was deleted can be had back.
        {"allowusermoves", "yes"},
        {"delete_mode", "delayed"},
        {"expunge_mode", "delayed", When::unset},
        // Who is off.
        {"userdeny_db", "flat", When::is_set},
        {"lmtp_downcase_rcpt", "yes"},
        {"lmtp_strict_quota", "yes", When::unset},
        {"sievedir", "/var/spool/sieve", When::unset},
        // Its defaults are 5 scripts of 32 KiB.
        {"sieve_maxscripts", "20", When::unset},
        {"sieve_maxscriptsize", "1024", When::unset},
    };
}

bool is_wanted(Demand const& demand, CyrusOptions const& options, CyrusNow const& now)
{
    bool const is_set = now.options.count(demand.name) != 0 || now.options.count(demand.instead_of) != 0;
    switch (demand.when) {
        case When::always:
            return true;
        case When::fresh:
            return options.is_fresh;
        case When::unset:
            return !is_set;
        case When::is_set:
            return is_set;
    }
    return false;
}

bool is_for_itself(CyrusEntry const& entry)
{
    auto const listen = entry.word("listen");
    return listen.starts_with('/') || listen.starts_with("localhost:") || listen.starts_with("127.0.0.1:") ||
           listen.starts_with("[::1]:");
}

// "imap_allowplaintext: yes" would hold at the service "imap" against what is said for all.
Edits without_overrides(Edits const& edits, CyrusNow const& now)
{
    Edits removals;
    for (auto const& entry : now.conf.entries) {
        if (entry.section != "SERVICES") continue;
        for (auto const& edit : edits) {
            auto const name = entry.name + "_" + edit.name;
            auto const is_its_affair = edit.name == "allowplaintext" && is_for_itself(entry);
            if (now.options.count(name) != 0 && !is_its_affair) removals.push_back({Kind::remove, name});
        }
    }
    return removals;
}

struct Change {
    std::vector<CyrusConfEdit>& edits;
    CyrusNow const& now;
    CyrusOptions const& options;

    std::string line_of(CyrusEntry const& entry) const
    {
        return now.cyrus_text.substr(entry.place.begin, entry.place.end - entry.place.begin);
    }
    void comment_out(CyrusEntry const& entry, std::string const& why)
    {
        auto line = line_of(entry);
        line.insert(line.find_first_not_of(" \t"), "#");
        edits.push_back({entry.name + " is switched off: " + why, entry.place, line});
    }
    void replace(CyrusEntry const& before, CyrusEntry const& entry, std::string const& what)
    {
        auto line = line_of(entry);
        for (auto const* key : {"listen", "maxchild"}) {
            if (entry.word(key) != before.word(key)) line = with_word(line, key, entry.word(key));
        }
        edits.push_back({what, entry.place, line});
    }
    void add(CyrusEntry entry, std::string const& what)
    {
        auto const is_taken = [&](std::string const& name) {
            return std::any_of(now.conf.entries.begin(), now.conf.entries.end(),
                               [&](auto const& each) { return each.section == "SERVICES" && each.name == name; });
        };
        if (is_taken(entry.name)) entry.name = "provost" + entry.name;
        edits.push_back({what, {}, entry_line(entry)});
    }
};

// A process for each session.
constexpr int many = 1000;

std::string children(CyrusDoor const& door)
{
    return std::to_string(std::string_view(door.protocol) == "sieve" ? 100 : many);
}

void settle_door(CyrusDoor const& door, Change& change)
{
    auto const port = change.options.*door.port;
    auto const* const found = entry_of(door, change.now.conf);
    if (port == 0) {
        if (found != nullptr) change.comment_out(*found, "no such listener is wanted");
        return;
    }
    if (found == nullptr) {
        auto const cmd =
            std::string(door.program) + (door.is_tls ? " -s" : "") + (children(door) == "100" ? "" : " -U 30");
        CyrusEntry const entry{"SERVICES",
                               door.name,
                               {{"cmd", cmd},
                                {"listen", port == door.usual ? door.name : std::to_string(port)},
                                {"prefork", "0"},
                                {"maxchild", children(door)}},
                               {}};
        return change.add(entry, fmt::format("{} listens at {}", door.name, port));
    }
    auto entry = *found;
    auto const listen = entry.word("listen");
    auto const colon = listen.rfind(':');
    auto host = colon == std::string::npos ? std::string() : listen.substr(0, colon + 1);
    // Debian's listens to this host alone, as nobody could sign in safely before.
    if (change.options.is_fresh && host == "localhost:") host.clear();
    auto const is_there = port_of(entry) == port && host.size() == (colon == std::string::npos ? 0 : colon + 1);
    if (!is_there) entry.words["listen"] = host + (port == door.usual ? door.name : std::to_string(port));
    if (change.options.is_fresh && to_integer(entry.word("maxchild")).value_or(many) < to_integer(children(door))) {
        entry.words["maxchild"] = children(door);
    }
    if (entry.words != found->words) {
        change.replace(*found, entry,
                       fmt::format("{} listens at {}, for {} at a time", entry.name, entry.word("listen"),
                                   entry.word("maxchild")));
    }
}

bool is_a_door(CyrusEntry const& entry, CyrusConf const& conf)
{
    auto const doors = cyrus_doors();
    return std::any_of(doors.begin(), doors.end(), [&](auto const& door) { return entry_of(door, conf) == &entry; });
}

}  // namespace

Result<Edits> imapd_settings(CyrusFamily family, config::Settings const& settings, CyrusOptions const& options,
                             CyrusNow const& now)
{
    for (auto const& [field, value] : {std::pair("certificate", options.certificate), std::pair("key", options.key),
                                       std::pair("lmtp_socket", options.lmtp_socket)}) {
        CHECK_OK(config::check(config::a_path, value, field));
    }
    Edits edits;
    for (auto const& demand : demands()) {
        if (!is_wanted(demand, options, now)) continue;
        edits.push_back({Kind::set, demand.name, demand.value, demand.also_good, demand.instead_of});
    }
    edits.push_back({Kind::has, "admins", settings.cyrus.admin});
    edits.push_back({Kind::set, "sasl_saslauthd_path", settings.sockets.saslauthd});
    edits.push_back({Kind::set, "tls_server_cert", options.certificate, {}, "tls_cert_file"});
    edits.push_back({Kind::set, "tls_server_key", options.key, {}, "tls_key_file"});
    if (family == CyrusFamily::v3_10) edits.push_back({Kind::set, "allowstarttls", "yes"});
    auto const removals = without_overrides(edits, now);
    edits.insert(edits.end(), removals.begin(), removals.end());
    return edits;
}

std::vector<CyrusConfEdit> cyrus_conf_settings(CyrusOptions const& options, CyrusNow const& now,
                                               std::function<bool(CyrusEntry const&)> const& is_there)
{
    std::vector<CyrusConfEdit> edits;
    Change change{edits, now, options};
    bool has_lmtp = false;
    for (auto const& entry : now.conf.entries) {
        if (entry.section != "SERVICES") continue;
        if (entry.word("listen") == options.lmtp_socket) has_lmtp = true;
        if (is_there(entry)) continue;
        if (is_a_door(entry, now.conf)) continue;  // by its port, which is 0 then
        change.comment_out(entry, entry.program() + " is not installed, and without it Cyrus does not start");
    }
    for (auto const& door : cyrus_doors()) settle_door(door, change);
    if (!has_lmtp) {
        change.add({"SERVICES",
                    "provostlmtp",
                    {{"cmd", "lmtpd"}, {"listen", options.lmtp_socket}, {"prefork", "0"}, {"maxchild", "20"}},
                    {}},
                   "lmtpd listens at " + options.lmtp_socket + ", where Postfix finds it in its chroot");
    }
    return edits;
}

std::string with_edits(CyrusNow const& now, std::vector<CyrusConfEdit> const& edits)
{
    std::map<std::size_t, CyrusConfEdit const*> changed;
    std::string added;
    for (auto const& edit : edits) {
        if (edit.is_new()) added += edit.text;
        else changed[edit.place.begin] = &edit;
    }
    std::string out;
    std::size_t at = 0;
    auto const copy_until = [&](std::size_t end) {
        for (auto each = changed.lower_bound(at); each != changed.end() && each->first < end; ++each) {
            out += now.cyrus_text.substr(at, each->first - at) + each->second->text;
            at = each->second->place.end;
        }
        out += now.cyrus_text.substr(at, end - at);
        at = end;
    };
    copy_until(now.conf.end_of_services);
    if (!added.empty()) out += "\n\t# Set by Provost.\n" + added;
    copy_until(now.cyrus_text.size());
    return out;
}

std::vector<CyrusDoor> cyrus_doors()
{
    return {{"imap", "imapd", false, "imap", &CyrusOptions::imap, 143},
            {"imaps", "imapd", true, "imap", &CyrusOptions::imaps, 993},
            {"pop3", "pop3d", false, "pop3", &CyrusOptions::pop3, 110},
            {"pop3s", "pop3d", true, "pop3", &CyrusOptions::pop3s, 995},
            {"sieve", "timsieved", false, "sieve", &CyrusOptions::sieve, 4190}};
}

CyrusEntry const* entry_of(CyrusDoor const& door, CyrusConf const& conf)
{
    CyrusEntry const* found = nullptr;
    for (auto const& entry : conf.entries) {
        auto const program = entry.program();
        auto const is_program = program == door.program || program.ends_with("/" + std::string(door.program));
        if (entry.section != "SERVICES" || !is_program || entry.has_argument("-s") != door.is_tls) continue;
        if (entry.word("listen").starts_with('/')) continue;
        if (found == nullptr || entry.name == door.name) found = &entry;
    }
    return found;
}

}  // namespace provost::host
