// SPDX-License-Identifier: Apache-2.0
// Lets the directory answer what the protocols ask. Each must outlive the listeners of its sessions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/logins.h"
#include "directory/lookups.h"
#include "protocols/questions.h"
#include "protocols/sign_ins.h"

namespace provost::protocols {

class DirectoryLookups final : public Maps, public Rooms, public Users {
public:
    explicit DirectoryLookups(directory::Lookups& lookups) : lookups_(lookups) {}

    std::optional<mail::Map> named(std::string_view name) const override { return directory::Lookups::map_named(name); }
    directory::Found ask(mail::Map map, std::string_view key, std::string& text) override
    {
        return lookups_.ask(map, key, text);
    }
    directory::Room room(std::string_view recipient, std::int64_t declared) override
    {
        return lookups_.room(recipient, declared);
    }
    directory::Found user(std::string_view name, Purpose purpose, directory::UserFields& fields,
                          std::string& reason) override
    {
        return lookups_.user(name, purpose, fields, reason);
    }
    std::optional<std::vector<std::string>> users(std::string_view after, std::size_t most) override
    {
        return lookups_.users(after, most);
    }

private:
    directory::Lookups& lookups_;
};

class DirectoryLogins final : public SignIns {
public:
    explicit DirectoryLogins(directory::Logins& logins) : logins_(logins) {}

    void verify(directory::LoginAttempt attempt, std::function<void(directory::LoginOutcome)> done) override
    {
        logins_.verify(std::move(attempt), std::move(done));
    }
    directory::Found confirm(std::string_view name, mail::Service service, directory::UserFields& fields,
                             std::string& reason) override
    {
        return logins_.confirm(name, service, fields, reason);
    }

private:
    directory::Logins& logins_;
};

}  // namespace provost::protocols
