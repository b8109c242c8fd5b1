// SPDX-License-Identifier: Apache-2.0
// Who may guess how often: limits on failed logins, asked before anything is hashed, and when failures are answered.
//
// An attempt is charged to the pair (network, account) and to its network, and never to the account alone where the
// network is known: whoever guesses from elsewhere cannot lock the owner out. The same wrong password again is not a
// new guess and costs nothing, so an old password in a forgotten phone does not lock the house it is in.
// Accounts are names as they were typed, folded: one that does not exist is treated as any other, and tells nothing.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/guarded.h"
#include "base/secret.h"
#include "password/moment.h"
#include "password/networks.h"

namespace provost::password {

enum class Gate : std::uint8_t {
    open,     // check the password, and tell the Ticket
    refused,  // too many failures from there: "cannot tell", whatever the password is
    busy,     // too many checks under way: "cannot tell"
};

class Admission {
public:
    struct Settings {
        // Wrong passwords a network may try on one account, and how soon one of them is forgiven. NIST SP 800-63B
        // 5.2.2 allows 100 in a row; 20 and one a minute are 1460 in the first day.
        int guesses_per_pair = 20;
        std::chrono::seconds pair_forgives = std::chrono::seconds(60);
        // Wrong passwords from one network on all accounts: an office behind one address has many forgetful people,
        // and who tries one password on a thousand accounts is stopped after a fifth of them.
        int guesses_per_network = 200;
        std::chrono::seconds network_forgives = std::chrono::seconds(6);
        // Without a network nobody is refused. Failures leave later the more there were: twice as late after each
        // `patience` more, up to `longest_delay`; and only so many checks of one account run at a time.
        int patience = 5;
        std::chrono::seconds account_forgives = std::chrono::seconds(30);
        // A web mailer opens several connections of one person at once; the pool's queue bounds what all of them cost.
        int under_way_per_account = 32;
        // Every failure is answered this long after the request came, whatever it took to find out.
        std::chrono::milliseconds failure_delay = std::chrono::seconds(2);
        // Less than whoever asks waits for: a failure that is told later is none to him.
        std::chrono::milliseconds longest_delay = std::chrono::seconds(16);
        // Taken for no network: behind one address of these is everybody, as behind a web mailer's host, and whoever
        // guesses there would lock all of them out.
        Networks many_people = {};
        // Pairs, networks and accounts remembered, all together; about 300 bytes each. Least recent go first.
        std::size_t records = 131'072;
    };

private:
    using Guess = std::array<unsigned char, 16>;
    struct Record {
        double failures = 0;  // falls by one in each `forgives` of its kind
        Moment seen{};
        int under_way = 0;
        std::array<Guess, 4> guesses{};  // of pairs and accounts: the last wrong passwords, keyed
        std::size_t next_guess = 0;
        std::list<std::string>::iterator place{};
    };

public:
    // One attempt that was let in. Told nothing before its end, it counts for nothing: the answer was "cannot tell".
    class Ticket {
    public:
        Ticket(Ticket&& other) noexcept;
        Ticket& operator=(Ticket&& other) noexcept;
        Ticket(Ticket const&) = delete;
        Ticket& operator=(Ticket const&) = delete;
        ~Ticket();

        void succeeded(Moment now);
        // Returns when to answer; also for accounts that do not exist, which cost no hashing.
        Moment failed(Secret const& password, Moment now);

    private:
        friend class Admission;
        Ticket(Admission& admission, Moment arrival, Record* pair, Record* network);
        void leave();
        void abandon();

        Admission* admission_;
        Moment arrival_;
        // A record with a check under way is never evicted.
        Record* pair_;
        Record* network_;  // null where there is none
    };

    struct Answer {
        Gate gate;
        std::optional<Ticket> ticket;  // where the gate is open; must not outlive the Admission
    };

    explicit Admission(Settings settings);
    Admission(Admission const&) = delete;
    Admission& operator=(Admission const&) = delete;

    Answer admit(std::string_view account, std::optional<Network> const& network, Moment arrival);

    // The first whole delay after the arrival that is not past: how long a check took cannot be read from it.
    Moment failure_due(Moment arrival, Moment now) const;

    // Help desk's "unlock": the account's failures from all networks are forgiven.
    void forgive(std::string_view account);

    std::size_t size() const;  // records

private:
    struct State {
        std::unordered_map<std::string, Record> records;
        std::list<std::string> recent;  // keys, the most recently used first
    };

    struct Entered {
        Gate gate = Gate::busy;
        Record* pair = nullptr;
        Record* network = nullptr;
    };
    Entered enter(State& state, std::string const& pair, std::string const& network, Moment now) const;
    Entered enter_account(State& state, std::string const& account, Moment now) const;
    Record* find_or_make(State& state, std::string const& key) const;
    Gate knock(Record& record, double most, Moment now, std::chrono::seconds forgives) const;
    bool charge(Record& pair, Guess const& guess, std::chrono::seconds forgives, Moment now) const;
    std::string account_key(std::string_view account) const;
    Guess guess_of(Secret const& password, std::string const& pair) const;

    Settings const settings_;
    std::string const key_;
    std::string const account_key_;
    mutable Guarded<State> state_;
};

}  // namespace provost::password
