// SPDX-License-Identifier: Apache-2.0
// The whole daemon, built from top to bottom out of its settings, and taken down in the opposite order.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/settings.h"
#include "net/fd.h"

namespace provost::daemon {

class House {
public:
    // Opens the local copy and begins to answer on `sockets` (by host::Socket::name); the record is opened when it can
    // be. `schema` is the folder of migrations. Throws std::runtime_error where the house cannot be built at all.
    House(config::Settings const& settings, std::string const& schema, std::multimap<std::string, net::Fd> sockets);
    // Stops accepting, lets what is in flight end, then stops everything.
    ~House();
    // Reads anew what may have been renewed on disk: certificates.
    void reload();
    House(House const&) = delete;
    House& operator=(House const&) = delete;

private:
    struct Rooms;
    std::unique_ptr<Rooms> rooms_;
};

}  // namespace provost::daemon
