// SPDX-License-Identifier: Apache-2.0
// The local read copy, from which every lookup and login is answered: LMDB, one file, complete without the database.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "mail/access.h"
#include "mail/facts.h"
#include "mail/fullness.h"
#include "mail/model.h"
#include "store/store.h"

namespace provost::replica {

// A credential as the copy holds it.
struct CredentialFacts {
    std::string id;
    mail::CredentialKind kind = mail::CredentialKind::password;
    std::string hash;
    mail::Services services = mail::Services::all();
    std::vector<std::string> networks;
    std::int64_t expires = mail::never;
};

// A number for Snapshot::content() that no other snapshot has.
std::uint64_t new_content();

// A view that also knows credentials and lists.
class Snapshot : public mail::View {
public:
    virtual store::Position position() const = 0;
    // Two snapshots of this process with the same number show the same directory; of what is only observed, how full
    // mailboxes are, the later one may know more. Quick.
    virtual std::uint64_t content() const = 0;
    // Whether anything was ever put into the directory. Quick.
    virtual bool begun() const = 0;
    virtual std::vector<CredentialFacts> credentials(std::string_view mailbox_name) const = 0;
    // The canonical names of mailboxes that are not deleted, in pages: those after `after`, at most `limit`.
    virtual std::vector<std::string> mailbox_names(std::string_view after, std::size_t limit) const = 0;
    // A deleted mailbox is not an entry; doveadm still asks for it by its old name.
    virtual std::optional<mail::MailboxFacts> deleted_mailbox(std::string_view name) const = 0;
    // By the mailbox's id; nullopt where nothing was heard of it.
    virtual std::optional<mail::Fullness> fullness(std::string_view mailbox_id) const = 0;
    // Without what only administrators look at. Domains and mailboxes that are gone are left out, and have no name.
    virtual std::optional<mail::Admin> admin(std::string_view id) const = 0;
    // By the SHA-256 of its secret, compared in constant time.
    virtual std::optional<mail::Token> token(std::string_view hash) const = 0;
};

struct Health {
    store::Position position;
    // When the record was last asked and answered, by a clock that nobody sets; none where nothing is known of it.
    std::optional<std::chrono::steady_clock::time_point> last_contact;
    bool rebuilding = false;  // a full resync is under way; answers come from the old copy, or are "cannot tell"
    bool usable = false;      // there is a copy to answer from
    std::string trouble;      // why the record is not reachable, in its own words; empty when it is

    std::optional<std::chrono::milliseconds> age() const
    {
        if (!last_contact) return std::nullopt;
        return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - *last_contact);
    }
    // Whether it may no more be answered from where `most` is the most; 0 is no such rule.
    bool is_older_than(std::chrono::milliseconds most) const
    {
        return most.count() > 0 && age().value_or(most + most) > most;
    }
};

class Replica {
public:
    virtual ~Replica() = default;

    // The snapshot of this thread: the newest state at the first call after release(), the same until the next.
    // Throws std::runtime_error where there is no usable copy: "cannot tell".
    virtual Snapshot const& snapshot() = 0;
    // Ends this thread's snapshot: called by event loops before they wait, by workers when a task is done. Cheap when
    // there is none.
    virtual void release() = 0;

    virtual Health health() const = 0;
};

// A snapshot for the length of a scope, on threads that are no event loop.
class Held {
public:
    explicit Held(Replica& replica) : replica_(replica) { replica_.release(); }
    ~Held() { replica_.release(); }
    Held(Held const&) = delete;
    Held& operator=(Held const&) = delete;
    Snapshot const& operator*() const { return replica_.snapshot(); }
    Snapshot const* operator->() const { return &replica_.snapshot(); }

private:
    Replica& replica_;
};

// Applies the record's changes to the replica, in order, in a thread of its own; and what is observed, which is part of
// no change.
class Follower {
public:
    virtual ~Follower() = default;
    // Applies what is there now and returns when the replica holds `revision` or later, or the deadline passed.
    virtual bool catch_up(store::Revision revision, std::chrono::milliseconds deadline) = 0;

    // How full mailboxes were seen to be, by id, the latest last: written soon, whether the record is there or not.
    // What is heard of nobody is forgotten.
    using Seen = std::vector<std::pair<std::string, mail::Fullness>>;
    virtual void observe(Seen seen) = 0;
    virtual void stop() = 0;
};

struct Options {
    std::string folder;                                   // holds the LMDB file and its stamps
    std::chrono::milliseconds poll{500};                  // how often the record is asked when nothing is heard
    std::size_t first_map_bytes = std::size_t{1} << 28U;  // grows by doubling
};

// Opens the copy in `options.folder`; one that is torn, dirty or of another format is set aside and rebuilt. A folder
// that cannot be used at the moment is tried again by the follower; `conflict` where another daemon uses it.
Result<std::unique_ptr<Replica>> open_replica(Options const& options);

// Whether a copy was ever in use in this folder: then there is a record somewhere, and one that is missing must not be
// begun anew, or everybody would be told that they are unknown.
bool was_used(std::string const& folder);

// `open_record` is called until it succeeds, since the daemon starts while the record is away.
std::unique_ptr<Follower> follow(Replica& replica, Options const& options,
                                 std::function<Result<store::Store*>()> open_record);

}  // namespace provost::replica
