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
#include "provost/doctor.h"
#include "provost/host_acts.h"
#include "store/backup.h"

namespace provost::cli {

struct RestoreWish {
    bool may_lose = false;
    bool dry_run = false;
};

struct RestoreReport {
    store::Restored restored;
    std::vector<std::string> homes = {};  // folders below the root of all mail that belong to no mailbox
};

struct Surroundings {
    std::ostream& out;
    std::ostream& err;
    int width = 0;         // of the terminal in cells; 0 where output is no terminal
    bool colour = false;   // only on a terminal, and not where NO_COLOR is set
    bool can_ask = false;  // somebody sits at standard input
    std::function<Result<Secret>(std::string const& prompt)> ask_secret = {};  // without echo
    std::function<bool(std::string const& question)> ask = {};                 // yes or no; no at the end of input
    std::function<std::string(std::string const& prompt)> ask_text = {};       // a line; empty at the end of input
    std::function<Result<Secret>()> read_secret = {};                          // the first line of standard input
    std::function<void(std::string const& line)> progress = {};  // in place of the last one; none in a pipe
    std::function<Result<net::HttpResponse>(net::HttpCall const&)> call = {};
    // The database of these settings, written to a file and made anew of one.
    std::function<Result<store::Manifest>(std::string const& settings_file, std::string const& file, bool overwrite)>
        back_up = {};
    std::function<Result<RestoreReport>(std::string const& settings_file, std::string const& file, RestoreWish wish)>
        restore = {};
    std::function<void()> pause = {};           // before the daemon is asked again
    std::chrono::milliseconds patience{30000};  // for the daemon to answer from a restored database
    // Makes this host ready with these settings; one sentence for each thing that was changed.
    std::function<Result<std::vector<std::string>>(std::string const& settings_file)> init = {};
    // Writes the units of systemd for these settings, and programs in that folder, into a folder; the files.
    std::function<Result<std::vector<std::string>>(std::string const& folder, std::string const& programs,
                                                   std::string const& settings_file)>
        write_units = {};
    // What setup can do to it.
    std::function<Result<HostActs>(std::string const& settings_file)> host_acts = {};
    // Looks this host over with these settings.
    std::function<Result<void>(std::string const& settings_file, DoctorWishes const&, host::Examination::Ask const&,
                               Say const&)>
        examine = {};
};

// Those of a process.
Surroundings real_surroundings();

}  // namespace provost::cli
