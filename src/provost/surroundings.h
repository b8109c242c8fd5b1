// SPDX-License-Identifier: Apache-2.0
// What the command finds around it: where it prints, whom it can ask, how it reaches the daemon. Tests give their own.
#pragma once

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/http_client.h"
#include "provost/host_acts.h"

namespace provost::cli {

struct Surroundings {
    std::ostream& out;
    std::ostream& err;
    int width = 0;         // of the terminal in cells; 0 where output is no terminal
    bool colour = false;   // only on a terminal, and not where NO_COLOR is set
    bool can_ask = false;  // somebody sits at standard input
    std::function<Result<Secret>(std::string const& prompt)> ask_secret = {};  // without echo
    std::function<bool(std::string const& question)> ask = {};                 // yes or no; no at the end of input
    std::function<Result<Secret>()> read_secret = {};                          // the first line of standard input
    std::function<void(std::string const& line)> progress = {};  // in place of the last one; none in a pipe
    std::function<Result<net::HttpResponse>(net::HttpCall const&)> call = {};
    // Makes this host ready with these settings; one sentence for each thing that was changed.
    std::function<Result<std::vector<std::string>>(std::string const& settings_file)> init = {};
    // Writes the units of systemd for these settings, and programs in that folder, into a folder; the files.
    std::function<Result<std::vector<std::string>>(std::string const& folder, std::string const& programs,
                                                   std::string const& settings_file)>
        write_units = {};
    // What setup can do to it.
    std::function<Result<HostActs>(std::string const& settings_file)> host_acts = {};
};

// Those of a process.
Surroundings real_surroundings();

}  // namespace provost::cli
