// SPDX-License-Identifier: Apache-2.0
// Dovecot as a target: homes are found by mailbox id, sessions are seen and ended through the doveadm API.
#pragma once

#include <chrono>
#include <functional>

#include "targets/doveadm.h"
#include "targets/target.h"

namespace provost::targets {

class Dovecot : public Target {
public:
    // Homes belong to the mail user: somebody else has to remove them.
    using RemoveHome = std::function<Result<void>(MailboxId const&)>;
    // Sessions that are not ended within `patience`, all together, are left.
    Dovecot(Doveadm doveadm, RemoveHome remove_home, std::chrono::milliseconds patience = std::chrono::seconds(10))
        : doveadm_(std::move(doveadm)), remove_home_(std::move(remove_home)), patience_(patience)
    {
    }

    std::string const& name() const override { return name_; }

    // Dovecot makes a home when it is first used, and its limits come with every answer: nothing to prepare.
    Result<mail::Store> place(mail::Mailbox const& mailbox) const override;
    Result<mail::Store> ensure(mail::Mailbox const& mailbox) override { return place(mailbox); }
    // Homes are named by ids: no name is in anybody's way.
    Result<mail::Store> set_aside(mail::Mailbox const& mailbox) override { return mailbox.store; }

    Result<void> retire(mail::Mailbox const& mailbox) override;

    Result<mail::Fullness> usage(std::string const& name) override;

    // Sessions of people, not deliveries or administration under their name.
    Result<std::vector<OpenSession>> sessions(std::vector<std::string> const& names) override;

    // One kick a name that has sessions. A name that Dovecot would read as a mask is refused as a conflict while
    // sessions of others would be ended with it. One that cannot be ended holds back no other; the first trouble is
    // told.
    Result<void> end_sessions(std::vector<std::string> const& names) override;

private:
    Result<std::vector<OpenSession>> every_session() const;
    Result<void> kick(std::string const& name, std::vector<OpenSession> const& open) const;

    std::string name_ = "dovecot";
    Doveadm doveadm_;
    RemoveHome remove_home_;
    std::chrono::milliseconds patience_;
};

}  // namespace provost::targets
