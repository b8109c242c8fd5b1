// SPDX-License-Identifier: Apache-2.0
// Cyrus as a target: a user's mailbox is named as the user signs in, and what tells it from a later one of that name is
// Cyrus's own id of it (RFC 8474), looked at before every change.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "targets/cyrus_admin.h"
#include "targets/target.h"

namespace provost::targets {

// A right in a folder that is not as it is to be; empty rights: there is to be none.
struct CyrusGrant {
    std::string folder, who, rights;
};

class Cyrus : public Target {
public:
    struct Settings {
        std::vector<std::string> folders;  // of a new mailbox
        std::string partition;             // of a new mailbox; empty: Cyrus's default
        std::string admin = "cyrus";       // who has to have the right to delete before anything is
        // Whether the mailbox with this id is some mailbox's of ours, under whatever name: deleted, or yet to be
        // renamed.
        std::function<Result<bool>(std::string const& id)> is_anothers = [](auto const&) { return false; };
    };
    // What is done on Cyrus's own host; neither where that is another one.
    struct Sessions {
        std::function<Result<std::vector<OpenSession>>(std::vector<std::string> const& names)> look;
        std::function<Result<void>(std::vector<std::string> const& names)> end;
    };
    Cyrus(CyrusAdmin& admin, Settings settings, Sessions sessions)
        : admin_(admin), settings_(std::move(settings)), sessions_(std::move(sessions))
    {
    }

    std::string const& name() const override { return name_; }
    Result<mail::Store> place(mail::Mailbox const& mailbox) const override;
    Result<mail::Store> ensure(mail::Mailbox const& mailbox) override;
    Result<mail::Store> set_aside(mail::Mailbox const& mailbox) override;
    Result<void> retire(mail::Mailbox const& mailbox) override;
    Result<mail::Fullness> usage(std::string const& name) override;
    Result<std::vector<Difference>> compare(mail::Mailbox const& mailbox) override;
    Result<mail::Store> mend(mail::Mailbox const& mailbox) override;
    Result<std::vector<Stranger>> strangers(std::function<bool(std::string const&)> const& is_ours) override;
    Result<void> remove(Stranger const& stranger) override;
    bool sees_sessions() const override { return static_cast<bool>(sessions_.look); }
    Result<std::vector<OpenSession>> sessions(std::vector<std::string> const& names) override;
    Result<void> end_sessions(std::vector<std::string> const& names) override;

    // Under which name the mail of a deleted mailbox is kept when another has its name.
    static std::string aside(mail::Mailbox const& mailbox);

private:
    using Lease = CyrusAdmin::Lease;

    Result<std::string> create(Lease& cyrus, std::string const& user);
    Result<std::string> take_unused(Lease& cyrus, std::string const& user);
    Result<void> bring_to(Lease& cyrus, mail::Mailbox const& mailbox, std::string const& user);
    Result<mail::Store> put_back(mail::Mailbox const& mailbox);
    Result<bool> undelete(Lease& cyrus, std::string const& generation, std::string const& to);
    Result<void> make_folders(Lease& cyrus, std::string const& user);
    Result<void> subscribe(std::string const& user);
    Result<void> set_quota(Lease& cyrus, mail::Mailbox const& mailbox, std::string const& user);
    Result<std::vector<CyrusGrant>> wrong_rights(Lease& cyrus, mail::Mailbox const& mailbox, std::string const& user);
    Result<void> set_rights(Lease& cyrus, mail::Mailbox const& mailbox, std::string const& user);
    Result<void> remove_at(Lease& cyrus, std::string const& mailbox);

    std::string name_ = "cyrus";
    CyrusAdmin& admin_;
    Settings settings_;
    Sessions sessions_;
};

}  // namespace provost::targets
