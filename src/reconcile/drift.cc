// SPDX-License-Identifier: Apache-2.0
#include "reconcile/drift.h"

#include <algorithm>
#include <set>

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
    for (auto& mailbox : page.mailboxes) mailbox = directory::with_limits(reading, std::move(mailbox));
    return page;
}

bool is_off(Mailbox const& mailbox, Time now)
{
    return mailbox.state != MailboxState::active || (mailbox.expires && *mailbox.expires <= now);
}

}  // namespace

// One that another server keeps than the one that the site has now.
bool Drifts::is_elsewhere(Mailbox const& mailbox) const
{
    return mailbox.store.target != house_.site && mailbox.kind != mail::MailboxKind::service;
}

Result<targets::Target*> Drifts::target_of(Mailbox const& mailbox) const
{
    auto const found = house_.targets.find(mailbox.store.target);
    if (found == house_.targets.end())
        return refuse(Fault::unavailable, "target", mailbox.store.target, "is not set up here");
    return found->second;
}

Result<std::vector<Drift>> Drifts::open_sessions(Mailbox const& mailbox, targets::Target& target) const
{
    std::vector<Drift> found;
    if (!is_off(mailbox, house_.clock())) return found;
    auto const open = TRY(target.sessions({mailbox.name}));
    if (!open.empty())
        found.push_back({mailbox.name, mailbox.id.text(), target.name(), "session",
                         "has " + std::to_string(open.size()) + " sessions open, and is off", "end them"});
    return found;
}

Result<std::vector<Drift>> Drifts::compare(Mailbox const& mailbox) const
{
    std::vector<Drift> found;
    auto* const target = TRY(target_of(mailbox));
    if (is_elsewhere(mailbox)) {
        found.push_back({mailbox.name, mailbox.id.text(), mailbox.store.target, "target",
                         "is kept by " + mailbox.store.target + ", and the site's mailboxes by " + house_.site,
                         "make it in " + house_.site + ", empty"});
        return found;
    }
    // Of what is still to be made the list of jobs tells.
    if (mailbox.store.state != mail::StoreState::ready) return found;
    for (auto const& one : TRY(target->compare(mailbox)))
        found.push_back({mailbox.name, mailbox.id.text(), target->name(), one.kind, one.what, one.repair});
    for (auto& one : TRY(open_sessions(mailbox, *target))) found.push_back(std::move(one));
    return found;
}

Result<DriftPage> Drifts::look(std::string_view mask, std::string_view after, int limit)
{
    auto* const record = TRY(house_.record());
    Page page;
    record->read([&](store::Reading& reading) { page = page_of(reading, mask, after, limit); });
    DriftPage out;
    out.looked_at = page.mailboxes.size();
    out.next = std::move(page.next);
    for (auto const& mailbox : page.mailboxes)
        for (auto& one : TRY(compare(mailbox))) out.found.push_back(std::move(one));
    return out;
}

Result<std::vector<Drift>> Drifts::repair(std::string_view id)
{
    auto* const record = TRY(house_.record());
    std::optional<Mailbox> mailbox;
    record->read([&](store::Reading& reading) {
        if (auto found = reading.mailbox_by_id(id))
            mailbox = directory::with_limits(reading, std::move(found->mailbox));
    });
    if (!mailbox || directory::is_given_up(*mailbox))
        return refuse(Fault::not_found, "id", id, "is not that of a mailbox");
    auto* target = TRY(target_of(*mailbox));
    auto wanted = *mailbox;
    if (is_elsewhere(*mailbox)) {
        wanted.store = {};
        wanted.store.target = house_.site;
        target = TRY(target_of(wanted));
    }
    auto const made = TRY(target->mend(wanted));
    CHECK_OK(write_store(*record, *mailbox, made));
    if (is_off(*mailbox, house_.clock())) CHECK_OK(target->end_sessions({mailbox->name}));
    wanted.store = made;
    return compare(wanted);
}

Result<std::vector<Drift>> Drifts::strangers()
{
    auto* const record = TRY(house_.record());
    std::set<std::string> ours;
    record->read([&](store::Reading& reading) {
        reading.every_mailbox([&](store::MailboxRecord const& one) { ours.insert(one.mailbox.store.generation); });
    });
    std::vector<Drift> found;
    for (auto const& [name, target] : house_.targets) {
        if (name != house_.site) continue;
        for (auto const& stranger : TRY(target->strangers([&](auto const& id) { return ours.contains(id); })))
            found.push_back({stranger.name, stranger.id, name, "stranger", "is nobody's in the directory", ""});
    }
    return found;
}

Result<void> Drifts::remove_stranger(std::string_view id)
{
    for (auto const& stranger : TRY(strangers())) {
        if (stranger.id != id) continue;
        return house_.targets.at(stranger.target)->remove({stranger.mailbox, stranger.id});
    }
    return refuse(Fault::not_found, "id", id, "is not that of a stranger's mailbox");
}

}  // namespace provost::reconcile
