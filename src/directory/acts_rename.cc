// SPDX-License-Identifier: Apache-2.0
// How mailboxes change their names: the mail stays where it is, and whoever names the old one names the new one.
#include <algorithm>

#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/references.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

mail::Mailbox renamed(mail::Mailbox mailbox, std::string const& to)
{
    std::erase(mailbox.logins, to);
    std::erase(mailbox.former_names, to);
    mailbox.former_names.push_back(std::exchange(mailbox.name, to));
    return mailbox;
}

// The old address as an alias of the new one.
Result<mail::Alias> kept_address(std::string const& from, std::string const& to, Time now)
{
    auto address = mail::Address::parse(from, "keep_address");
    if (!address) return refuse(Fault::invalid, "keep_address", from, "is no address that could be kept");
    auto target = TRY(mail::Address::parse(to, "to"));
    mail::Alias alias{.id = AliasId::make(), .address = *std::move(address)};
    alias.targets.push_back(std::move(target));
    alias.created = now;
    return alias;
}

Result<void> rename(Deed const& deed, mail::Mailbox const& mailbox, std::string const& to, bool keep_address,
                    Notes& notes)
{
    auto& writing = deed.writing;
    Rules rules(writing, deed.authority, deed.now, deed.delimiter);
    CHECK_OK(rules.check_name(to, "to", "mailbox:" + mailbox.id.text()));
    auto changed = renamed(mailbox, to);
    auto const address = mail::Address::from_wire(mailbox.name);
    auto const new_address = mail::Address::from_wire(to);
    auto referrers = writing.referrers(mailbox.name, deed.delimiter);
    std::erase_if(referrers.mailboxes, [&](auto const& other) { return other.id == mailbox.id; });
    auto const how = address && new_address ? instead_of(*address, new_address, deed.delimiter) : Rewriting();
    if (how) rewrite(changed, how);
    auto before = mailbox;
    before.forwards = changed.forwards;  // what follows is not new
    CHECK_OK(write(deed, changed, &before));
    if (how) follow(deed, referrers, how, "names " + to + " from now on", notes);
    if (keep_address) {
        auto const alias = TRY(kept_address(mailbox.name, to, deed.now));
        CHECK_OK(write(deed, alias, nullptr));
        notes.push_back("alias " + mailbox.name + " leads to it");
    }
    // What leads to it is judged once all of that does.
    if (new_address) {
        CHECK_OK(rules.check_expansion(*new_address, "to"));
        if (enters_domain(changed, &mailbox))
            for (auto const& alias : writing.aliases_with_target(to)) CHECK_OK(rules.check_aliases_per_mailbox(alias));
    }
    audit_change(writing, "mailbox.rename", mailbox, changed);
    return {};
}

}  // namespace

Result<Done> Acts::rename_mailbox(Request const& request, std::string_view name, Renaming const& wish)
{
    auto const from = TRY(mail::parse_login(name, "name"));
    auto const to = TRY(mail::parse_login(wish.to, "to"));
    if (from == to) return refuse(Fault::conflict, "to", to, "is its name already");
    std::vector<std::string> names;
    auto const need = administering(Ground::mailbox);
    auto const looked = read(request.by, need, from, [&](auto& reading, auto& authority) -> Result<void> {
        auto const found = TRY(existing_mailbox(reading, from));
        CHECK_OK(check_not_above(reading, authority, found.mailbox));
        names = session_names(found.mailbox);
        return {};
    });
    CHECK_OK(looked);
    std::unique_ptr<ProofOfOff::Attempt> attempt;
    if (house_.proof != nullptr && !request.dry_run) attempt = house_.proof->begin(names);

    std::string work_id;
    Notes notes;
    mail::Mailbox led;
    auto ran = run(request, need, from, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        CHECK_OK(authority.check(administering(Ground::new_mailbox), to));
        auto const found = TRY(existing_mailbox(writing, from));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        auto all_names = session_names(found.mailbox);
        all_names.push_back(to);
        auto const work = end_sessions(house_.target, found.mailbox.id.text(), all_names, house_.clock());
        work_id = work.id;
        writing.add_work(work);
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        led = found.mailbox;
        return rename(deed, found.mailbox, to, wish.keep_address, notes);
    });
    auto done = TRY(std::move(ran));
    done.subject = to;
    append(done.notes, notes);
    if (request.dry_run) return done;
    // Sessions that others left under the new name; while they cannot be ended, the work stays.
    bool const free = house_.proof == nullptr || house_.proof->end_sessions({to}).sessions_trouble.empty();
    take_away(done, attempt.get(), free ? work_id : std::string());
    await_store(done, led);
    return done;
}

}  // namespace provost::directory
