// SPDX-License-Identifier: Apache-2.0
// What the mail servers may ask, answered from this node's replica: no SQL, no lock shared with writers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "mail/answers.h"
#include "replica/replica.h"

namespace provost::directory {

enum class Found : std::uint8_t { found, not_found, cannot_tell };

// How a site keeps mail; the same for every answer.
struct Site {
    char delimiter = '+';     // recipient_delimiter
    std::int64_t uid = 5000;  // of the mail user
    std::int64_t gid = 5000;
    std::string mail_root = "/var/vmail";
};

// What Dovecot needs to know of a user.
struct UserFields {
    std::string name;  // canonical: becomes Dovecot's user
    std::string mailbox_id;
    std::string home;
    std::int64_t uid = 0;
    std::int64_t gid = 0;
    std::int64_t quota_bytes = -1;  // -1: unlimited
    std::int64_t quota_messages = -1;
    std::uint64_t stamp = 0;  // of the mailbox, see mail::MailboxFacts
};

class Lookups {
public:
    Lookups(replica::Replica& replica, Site site, Metrics& metrics);

    // The maps of Postfix by name; nullopt for a name that is no map.
    static std::optional<mail::Map> map_named(std::string_view name);
    static std::vector<std::string> map_names();

    // Sets `text` to the value of a found key, or to the reason why nothing can be told. In place and without
    // allocation beyond `text` on an event loop; on other threads the caller holds a replica::Held.
    Found ask(mail::Map map, std::string_view key, std::string& text);

    // Dovecot's USER. For a delivery (lmtp, lda) the state decides; administration (doveadm, everything else) also
    // sees what is off or deleted.
    enum class Purpose : std::uint8_t { delivery, administration };
    Found user(std::string_view name, Purpose purpose, UserFields& fields, std::string& reason);

    // Dovecot's LIST: names after `after` in order, at most `most`; an empty page is the end. nullopt: cannot tell.
    std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most);

    Site const& site() const { return site_; }

private:
    replica::Replica& replica_;
    Site site_;
    std::vector<Counter*> answered_;  // by map and outcome
    Counter& users_asked_;
};

// What this thread answers servers and users from. Throws where there is no copy, or where nothing was ever put into
// the directory: then all that was in it may have been lost, and nobody is told that he is unknown.
replica::Snapshot const& to_answer_from(replica::Replica& replica);

UserFields fields_of(mail::MailboxFacts const& facts, Site const& site);

}  // namespace provost::directory
