// SPDX-License-Identifier: Apache-2.0
// Looks a mail host over: whether everything leads to the directory, and what mends it where it does not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <boost/json/object.hpp>

#include "host/files.h"
#include "host/reload.h"
#include "host/versions.h"

namespace provost::host {

enum class Health : std::uint8_t {
    green,
    yellow,   // works, but not as it should, or not for long
    red,      // does not work, or not safely
    skipped,  // could not be looked at, or was not wanted
};

struct Finding {
    std::string check;  // what was looked at: "postfix maps"
    Health health = Health::green;
    std::string what = {};  // what was found, one sentence
    std::string cure = {};  // what mends it; empty when green
};

// Where it looks, and whom it asks.
struct Examination {
    // A request of the daemon's API: method, path below /api/v1, body.
    using Ask = std::function<Result<boost::json::object>(std::string const& method, std::string const& path,
                                                          boost::json::object const& body)>;
    Root root;
    Site site;
    Runner run;
    Ask ask;
    std::function<void(Finding const&)> say;  // each finding as soon as it is made

    void well(std::string const& check, std::string const& what) const { say({check, Health::green, what}); }
    void ill(Health health, std::string const& check, std::string const& what, std::string const& cure) const
    {
        say({check, health, what, cure});
    }
};

// As root. Changes nothing.
void examine(Examination const& exam);

char const* word(Health health);

}  // namespace provost::host
