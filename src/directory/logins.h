// SPDX-License-Identifier: Apache-2.0
// Who may sign in: finds the account, verifies the password on the hashing pool, judges the state before and after.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/secret.h"
#include "directory/lookups.h"
#include "mail/model.h"
#include "password/admission.h"
#include "password/pool.h"
#include "password/remembered.h"
#include "replica/replica.h"
#include "store/store.h"

namespace provost::directory {

struct LoginAttempt {
    std::string login;    // as the client gave it; may carry an extension
    std::string authzid;  // who it wants to act as; empty for itself
    Secret password;
    mail::Service service = mail::Service::imap;
    std::string from;  // the client's address; empty where the wire does not carry one
    std::chrono::steady_clock::time_point arrival = std::chrono::steady_clock::now();
    bool is_trial = false;  // somebody else's, of the password alone: no sign-in of the owner's
};

enum class Verdict : std::uint8_t {
    accepted,
    wrong,        // no such account, or not its password: the two are never told apart
    off,          // the right password of an account that may not sign in now
    not_allowed,  // the right password, but not for this service, from this network, or as that other user
    cannot_tell,  // no replica, pool full, hash not understood: never "wrong"
};

char const* word(Verdict verdict);

struct LoginOutcome {
    Verdict verdict = Verdict::cannot_tell;
    std::string name = {};    // canonical name of the mailbox; set when accepted, off or not_allowed
    std::uint64_t stamp = 0;  // of the mailbox when it was accepted
    std::string reason = {};  // for the user, only when off, not_allowed or cannot_tell
};

class Logins {
public:
    struct Settings {
        std::chrono::milliseconds remember{600'000};  // how long a password found right is not hashed again
        std::chrono::seconds max_age{0};              // of the replica; 0: however old
        // After it came, an attempt is worth no hash any more: whoever asked was answered "cannot tell" in its place.
        std::chrono::milliseconds deadline{8'000};
        // An account of the house itself, such as Cyrus's administrator: no row that an act could change. It may sign
        // in to IMAP and ManageSieve, by this password, and to nothing else. Empty: there is none.
        std::string own_account = {};
        std::function<Secret()> own_password = {};
    };
    // Calls its function after a time, on a thread where protocols may answer.
    using Later = std::function<void(std::chrono::milliseconds, std::function<void()>)>;

    Logins(Lookups& lookups, replica::Replica& replica, password::Pool& pool, password::Remembered& remembered,
           password::Admission& admission, Settings settings, Later later, Metrics& metrics);

    // Calls `done` once, from any thread, perhaps before it returns. Every failure arrives when
    // password::Admission says it is due, whatever was found. The caller's deadline is its own: a late outcome goes
    // nowhere.
    void verify(LoginAttempt attempt, std::function<void(LoginOutcome)> done);

    // Dovecot's REQUEST: whether a login that was accepted as `name` for `service` still holds, judged anew.
    Found confirm(std::string_view name, mail::Service service, UserFields& fields, std::string& reason);

    // Waits until everybody on a thread of the pool whose account was looked at before now has been answered; false:
    // not within `limit`. Event loops are passed by net::Loops::barrier, and after this one, since answers go to them.
    bool barrier(std::chrono::milliseconds limit);

    // The sign-ins since the last call, for whoever writes observations down.
    std::vector<store::Store::SignIn> take_sign_ins();

    // A credential for one proof: lets `name` in from loopback, and from where the wire does not tell, until it is
    // dropped or a minute has passed. Only in memory; failures of it are told without delay, since nobody can guess it.
    class Probe {
    public:
        virtual ~Probe() = default;
        virtual Secret const& password() const = 0;
    };
    std::unique_ptr<Probe> probe(std::string_view name);

    // How many sign-ins of `name` were confirmed in the last `window`: their sessions may not be visible yet.
    // Those of a probe count too.
    int confirmed_lately(std::string_view name, std::chrono::milliseconds window);

    struct Impl;

private:
    std::shared_ptr<Impl> impl_;
};

}  // namespace provost::directory
