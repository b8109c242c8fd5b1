// SPDX-License-Identifier: Apache-2.0
// How an administrator has a deleted mailbox go for good before its time.
#include <algorithm>

#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/retirement.h"
#include "directory/store_work.h"

namespace provost::directory {
namespace {

// A home of usual size is gone sooner; the rest is told of by the list of jobs.
constexpr std::chrono::milliseconds released_within{5000};
constexpr std::chrono::milliseconds look_again{50};

tl::unexpected<Error> no_such(std::string_view id)
{
    return refuse(Fault::not_found, "id", id, "is not that of a deleted mailbox");
}

// By name, by id, or by both. What is destroyed is never chosen for the caller.
Result<mail::Mailbox> deleted_one(store::Reading& record, Authority const& authority, std::string_view name,
                                  std::string_view id)
{
    if (name.empty()) {
        auto found = record.mailbox_by_id(id);
        if (!found || found->mailbox.state != mail::MailboxState::deleted || !sees_deleted(record, authority, *found))
            return no_such(id);
        return std::move(found->mailbox);
    }
    if (id.empty()) {
        auto const all = deleted_for(record, authority, name);
        if (all.empty() && record.mailbox(name))
            return refuse(Fault::conflict, "name", name, "is in use: delete it first");
        if (all.size() > 1)
            return refuse(Fault::conflict, "name", name,
                          "is that of " + std::to_string(all.size()) + " deleted mailboxes: say which by its id");
    }
    return std::move(TRY(restorable_mailbox(record, authority, name, id)).mailbox);
}

}  // namespace

Result<Done> Acts::purge_mailbox(Request const& request, std::string_view name, std::string_view id)
{
    if (name.empty() && id.empty()) return fail(Fault::invalid, "name: say which mailbox, by its name or id", "name");
    std::string key;
    if (!name.empty()) key = TRY(mail::parse_login(name, "name"));
    std::string purged;
    Notes notes;
    // By its id alone it is found first, and is nobody's business whose domain it is not in.
    auto const need = administering(key.empty() ? Ground::some : Ground::new_mailbox);
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        auto const found = TRY(deleted_one(writing, authority, key, id));
        if (!authority.check(administering(Ground::new_mailbox), found.name)) return no_such(id);
        CHECK_OK(check_not_above(writing, authority, found));
        if (is_given_up(found))
            return refuse(Fault::conflict, "name", found.name, "was given up already: see the list of jobs");
        key = found.name;
        purged = found.id.text();
        give_up(writing, found, house_.clock());
        for (auto const& alias : writing.aliases_with_target(found.name))
            if (authority.sees(alias.address.text()) && !writing.owner_of_name(found.name))
                notes.push_back("alias " + alias.address.text() + " still names it");
        return {};
    });
    auto done = TRY(std::move(ran));
    done.subject = key;
    append(done.notes, notes);
    if (request.dry_run) return done;
    await_release(done, purged);
    return done;
}

std::optional<std::string> Acts::held_up(std::string const& mailbox_id, std::string_view verb,
                                         std::function<bool(store::Reading&)> const& is_done)
{
    house_.wake_work();
    for (Stopwatch const watch;;) {
        bool done = false;
        std::string trouble;
        auto const looked = look([&](store::Reading& reading) -> Result<void> {
            done = is_done(reading);
            for (auto const& work : reading.work_about(mailbox_id))
                if (work.verb == verb && !work.last_error.empty()) trouble = work.last_error;
            return {};
        });
        if (!looked) return looked.error().message;
        if (done) return std::nullopt;
        if (!trouble.empty()) return trouble;
        if (watch.elapsed() >= released_within) return "see the list of jobs";
        house_.await_work(look_again);
    }
}

void Acts::await_release(Done& done, std::string const& mailbox_id)
{
    auto const is_gone = [&](store::Reading& reading) { return !reading.mailbox_by_id(mailbox_id); };
    if (auto const trouble = held_up(mailbox_id, retire_verb, is_gone))
        done.notes.push_back("nobody has it back, and its mail is still to be removed: " + *trouble);
}

void Acts::await_store(Done& done, mail::Mailbox const& mailbox)
{
    if (done.dry_run || !has_store_to_lead(mailbox)) return;
    auto const id = mailbox.id.text();
    auto const is_done = [&](store::Reading& reading) {
        return std::ranges::none_of(reading.work_about(id), [](auto const& work) { return work.verb == ensure_verb; });
    };
    if (auto const trouble = held_up(id, ensure_verb, is_done))
        done.notes.push_back("its store is not ready yet, and mail for it waits: " + *trouble);
}

}  // namespace provost::directory
