// SPDX-License-Identifier: Apache-2.0
#include "reconcile/second_look.h"

#include "base/log.h"

namespace provost::reconcile {
namespace {

// The target tells the least that the bytes can be; how far it rounds is at most this.
constexpr std::int64_t rounding = 1024;

bool agree(mail::Fullness const& known, mail::Fullness const& least)
{
    return known.messages == least.messages && known.bytes >= least.bytes && known.bytes - least.bytes < rounding;
}

}  // namespace

SecondLook::SecondLook(Refused refused, targets::Target& target, Settings settings, Metrics& metrics)
    : refused_(std::move(refused)),
      target_(target),
      settings_(settings),
      corrected_(metrics.counter("provost_usage_corrected_total",
                                 "Mailboxes that were less full, or fuller, than was known when they were refused."))
{
}

void SecondLook::stop()
{
    stopping_ = true;
    std::lock_guard const until_it_is_over(looking_);
}

Observations::Usages SecondLook::look()
{
    std::lock_guard const lock(looking_);
    std::erase_if(looked_, [&](auto const& one) { return Clock::now() - one.second >= settings_.again; });
    Observations::Usages otherwise;
    std::size_t asked = 0;
    for (auto& [id, name, known] : refused_()) {
        if (asked == settings_.most || stopping_) break;
        if (!looked_.emplace(id, Clock::now()).second) continue;
        ++asked;
        auto const told = target_.usage(name);
        if (!told) {
            log::info("USAGE_NOT_TOLD", {{"mailbox", name}, {"error", told.error().message}});
            break;  // the others would only wait for it too
        }
        if (agree(known, *told)) continue;
        corrected_.add();
        log::info(
            "USAGE_CORRECTED",
            {{"mailbox", name}, {"bytes", std::to_string(told->bytes)}, {"messages", std::to_string(told->messages)}});
        otherwise.push_back({std::move(name), std::move(id), {told->bytes, told->messages, now()}});
    }
    return otherwise;
}

}  // namespace provost::reconcile
