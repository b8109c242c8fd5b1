// SPDX-License-Identifier: Apache-2.0
// Conversations with a Cyrus server as its administrator, kept open between one question and the next.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "net/imap_client.h"
#include "targets/cyrus_names.h"

namespace provost::targets {

class CyrusAdmin {
public:
    struct Settings {
        net::ImapServer server;
        std::string login = "cyrus";
        std::function<Result<Secret>()> password;      // asked for each sign-in, so that a new one is taken at once
        std::string default_domain = {};               // of imapd.conf
        std::size_t most_kept = 2;                     // conversations that nobody is using
        std::chrono::milliseconds trusted_for{5'000};  // one that was silent for longer is tried before it is used
    };
    explicit CyrusAdmin(Settings settings) : settings_(std::move(settings)) {}

    struct Conversation {
        net::ImapClient client;
        CyrusNamespace names;
        std::chrono::steady_clock::time_point last_used{};
    };

    // Signed in, with the server's own way to write names; for one caller, until it goes. One that broke is dropped.
    class Lease {
    public:
        Lease(CyrusAdmin& admin, Conversation conversation) : admin_(&admin), conversation_(std::move(conversation)) {}
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();

        CyrusNamespace const& names() const { return conversation_.names; }
        // The server's NO and BAD are replies.
        Result<net::ImapReply> ask(net::ImapCommand const& command);
        Result<std::vector<net::ImapReply>> ask_all(std::vector<net::ImapCommand> const& commands);

    private:
        CyrusAdmin* admin_;
        Conversation conversation_;
        bool is_broken_ = false;
    };
    Result<Lease> open();

    // As this user, by the administrator's password. With the prefix of the user's own folders ("INBOX/" or nothing).
    struct AsOwner {
        net::ImapClient client;
        std::string prefix;
    };
    Result<AsOwner> open_as(std::string_view user);

private:
    Result<net::ImapClient> sign_in(std::string_view as_user) const;
    Result<Conversation> connect() const;

    Settings settings_;
    Guarded<std::vector<Conversation>> kept_;
};

}  // namespace provost::targets
