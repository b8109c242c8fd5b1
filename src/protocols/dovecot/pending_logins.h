// SPDX-License-Identifier: Apache-2.0
// Logins between Dovecot's AUTH, answered OK on one socket, and its REQUEST on another: the one table of both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/awaited.h"
#include "mail/model.h"

namespace provost::protocols {

// From any thread. Points in time are the caller's and do not go back by more than moments.
class PendingLogins {
public:
    using Moment = std::chrono::steady_clock::time_point;

    static constexpr std::chrono::seconds lifetime{150};  // MASTER_AUTH_SERVER_TIMEOUT_SECS of Dovecot
    static constexpr std::size_t most_pending = 100'000;  // some 40 MB; a login waits for milliseconds

    // What REQUEST names: the connection's cookie, its client's number, and the number of the AUTH.
    struct Key {
        std::string cookie;
        std::uint32_t client = 0;
        std::uint32_t auth = 0;
    };
    struct Login {
        std::string name;  // canonical
        mail::Service service = mail::Service::imap;
        std::string mechanism;
        std::uint64_t stamp = 0;  // of the mailbox when it was accepted
    };

    // false where the table is full: nobody may be told OK then.
    bool add(Key const& key, Login login, Moment now);
    // The login, once; nullopt for one that was never there, was taken before, or is too old.
    std::optional<Login> take(Key const& key, Moment now);
    // Waits until each login that was added in the last `recent` has been taken, for `recent` at most; false: one was
    // not.
    bool wait_until_taken(std::chrono::milliseconds recent, Moment now);
    std::size_t size();

private:
    struct Entry {
        std::string key;
        Login login;
        Moment since;
    };
    struct Table {
        std::list<Entry> entries;                                                 // oldest first
        std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;  // views of Entry::key
    };
    static void forget_old(Table& table, Moment now);
    static void forget(Table& table, std::list<Entry>::iterator entry);

    Awaited<Table> table_;
};

}  // namespace provost::protocols
