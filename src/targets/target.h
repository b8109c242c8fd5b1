// SPDX-License-Identifier: Apache-2.0
// What must follow the directory: one mail store or service that can be asked what is, and told to make one thing so.
// All calls may be repeated; "already so" is success. Errors are the target's own words, Fault::unavailable when
// trying again may help.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/fullness.h"
#include "mail/model.h"
#include "targets/open_session.h"

namespace provost::targets {

// Where a store is not what its mailbox wants.
struct Difference {
    std::string kind;    // one word: "renamed", "quota"
    std::string what;    // what is
    std::string repair;  // what mend() does about it
};

// A mailbox in the target that is none of ours, as far as its id tells.
struct Stranger {
    std::string name;  // of the user it would be
    std::string id;
};

class Target {
public:
    virtual ~Target() = default;
    virtual std::string const& name() const = 0;

    // What a new mailbox's store begins as, without asking anybody: ready, or preparing until ensure() made it so.
    // Fault::invalid where the target can have none of that name.
    virtual Result<mail::Store> place(mail::Mailbox const& mailbox) const = 0;

    // Makes sure the mailbox's store exists under its name and with its limits, which are those that count: the
    // domain's default already applied. Returns what it is called and its generation. A store with a generation is that
    // one and no other; one of the same name is left alone, and said to be in the way.
    virtual Result<mail::Store> ensure(mail::Mailbox const& mailbox) = 0;

    // Of a deleted mailbox whose name is another's by now: its store frees the name, and keeps the mail.
    virtual Result<mail::Store> set_aside(mail::Mailbox const& mailbox) = 0;

    // Removes the mailbox's store with all its mail; that there is none is success.
    virtual Result<void> retire(mail::Mailbox const& mailbox) = 0;

    // How full the mailbox of that name is: the messages, and the least that the bytes can be where they come rounded.
    virtual Result<mail::Fullness> usage(std::string const& name) = 0;

    // What of the mailbox's store is not as ensure() would have it; nothing is changed. Of a target whose stores hold
    // nothing that could be otherwise there is none.
    virtual Result<std::vector<Difference>> compare(mail::Mailbox const&) { return std::vector<Difference>(); }
    // Makes it so whatever it takes, but no mail is deleted: what is in its place is moved aside, and what is nowhere
    // is made anew.
    virtual Result<mail::Store> mend(mail::Mailbox const& mailbox) { return ensure(mailbox); }

    // `is_ours`: by id.
    virtual Result<std::vector<Stranger>> strangers(std::function<bool(std::string const&)> const& /*is_ours*/)
    {
        return std::vector<Stranger>();
    }
    virtual Result<void> remove(Stranger const& stranger)
    {
        return refuse(Fault::not_found, "id", stranger.id, "is no mailbox of " + name());
    }

    // Whether sessions can be looked at and ended from here. Where not, these two are Fault::denied.
    virtual bool sees_sessions() const { return true; }
    virtual Result<std::vector<OpenSession>> sessions(std::vector<std::string> const& names) = 0;
    virtual Result<void> end_sessions(std::vector<std::string> const& names) = 0;
};

}  // namespace provost::targets
