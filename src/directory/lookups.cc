// SPDX-License-Identifier: Apache-2.0
#include "directory/lookups.h"

#include <atomic>
#include <memory>
#include <stdexcept>

#include "base/log.h"
#include "directory/kept_answers.h"

namespace provost::directory {
namespace {

constexpr std::size_t most_full = 1000;  // noted until somebody takes them

constexpr std::array outcomes{"found", "not_found", "cannot_tell"};

std::size_t slot(mail::Map map, Found found)
{
    return static_cast<std::size_t>(map) * outcomes.size() + static_cast<std::size_t>(found);
}

std::atomic<std::uint64_t> numbers = 0;

KeptAnswers& kept_by_thread()
{
    thread_local std::unique_ptr<KeptAnswers> kept;
    if (!kept) kept = std::make_unique<KeptAnswers>();
    return *kept;
}

}  // namespace

Lookups::Lookups(replica::Replica& replica, Site site, Metrics& metrics)
    : replica_(replica),
      site_(std::move(site)),
      number_(++numbers),
      users_asked_(metrics.counter("provost_user_lookups_total", "Users asked for by Dovecot."))
{
    for (auto map : mail::all_maps)
        for (auto const* outcome : outcomes)
            answered_.push_back(&metrics.counter("provost_lookups_total", "Keys looked up by Postfix.",
                                                 {{"map", mail::word(map)}, {"outcome", outcome}}));
    for (auto const* outcome : {"room", "full", "cannot_tell"})
        rooms_.push_back(&metrics.counter("provost_room_lookups_total",
                                          "Recipients of Postfix's looked up for whether they have room.",
                                          {{"outcome", outcome}}));
}

std::optional<mail::Map> Lookups::map_named(std::string_view name)
{
    for (auto map : mail::all_maps)
        if (name == mail::word(map)) return map;
    return std::nullopt;
}

std::vector<std::string> Lookups::map_names()
{
    std::vector<std::string> names;
    for (auto map : mail::all_maps) names.emplace_back(mail::word(map));
    return names;
}

Found Lookups::ask(mail::Map map, std::string_view key, std::string& text)
{
    auto outcome = Found::cannot_tell;
    try {
        outcome = answer(map, key, text);
    } catch (std::exception const& trouble) {
        // Whatever is wrong with the copy, the one thing it must not become is "not there".
        text = "the directory cannot tell at the moment";
        log::error("LOOKUP_FAILED",
                   {{"map", mail::word(map)}, {"key", std::string(key.substr(0, 300))}, {"error", trouble.what()}});
    }
    answered_[slot(map, outcome)]->add();
    return outcome;
}

Found Lookups::answer(mail::Map map, std::string_view key, std::string& text)
{
    auto const& snapshot = to_answer_from(replica_);
    auto& kept = kept_by_thread();
    kept.use(number_, snapshot.content());
    if (auto const found = kept.find(map, key, text)) return *found;
    auto const moment = now();
    mail::WatchedView const view(snapshot, moment);
    auto const found =
        mail::Answers(view, moment, site_.delimiter).ask(map, key, text) ? Found::found : Found::not_found;
    kept.keep(map, key, found, text, view.validity());
    return found;
}

Room Lookups::room(std::string_view recipient, std::int64_t declared)
{
    auto outcome = Room::cannot_tell;
    try {
        auto const& snapshot = to_answer_from(replica_);
        std::vector<FullMailbox> full;
        // What goes elsewhere, or waits until its store is there, is not up to the quota that Dovecot has here. A
        // mailbox of which nothing was heard may be empty, and still too small for the letter.
        auto const is_full = [&](mail::MailboxFacts const& mailbox) {
            if (!mailbox.transport.empty() || mailbox.store != mail::StoreState::ready) return false;
            auto const used = snapshot.fullness(mailbox.id);
            if (used) full.push_back({std::string(mailbox.id), std::string(mailbox.name), *used});
            return mail::has_no_room(mailbox, used.value_or(mail::Fullness()), declared);
        };
        auto const address = mail::Address::from_wire(recipient);
        mail::Resolver const resolver(snapshot, now(), site_.delimiter);
        outcome = address && resolver.ends_only_where(*address, is_full) ? Room::none : Room::there_is;
        if (outcome == Room::none) note_full(std::move(full));
    } catch (std::exception const& trouble) {
        log::error("ROOM_LOOKUP_FAILED",
                   {{"recipient", std::string(recipient.substr(0, 300))}, {"error", trouble.what()}});
    }
    rooms_[static_cast<std::size_t>(outcome)]->add();
    return outcome;
}

void Lookups::note_full(std::vector<FullMailbox> found)
{
    full_.with([&](auto& noted) {
        for (auto& mailbox : found)
            if (noted.size() < most_full) noted.insert_or_assign(mailbox.id, std::move(mailbox));
    });
}

std::vector<Lookups::FullMailbox> Lookups::take_full()
{
    auto noted = full_.with([](auto& current) { return std::exchange(current, {}); });
    std::vector<FullMailbox> taken;
    for (auto& [id, mailbox] : noted) taken.push_back(std::move(mailbox));
    return taken;
}

std::string Lookups::mailbox_id(std::string_view name)
{
    try {
        mail::Answers const answers(to_answer_from(replica_), now(), site_.delimiter);
        auto const mailbox = answers.known_as(name);
        return mailbox ? std::string(mailbox->id) : std::string();
    } catch (std::exception const&) {
        return {};
    }
}

replica::Snapshot const& to_answer_from(replica::Replica& replica)
{
    auto const& snapshot = replica.snapshot();
    if (!snapshot.begun()) throw std::runtime_error("nothing was ever put into this directory");
    return snapshot;
}

UserFields fields_of(mail::MailboxFacts const& facts, Site const& site)
{
    UserFields fields;
    fields.name = facts.name;
    fields.mailbox_id = facts.id;
    fields.home = site.mail_root + '/' + std::string(facts.home.empty() ? facts.id : facts.home);
    fields.uid = site.uid;
    fields.gid = site.gid;
    fields.quota_bytes = facts.quota_bytes;
    fields.quota_messages = facts.quota_messages;
    fields.stamp = facts.stamp;
    return fields;
}

Found Lookups::user(std::string_view name, Purpose purpose, UserFields& fields, std::string& reason)
{
    users_asked_.add();
    try {
        auto const& snapshot = to_answer_from(replica_);
        mail::Answers const answers(snapshot, now(), site_.delimiter);
        auto const question = purpose == Purpose::delivery ? mail::Question::user_delivery : mail::Question::user_admin;
        auto facts = answers.known_as(name);
        if (!facts) {
            auto const folded_name = mail::login_from_wire(name);
            if (folded_name) facts = snapshot.deleted_mailbox(*folded_name);
        }
        if (!facts) return Found::not_found;
        switch (mail::who_is_told_what(question, answers.condition(*facts))) {
            case mail::Told::yes:
                fields = fields_of(*facts, site_);
                return Found::found;
            case mail::Told::cannot_tell:
                reason = "this mailbox does not accept mail at the moment";
                return Found::cannot_tell;
            default:
                return Found::not_found;
        }
    } catch (std::exception const& trouble) {
        reason = "the directory cannot tell at the moment";
        log::error("USER_LOOKUP_FAILED", {{"user", std::string(name.substr(0, 300))}, {"error", trouble.what()}});
        return Found::cannot_tell;
    }
}

std::optional<std::vector<std::string>> Lookups::users(std::string_view after, std::size_t most)
{
    try {
        return to_answer_from(replica_).mailbox_names(after, most);
    } catch (std::exception const& trouble) {
        log::error("USER_LIST_FAILED", {{"error", trouble.what()}});
        return std::nullopt;
    }
}

}  // namespace provost::directory
