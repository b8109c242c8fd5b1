// SPDX-License-Identifier: Apache-2.0
#include "protocols/recorder.h"

#include <algorithm>

namespace provost::protocols {

Recorder::Recorder(Metrics& metrics, std::function<std::string(std::string_view name)> mailbox_of)
    : mailbox_of_(std::move(mailbox_of)),
      dropped_(metrics.counter("provost_observations_dropped_total", "Observations that found no room."))
{
}

void Recorder::observe_usage(std::string_view name, std::int64_t bytes, std::int64_t messages, Time at)
{
    Usage usage{bytes, messages, at, mailbox_of_(name)};
    bool const has_room = kept_.with([&](Kept& kept) {
        auto const known = kept.usage.find(name);
        if (known != kept.usage.end()) {
            known->second = std::move(usage);
            return true;
        }
        if (kept.usage.size() >= most_names) return false;
        kept.usage.emplace(name, std::move(usage));
        return true;
    });
    if (!has_room) dropped_.add();
}

void Recorder::observe_login(mail::Service service, std::string_view name, Time at)
{
    bool const has_room = kept_.with([&](Kept& kept) {
        std::pair key(std::string(name), service);
        auto const known = kept.logins.find(key);
        if (known != kept.logins.end()) {
            known->second = std::max(known->second, at);
            return true;
        }
        if (kept.logins.size() >= most_names) return false;
        kept.logins.emplace(std::move(key), at);
        return true;
    });
    if (!has_room) dropped_.add();
}

Recorder::Taken Recorder::take()
{
    auto const kept = kept_.with([](Kept& current) { return std::exchange(current, {}); });
    Taken taken;
    taken.usage.assign(kept.usage.begin(), kept.usage.end());
    for (auto const& [key, at] : kept.logins) taken.logins.push_back({key.second, key.first, at});
    return taken;
}

}  // namespace provost::protocols
