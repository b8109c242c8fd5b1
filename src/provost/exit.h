// SPDX-License-Identifier: Apache-2.0
// What the command tells its caller by its exit code; scripts rely on these numbers.
#pragma once

#include <utility>
#include <vector>

#include "base/result.h"

namespace provost::cli {

enum class Exit : int {
    done = 0,
    no = 1,          // found nothing, wrong password
    usage = 2,       // the command line, or a value in it, is wrong
    no_such = 3,     // there is no such object
    conflict = 4,    // it exists already, or a rule of the directory stands against it
    drift = 5,       // what is answered, or a mail store has, is not what the record says
    in_part = 6,     // of several objects; the rows tell which
    temporary = 75,  // EX_TEMPFAIL of sysexits.h
    denied = 77,     // EX_NOPERM of sysexits.h
};

Exit exit_of(Fault fault);

// What each tells, for manuals.
std::vector<std::pair<Exit, char const*>> exit_meanings();

}  // namespace provost::cli
