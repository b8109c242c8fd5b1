// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "api/handlers.h"
#include "api/objects.h"
#include "api/replies.h"
#include "base/text.h"

namespace provost::api {
namespace {

constexpr int most_work_counted = 10'000;

json::object position_json(store::Position const& position)
{
    return {{"epoch", shown(position.epoch)}, {"revision", position.revision}};
}

json::object record_json(directory::Acts& acts)
{
    auto const position = acts.position();
    json::object out{
        {"reachable", position.has_value()}, {"writable", false}, {"trouble", nullptr}, {"position", nullptr}};
    if (position) {
        auto const trouble = acts.writing_trouble();
        out["writable"] = trouble.empty();
        out["trouble"] = shown(trouble);
        out["position"] = position_json(*position);
    } else {
        out["trouble"] = position.error().message;
    }
    return out;
}

json::object replica_json(replica::Replica const& replica)
{
    auto const health = replica.health();
    json::value age = nullptr;
    if (auto const known = health.age()) age = known->count();
    return {{"usable", health.usable},
            {"rebuilding", health.rebuilding},
            {"position", position_json(health.position)},
            {"age_ms", age},
            {"trouble", shown(health.trouble)}};
}

// null where the record cannot say.
json::value work_json(Call const& call)
{
    auto const work = call.house.acts.pending_work(call.caller, {}, most_work_counted);
    if (!work) return nullptr;
    std::int64_t failing = 0;
    std::int64_t due = 0;
    std::string trouble;
    auto const at = now();
    for (auto const& item : *work) {
        if (item.due <= at) ++due;
        if (item.last_error.empty()) continue;
        ++failing;
        if (trouble.empty()) trouble = item.verb + " " + item.subject + ": " + item.last_error;
    }
    return json::object{{"pending", work->size()}, {"due", due}, {"failing", failing}, {"trouble", shown(trouble)}};
}

// What the audit keeps is JSON of its own; should it ever be torn, it is shown as the text that it is.
json::value embedded(std::string const& text)
{
    if (text.empty()) return nullptr;
    json::error_code trouble;
    auto value = json::parse(text, trouble);
    if (trouble) return json::string(escaped(text, text.size()));
    return value;
}

json::object to_json(store::AuditEntry const& entry)
{
    return {{"revision", entry.revision},
            {"at", shown(entry.at)},
            {"actor", entry.actor.name},
            {"from", shown(entry.actor.from)},
            {"act", entry.act},
            {"subject", entry.subject},
            {"before", embedded(entry.before)},
            {"after", embedded(entry.after)}};
}

json::object to_json(store::Work const& work)
{
    return {{"id", work.id},
            {"target", work.target},
            {"verb", work.verb},
            {"subject", work.subject},
            {"detail", shown(work.detail)},
            {"due", shown(work.due)},
            {"attempts", work.attempts},
            {"last_error", shown(work.last_error)}};
}

// Several may be due at one time, so a page ends at a time and an id.
Result<store::WorkPlace> place_in(std::string const& after)
{
    if (after.empty()) return store::WorkPlace();
    auto const blank = std::min(after.find(' '), after.size());
    auto const due = to_integer(std::string_view(after).substr(0, blank));
    if (!due || blank == after.size()) return refuse(Fault::invalid, "after", after, "is not where a page ended");
    return store::WorkPlace{from_millis(*due), after.substr(blank + 1)};
}

}  // namespace

Result<Reply> status(Call& call)
{
    auto& house = call.house;
    auto const wanted = call.parameter("verify");
    auto const verifies = !wanted.empty() && TRY(read_flag(wanted, "verify"));
    json::value verified = nullptr;
    if (verifies) {
        json::array differences;
        for (auto const& difference : TRY(house.verify())) differences.emplace_back(difference);
        verified = json::object{{"equal", differences.empty()}, {"differences", std::move(differences)}};
    }
    return Reply{{{"version", house.version},
                  {"started", shown(house.started)},
                  {"uptime_s", std::chrono::duration_cast<std::chrono::seconds>(now() - house.started).count()},
                  {"record", record_json(house.acts)},
                  {"replica", replica_json(house.replica)},
                  {"work", work_json(call)},
                  {"verify", std::move(verified)}}};
}

Result<Reply> metrics(Call& call) { return Reply{.body = {}, .text = call.house.metrics.text()}; }

Result<Reply> list_audit(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const before = call.parameter("before");
    // SQL engines keep revisions in signed 64 bits.
    auto const from = before.empty() ? std::numeric_limits<std::int64_t>::max() : to_integer(before).value_or(-1);
    if (from < 0) return refuse(Fault::invalid, "before", before, "is not a revision");
    auto const mask = call.parameter("mask");
    auto const found =
        TRY(call.house.acts.audit(call.caller, mask.empty() ? "*" : mask, static_cast<store::Revision>(from), limit));
    json::array items;
    for (auto const& entry : found) items.push_back(to_json(entry));
    json::value next = nullptr;
    // Whole revisions, of which the last may go beyond the limit.
    if (found.size() >= static_cast<std::size_t>(limit)) next = found.back().revision;
    return Reply{{{"items", std::move(items)}, {"next", std::move(next)}}};
}

Result<Reply> retry_job(Call& call)
{
    CHECK_OK(nothing_else(call.body, {}));
    return done(call.house.acts.retry_work(call.request, call.name));
}

Result<Reply> list_jobs(Call& call)
{
    auto const limit = TRY(call.limit());
    auto const after = TRY(place_in(call.parameter("after")));
    auto const found = TRY(call.house.acts.pending_work(call.caller, after, limit));
    json::array items;
    for (auto const& work : found) items.push_back(to_json(work));
    json::value next = nullptr;
    if (found.size() == static_cast<std::size_t>(limit))
        next = std::to_string(to_millis(found.back().due)) + ' ' + found.back().id;
    return Reply{{{"items", std::move(items)}, {"next", std::move(next)}}};
}

}  // namespace provost::api
