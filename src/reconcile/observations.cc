// SPDX-License-Identifier: Apache-2.0
#include "reconcile/observations.h"

#include <algorithm>
#include <exception>

#include "base/log.h"

namespace provost::reconcile {
namespace {

constexpr auto dropped_help = "Observations lost because the record was away too long.";

}  // namespace

Observations::Observations(House house, Settings settings, Metrics& metrics)
    : house_(std::move(house)),
      settings_(settings),
      dropped_usages_(metrics.counter("provost_observations_dropped_total", dropped_help, {{"kind", "usage"}})),
      dropped_sign_ins_(metrics.counter("provost_observations_dropped_total", dropped_help, {{"kind", "sign_in"}})),
      rounds_("observations", [this] { return round(); })
{
}

void Observations::stop()
{
    rounds_.stop();
    if (std::exchange(stopped_, true)) return;
    try {
        round();
    } catch (std::exception const& trouble) {
        log::warning("OBSERVATIONS_LOST", {{"error", trouble.what()}});
    }
}

std::chrono::milliseconds Observations::round()
{
    collect();
    auto const record = house_.record();
    if (!record) {
        if (!record_is_away_) log::warning("OBSERVATIONS_WAIT", {{"error", record.error().message}});
        record_is_away_ = true;
        return settings_.every;
    }
    record_is_away_ = false;
    write(**record);
    return settings_.every;
}

void Observations::collect_usages()
{
    std::vector<std::pair<std::string, mail::Fullness>> for_copy;
    for (auto const& source : house_.usages) {
        for (auto& [name, mailbox, usage] : source()) {
            auto& latest = usages_[name];
            if (usage.at >= latest.at) latest = usage;
            if (!mailbox.empty())
                for_copy.emplace_back(std::move(mailbox), mail::Fullness{usage.bytes, usage.messages});
        }
    }
    if (!for_copy.empty()) house_.copy(std::move(for_copy));
}

void Observations::collect()
{
    collect_usages();
    for (auto const& source : house_.sign_ins) {
        for (auto& sign_in : source()) {
            auto& latest = sign_ins_[{sign_in.name, sign_in.service}];
            if (latest.name.empty() || sign_in.at >= latest.at) latest = std::move(sign_in);
        }
    }
    for (auto const& source : house_.token_uses)
        for (auto& use : source()) token_uses_[use.token] = std::move(use);
    drop_beyond_bound(usages_, dropped_usages_);
    drop_beyond_bound(sign_ins_, dropped_sign_ins_);
}

template <class Kept>
void Observations::drop_beyond_bound(Kept& kept, Counter& dropped)
{
    if (kept.size() <= settings_.most_kept) return;
    dropped.add(static_cast<double>(kept.size() - settings_.most_kept));
    kept.erase(std::next(kept.begin(), static_cast<std::ptrdiff_t>(settings_.most_kept)), kept.end());
}

// What the record could not take stays for the next round.
void Observations::write(store::Store& store)
{
    if (!usages_.empty()) {
        store.observe_usage({usages_.begin(), usages_.end()});
        usages_.clear();
    }
    if (!sign_ins_.empty()) {
        SignIns batch;
        batch.reserve(sign_ins_.size());
        for (auto const& [place, sign_in] : sign_ins_) batch.push_back(sign_in);
        store.observe_sign_ins(batch);
        sign_ins_.clear();
    }
    if (!token_uses_.empty()) {
        TokenUses batch;
        for (auto const& [id, use] : token_uses_) batch.push_back(use);
        store.observe_token_uses(batch);
        token_uses_.clear();
    }
}

}  // namespace provost::reconcile
