// SPDX-License-Identifier: Apache-2.0
#include "reconcile/timers.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "directory/retirement.h"

namespace provost::reconcile {
namespace {

constexpr int lapses_at_once = 500;
constexpr int mailboxes_at_once = 1'000;

void add_names(mail::Mailbox const& mailbox, std::vector<std::string>& names)
{
    names.push_back(mailbox.name);
    names.insert(names.end(), mailbox.former_names.begin(), mailbox.former_names.end());
}

// The names under which sessions may be open that the lapse ends. Under an alias there are none.
std::vector<std::string> names_of(store::Reading& reading, store::Lapse const& lapse)
{
    std::vector<std::string> names;
    if (lapse.kind == store::Kind::mailbox) {
        if (auto const found = reading.mailbox_by_id(lapse.id)) add_names(found->mailbox, names);
    } else if (lapse.kind == store::Kind::domain) {
        auto const domain = reading.domain_by_id(lapse.id);
        std::string after;
        for (bool more = domain.has_value(); more;) {
            auto const page = reading.mailboxes("*@" + domain->name.text(), after, mailboxes_at_once);
            for (auto const& mailbox : page) add_names(mailbox, names);
            more = page.size() == mailboxes_at_once;
            if (more) after = page.back().name;
        }
    }
    return names;
}

struct Page {
    std::vector<store::Lapse> lapses;
    std::vector<std::string> names;
};

Page read_page(store::Store& store, store::Lapse const& after, Time until)
{
    Page page;
    store.read([&](store::Reading& reading) {
        page = {};
        page.lapses = reading.expiring(after, until, lapses_at_once);
        for (auto const& lapse : page.lapses) {
            auto names = names_of(reading, lapse);
            std::move(names.begin(), names.end(), std::back_inserter(page.names));
        }
    });
    return page;
}

}  // namespace

Timers::Timers(House house, Settings settings, Metrics& metrics)
    : house_(std::move(house)),
      settings_(settings),
      expired_sessions_(metrics.counter("provost_expired_sessions_total", "Sessions ended because their time came.")),
      purged_(metrics.counter("provost_purged_mailboxes_total", "Deleted mailboxes that can no longer be restored.")),
      rounds_("timers", [this] { return round(); })
{
}

std::chrono::milliseconds Timers::round()
{
    auto const record = house_.record();
    if (!record) {
        if (!record_is_away_) log::warning("TIMERS_WAIT", {{"error", record.error().message}});
        record_is_away_ = true;
        return settings_.look_again;
    }
    record_is_away_ = false;
    if (house_.target) end_expired_sessions(**record);
    if (!since_tidied_ || since_tidied_->elapsed() >= settings_.tidy_again) {
        tidy(**record);
        since_tidied_.emplace();
    }
    return settings_.look_again;
}

void Timers::end_expired_sessions(store::Store& store)
{
    // There may be much to read, and nothing would come of it.
    if (target_is_away_ && !house_.target->sessions({})) return;
    auto const time = house_.clock();
    // The clock was set back: what lies between expires once more.
    if (time < place_.at) place_ = {};
    auto after = place_;
    bool done_so_far = true;
    for (;;) {
        auto const page = read_page(store, after, time);
        if (page.lapses.empty()) return;
        auto const were_open = end_sessions(page.names);
        if (target_is_away_) return;
        done_so_far = done_so_far && !were_open;
        for (auto const& lapse : page.lapses) {
            done_so_far = done_so_far && lapse.at <= time - settings_.visible_within;
            if (done_so_far) place_ = lapse;
        }
        after = page.lapses.back();
        if (page.lapses.size() < lapses_at_once || rounds_.is_stopping()) return;
    }
}

// Whether some were open, or nobody can tell. What had to be ended is looked at once more in the next round.
bool Timers::end_sessions(std::vector<std::string> const& names)
{
    if (names.empty()) return false;
    auto const open = house_.target->sessions(names);
    if (!open && !target_is_away_) log::warning("EXPIRY_WAITS", {{"error", open.error().message}});
    target_is_away_ = !open;
    if (!open || open->empty()) return !open;
    auto const ended = house_.target->end_sessions(names);
    if (!ended) {
        if (!ending_fails_) log::warning("EXPIRED_SESSIONS_STAY", {{"error", ended.error().message}});
        ending_fails_ = true;
        return true;
    }
    ending_fails_ = false;
    for (auto const& session : *open) {
        expired_sessions_.add();
        log::info("EXPIRED_SESSION_ENDED",
                  {{"user", session.name}, {"service", session.service}, {"from", session.from}});
    }
    return true;
}

// Only what had lapsed at the round before as well: a clock that leaps ahead and is set right again costs nobody a
// mailbox.
void Timers::tidy(store::Store& store)
{
    auto const time = house_.clock();
    auto const until = std::min(time, std::exchange(tidied_to_, time));
    for (bool more = true; more && !rounds_.is_stopping();) {
        std::vector<store::Lapse> lapses;
        store.read([&](store::Reading& reading) { lapses = reading.past_restoring(until, lapses_at_once); });
        more = lapses.size() == lapses_at_once;
        for (auto const& lapse : lapses) {
            auto const done = give_up(store, lapse.id, until);
            if (done) continue;
            // One that cannot go stays first in the list; the rest is for the next time.
            more = false;
            log::warning("PURGE_FAILED", {{"mailbox", lapse.id}, {"error", done.error().message}});
        }
    }
    auto const pruned = store.prune_changes(time - settings_.keep_changes);
    if (pruned > 0) log::info("CHANGES_PRUNED", {{"rows", std::to_string(pruned)}});
}

Result<void> Timers::give_up(store::Store& store, std::string const& id, Time until)
{
    std::string name;
    auto const done = store.act({"system:retention", "local"}, [&](store::Writing& writing) -> Result<void> {
        auto const found = writing.mailbox_by_id(id);
        if (!found) return fail(Fault::not_found, "the mailbox is gone already");
        auto const& mailbox = found->mailbox;
        // Somebody may have restored it since it was found.
        if (mailbox.state != mail::MailboxState::deleted || !mailbox.restorable_until ||
            *mailbox.restorable_until > until) {
            return fail(Fault::not_found, "the mailbox is not to be purged any more");
        }
        name = mailbox.name;
        directory::give_up(writing, mailbox, house_.clock());
        return {};
    });
    if (!done && done.error().fault == Fault::not_found) return {};
    if (!done) return tl::make_unexpected(done.error());
    purged_.add();
    log::info("MAILBOX_GIVEN_UP", {{"mailbox", name}, {"id", id}});
    return {};
}

}  // namespace provost::reconcile
