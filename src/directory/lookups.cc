// SPDX-License-Identifier: Apache-2.0
#include "directory/lookups.h"

#include <stdexcept>

#include "base/log.h"

namespace provost::directory {
namespace {

constexpr std::array outcomes{"found", "not_found", "cannot_tell"};

std::size_t slot(mail::Map map, Found found)
{
    return static_cast<std::size_t>(map) * outcomes.size() + static_cast<std::size_t>(found);
}

}  // namespace

Lookups::Lookups(replica::Replica& replica, Site site, Metrics& metrics)
    : replica_(replica),
      site_(std::move(site)),
      users_asked_(metrics.counter("provost_user_lookups_total", "Users asked for by Dovecot."))
{
    for (auto map : mail::all_maps)
        for (auto const* outcome : outcomes)
            answered_.push_back(&metrics.counter("provost_lookups_total", "Keys looked up by Postfix.",
                                                 {{"map", mail::word(map)}, {"outcome", outcome}}));
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
        mail::Answers const answers(to_answer_from(replica_), now(), site_.delimiter);
        outcome = answers.ask(map, key, text) ? Found::found : Found::not_found;
    } catch (std::exception const& trouble) {
        // Whatever is wrong with the copy, the one thing it must not become is "not there".
        text = "the directory cannot tell at the moment";
        log::error("LOOKUP_FAILED",
                   {{"map", mail::word(map)}, {"key", std::string(key.substr(0, 300))}, {"error", trouble.what()}});
    }
    answered_[slot(map, outcome)]->add();
    return outcome;
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
