// SPDX-License-Identifier: Apache-2.0
// What the mail servers may ask, answered from this node's replica: no SQL, no lock shared with writers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
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

// Whether a letter finds room where it is going.
enum class Room : std::uint8_t { there_is, none, cannot_tell };

class Lookups {
public:
    Lookups(replica::Replica& replica, Site site, Metrics& metrics);

    // The maps of Postfix by name; nullopt for a name that is no map.
    static std::optional<mail::Map> map_named(std::string_view name);
    static std::vector<std::string> map_names();

    // Sets `text` to the value of a found key, or to the reason why nothing can be told. In place on an event loop; on
    // other threads the caller holds a replica::Held. What a thread answered it knows until the directory changes.
    Found ask(mail::Map map, std::string_view key, std::string& text);

    // Dovecot's USER. For a delivery (lmtp, lda) the state decides; administration (doveadm, everything else) also
    // sees what is off or deleted.
    enum class Purpose : std::uint8_t { delivery, administration };
    Found user(std::string_view name, Purpose purpose, UserFields& fields, std::string& reason);

    // Dovecot's LIST: names after `after` in order, at most `most`; an empty page is the end. nullopt: cannot tell.
    std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most);

    // Postfix's question at RCPT: `none` only where the letter would come back for certain, since it ends in mailboxes
    // alone and not one of them has room for it. `declared` as in mail::has_no_room.
    Room room(std::string_view recipient, std::int64_t declared);

    // Those that room() answered `none` for since the last call, with what was known of them then; some of them, where
    // there were very many.
    struct FullMailbox {
        std::string id;
        std::string name;
        mail::Fullness used;
    };
    std::vector<FullMailbox> take_full();

    // Of the mailbox that Dovecot calls `name`, or called so until it was renamed; empty where none can be told.
    std::string mailbox_id(std::string_view name);

    Site const& site() const { return site_; }

private:
    Found answer(mail::Map map, std::string_view key, std::string& text);
    void note_full(std::vector<FullMailbox> found);

    replica::Replica& replica_;
    Site site_;
    std::uint64_t const number_;                        // tells it from others of the process, past ones too
    std::vector<Counter*> answered_;                    // by map and outcome
    std::vector<Counter*> rooms_;                       // by Room
    Guarded<std::map<std::string, FullMailbox>> full_;  // by id
    Counter& users_asked_;
};

// What this thread answers servers and users from. Throws where there is no copy, or where nothing was ever put into
// the directory: then all that was in it may have been lost, and nobody is told that he is unknown.
replica::Snapshot const& to_answer_from(replica::Replica& replica);

UserFields fields_of(mail::MailboxFacts const& facts, Site const& site);

}  // namespace provost::directory
