// SPDX-License-Identifier: Apache-2.0
#include "reconcile/drift.h"

#include <algorithm>
#include <set>

#include "directory/domain_parts.h"
#include "directory/retirement.h"
#include "directory/store_work.h"
#include "reconcile/written_store.h"

namespace provost::reconcile {
namespace {

using directory::Drift;
using directory::DriftPage;
using mail::Mailbox;
using mail::MailboxState;

// A page goes on among deleted mailboxes after these words, and the name and id of the last one.
constexpr std::string_view deleted_mark = "deleted ";

struct Page {
    std::vector<Mailbox> mailboxes;
    std::optional<std::string> next;
};

std::string place_of(Mailbox const& mailbox)
{
    return std::string(deleted_mark).append(mailbox.name).append(" ").append(mailbox.id.text());
}

store::NameAndId place_from(std::string_view after)
{
    after.remove_prefix(deleted_mark.size());
    auto const blank = after.rfind(' ');
    if (blank == std::string_view::npos) return {};
    return {std::string(after.substr(0, blank)), std::string(after.substr(blank + 1))};
}

// Those that are there, then those that can still be had back.
Page page_of(store::Reading& reading, std::string_view mask, std::string_view after, int limit)
{
    Page page;
    if (!after.starts_with(deleted_mark)) {
        page.mailboxes = reading.mailboxes(mask, after, limit);
        if (static_cast<int>(page.mailboxes.size()) == limit) page.next = page.mailboxes.back().name;
        else page.next = std::string(deleted_mark);
    } else {
        page.mailboxes = reading.deleted_mailboxes(mask, place_from(after), limit);
        if (static_cast<int>(page.mailboxes.size()) == limit) page.next = place_of(page.mailboxes.back());
        std::erase_if(page.mailboxes, [](auto const& one) { return directory::is_given_up(one); });
    }
    return page;
}

// The name of a deleted one may be another's by now, whose sessions are none of its.
bool is_off(store::Reading& reading, Mailbox const& mailbox, Time now)
{
    if (mailbox.state == MailboxState::deleted) return !reading.owner_of_name(mailbox.name);
    auto const is_over = [&](std::optional<Time> const& expires) { return expires && *expires <= now; };
    if (mailbox.state != MailboxState::active || is_over(mailbox.expires)) return true;
    auto const domain = reading.domain(directory::domain_part(mailbox.name));
    return domain && (!domain->enabled || is_over(domain->expires));
}

}  // namespace

// One that another server keeps than the one that the site has now.
bool Drifts::is_elsewhere(Mailbox const& mailbox) const
{
    return mailbox.store.target != house_.site && mailbox.kind != mail::MailboxKind::service;
}

Drifts::Seen Drifts::seen(store::Reading& reading, Mailbox mailbox) const
{
    bool const off = is_off(reading, mailbox, house_.clock());
    return {directory::with_limits(reading, std::move(mailbox)), off};
}

// A service has no mail anywhere, and its sessions where everybody's are.
Result<targets::Target*> Drifts::target_of(Mailbox const& mailbox) const
{
    auto const& name = mailbox.kind == mail::MailboxKind::service ? house_.site : mailbox.store.target;
    auto const found = house_.targets.find(name);
    if (found == house_.targets.end()) return refuse(Fault::unavailable, "target", name, "is not set up here");
    return found->second;
}

Result<std::vector<Drift>> Drifts::open_sessions(Seen const& seen, targets::Target& target) const
{
    std::vector<Drift> found;
    if (!seen.is_off || !target.sees_sessions()) return found;
    auto const& mailbox = seen.mailbox;
    auto const open = TRY(target.sessions({mailbox.name}));
    if (!open.empty())
        found.push_back({mailbox.name, mailbox.id.text(), target.name(), "session",
                         "has " + std::to_string(open.size()) + " sessions open, and is off", "end them"});
    return found;
}

Result<std::vector<Drift>> Drifts::compare(Seen const& seen) const
{
    std::vector<Drift> found;
    auto const& mailbox = seen.mailbox;
    if (is_elsewhere(mailbox)) {
        // A deleted one is made nowhere: it is had back or purged where it is.
        if (mailbox.state == MailboxState::deleted) return found;
        found.push_back({mailbox.name, mailbox.id.text(), mailbox.store.target, "target",
                         "is kept by " + mailbox.store.target + ", and the site's mailboxes by " + house_.site,
                         "make it in " + house_.site + ", empty"});
        return found;
    }
    auto* const target = TRY(target_of(mailbox));
    // Of what is still to be made the list of jobs tells.
    if (mailbox.store.state != mail::StoreState::ready) return found;
    for (auto const& one : TRY(target->compare(mailbox)))
        found.push_back({mailbox.name, mailbox.id.text(), target->name(), one.kind, one.what, one.repair});
    for (auto& one : TRY(open_sessions(seen, *target))) found.push_back(std::move(one));
    return found;
}

Result<DriftPage> Drifts::look(std::string_view mask, std::string_view after, int limit)
{
    auto* const record = TRY(house_.record());
    DriftPage out;
    std::vector<Seen> all;
    record->read([&](store::Reading& reading) {
        auto page = page_of(reading, mask, after, limit);
        for (auto& mailbox : page.mailboxes) all.push_back(seen(reading, std::move(mailbox)));
        out.next = std::move(page.next);
    });
    out.looked_at = all.size();
    for (auto const& one : all)
        for (auto& drift : TRY(compare(one))) out.found.push_back(std::move(drift));
    return out;
}

Result<std::vector<Drift>> Drifts::repair(std::string_view id, bool dry_run)
{
    auto* const record = TRY(house_.record());
    std::optional<Seen> found;
    record->read([&](store::Reading& reading) {
        if (auto is = reading.mailbox_by_id(id)) found = seen(reading, std::move(is->mailbox));
    });
    if (!found || directory::is_given_up(found->mailbox))
        return refuse(Fault::not_found, "id", id, "is not that of a mailbox");
    if (dry_run) return compare(*found);
    auto wanted = *found;
    auto& mailbox = wanted.mailbox;
    if (is_elsewhere(mailbox)) {
        if (mailbox.state == MailboxState::deleted)
            return refuse(Fault::conflict, "id", id, "is that of a deleted mailbox in " + mailbox.store.target);
        mailbox.store = {};
        mailbox.store.target = house_.site;
    }
    auto* const target = TRY(target_of(mailbox));
    auto const made = TRY(target->mend(mailbox));
    CHECK_OK(write_store(*record, found->mailbox, made));
    if (wanted.is_off && target->sees_sessions()) {
        auto const proof = house_.end_sessions({mailbox.name});
        if (!proof.sessions_trouble.empty()) return fail(Fault::unavailable, proof.sessions_trouble);
    }
    mailbox.store = made;
    return compare(wanted);
}

Result<std::vector<Drift>> Drifts::strangers()
{
    auto* const record = TRY(house_.record());
    std::set<std::string> ours;
    std::set<std::string> being_made;  // names: they may be there before their ids are written down
    record->read([&](store::Reading& reading) {
        reading.every_mailbox([&](store::MailboxRecord const& one) {
            auto const& store = one.mailbox.store;
            if (!store.generation.empty()) ours.insert(store.generation);
            else if (store.state == mail::StoreState::preparing) being_made.insert(one.mailbox.name);
        });
    });
    std::vector<Drift> found;
    for (auto const& [name, target] : house_.targets) {
        if (name != house_.site) continue;
        for (auto const& stranger : TRY(target->strangers([&](auto const& id) { return ours.contains(id); })))
            if (!being_made.contains(stranger.name))
                found.push_back({stranger.name, stranger.id, name, "stranger", "is nobody's in the directory", ""});
    }
    return found;
}

Result<void> Drifts::remove_stranger(std::string_view id, bool dry_run)
{
    for (auto const& stranger : TRY(strangers())) {
        if (stranger.id != id) continue;
        if (dry_run) return {};
        return house_.targets.at(stranger.target)->remove({stranger.mailbox, stranger.id});
    }
    return refuse(Fault::not_found, "id", id, "is not that of a stranger's mailbox");
}

}  // namespace provost::reconcile
