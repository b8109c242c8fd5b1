// SPDX-License-Identifier: Apache-2.0
#include "host/setup_cyrus.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "host/plan_files.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

// What becomes of a setting of the site's own, where people feel it.
struct Felt {
    char const* name;
    char const* then;
};
constexpr std::array felt{
    Felt{"sasl_pwcheck_method", "who signs in is asked of the directory"},
    Felt{"sasl_saslauthd_path", "who signs in is asked of the directory"},
    Felt{"sasl_mech_list", "programs that sign in by another mechanism have to be told to send the password"},
    Felt{"allowplaintext", "who signs in without TLS has to turn STARTTLS or TLS on"},
    Felt{"virtdomains", "mailboxes without a domain in their names stay, but nobody signs in to them"},
    Felt{"autocreate_quota", "a mailbox is made by the directory, and no more by who signs in"},
    Felt{"autocreate_post", "a mailbox is made by the directory, and no more by a letter"},
    Felt{"delete_mode", "what is deleted is kept until Cyrus purges it"},
};

std::string shown(std::string const& name, std::string const& value)
{
    return name.find("passw") == std::string::npos ? escaped(value) : "(hidden)";
}

// Where several names are one, the one that is set.
std::string name_now(ImapdEdit const& edit, CyrusNow const& now)
{
    return now.options.count(edit.name) == 0 && now.options.count(edit.instead_of) != 0 ? edit.instead_of : edit.name;
}

Result<void> check_included(std::vector<ImapdEdit> const& edits, CyrusNow const& now)
{
    for (auto const& edit : edits) {
        auto const name = name_now(edit, now);
        auto const found = now.elsewhere.find(name);
        if (found == now.elsewhere.end()) continue;
        return fail(Fault::conflict,
                    fmt::format("{} sets {} to '{}', and imapd.conf may not set it a second time: take it out there",
                                found->second, name, shown(name, now.value(name))),
                    name);
    }
    return {};
}

tl::unexpected<Error> not_understood(Error const& error)
{
    auto const fault = error.fault == Fault::invalid ? Fault::conflict : error.fault;
    return fail(fault, "Cyrus does not take what was written: " + error.message);
}

}  // namespace

Result<CyrusDemands> cyrus_demands(Root const& root, config::Settings const& settings, CyrusFamily family,
                                   CyrusOptions const& options, CyrusNow const& now)
{
    CyrusDemands demands;
    auto const all = TRY(imapd_settings(family, settings, options, now));
    demands.imapd = pending_edits(all, now.options);
    CHECK_OK(check_included(demands.imapd, now));
    demands.conf =
        cyrus_conf_settings(options, now, [&](CyrusEntry const& entry) { return is_installed(root, entry); });
    return demands;
}

Result<std::vector<Membership>> cyrus_memberships(Root const& root, config::Settings const& settings,
                                                  CyrusOptions const& options)
{
    auto groups = groups_to_read(root, cyrus_user, options.key);
    if (!groups) {
        auto error = groups.error();
        error.field = "--key";
        error.message += ". Cyrus reads its key as that user: give it a copy with group ssl-cert and mode 0640";
        return tl::make_unexpected(std::move(error));
    }
    for (auto const& socket : sockets_of(settings)) {
        if (socket.name == "saslauthd") groups->push_back(socket.access.group);
    }
    std::vector<Membership> missing;
    for (auto const& group : *groups) {
        Membership const membership{cyrus_user, group};
        if (!TRY(is_member(root, membership))) missing.push_back(membership);
    }
    return missing;
}

std::vector<std::string> cyrus_notes(CyrusDemands const& demands, CyrusNow const& now, CyrusOptions const& options)
{
    std::vector<std::string> notes;
    // Of a host where nobody has mail nothing is felt.
    if (!now.has_mail) return notes;
    for (auto const& edit : demands.imapd) {
        auto const name = name_now(edit, now);
        auto const* const found =
            std::find_if(felt.begin(), felt.end(), [&](auto const& each) { return edit.name == each.name; });
        auto const is_own = edit.kind == ImapdEdit::Kind::remove;
        if (now.options.count(name) == 0 || (found == felt.end() && !is_own)) continue;
        auto const value = shown(name, now.value(name));
        notes.push_back(is_own
                            ? fmt::format("imapd.conf: {}: {} is taken out: it would hold against ours", name, value)
                            : fmt::format("imapd.conf: {}: {} becomes {}: {}", name, value, edit.value, found->then));
    }
    auto const domain = now.value("defaultdomain");
    if (!options.is_fresh && !domain.empty() && domain != "internal") {
        notes.push_back(fmt::format(
            "imapd.conf: defaultdomain: {0} stays, since mailboxes may lie there without it in their names. Cyrus cuts "
            "it off: a user NAME@{0} is asked for as NAME. Where {0} is no domain of mailboxes, write internal",
            escaped(domain)));
    }
    for (auto const& edit : demands.conf) notes.push_back("cyrus.conf: " + edit.what);
    notes.emplace_back("Cyrus is started anew: sessions end, and programs connect again");
    return notes;
}

Result<void> plan_cyrus(Root const& root, config::Settings const& settings, CyrusFamily family, CyrusNow const& now,
                        SetupPlan& plan)
{
    auto const& options = plan.options.cyrus;
    auto const demands = TRY(cyrus_demands(root, settings, family, options, now));
    auto const before = plan.files.size();
    auto const imapd_path = TRY(root.real(settings.cyrus.imapd_conf));
    auto const imapd = TRY(root.state(imapd_path));
    auto const imapd_text = TRY(with_edits(imapd.content, demands.imapd, settings.cyrus.imapd_conf));
    change_text(plan, imapd_path, imapd, imapd_text);
    auto const conf_path = TRY(root.real(cyrus_conf_file));
    auto const conf = TRY(root.state(conf_path));
    change_text(plan, conf_path, conf, with_edits(now, demands.conf));
    plan.members = TRY(cyrus_memberships(root, settings, options));
    for (auto const& [user, group] : plan.members) {
        plan.places.push_back("the user " + user + " in the group " + group);
    }
    plan.restart_cyrus = plan.files.size() > before || !plan.members.empty();
    if (plan.restart_cyrus) {
        for (auto& note : cyrus_notes(demands, now, options)) plan.notes.push_back(std::move(note));
    }
    return {};
}

Result<void> check_cyrus(Root const& root, config::Settings const& settings, CyrusOptions const& options,
                         Runner const& run)
{
    auto const told = ask_cyrus(root, settings, run);
    if (!told) return not_understood(told.error());
    auto const now = read_cyrus(root, settings);
    if (!now) return not_understood(now.error());
    for (auto const& [name, value] :
         {std::pair("sasl_pwcheck_method", std::string("saslauthd")),
          std::pair("sasl_saslauthd_path", settings.sockets.saslauthd), std::pair("tls_server_key", options.key)}) {
        auto const found = told->find(name);
        auto const is = found == told->end() ? std::string() : found->second;
        if (is == value) continue;
        return fail(Fault::conflict, fmt::format("Cyrus does not go by {}: {} is '{}' and not '{}'",
                                                 settings.cyrus.imapd_conf, name, escaped(is), value));
    }
    return {};
}

}  // namespace provost::host
