// SPDX-License-Identifier: Apache-2.0
// The command line read and acted upon.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "provost/command.h"
#include "provost/exit.h"
#include "provost/surroundings.h"

namespace provost::cli {

struct Parsed {
    std::optional<Exit> ended;  // help was asked for, or the line is wrong; it has been said
    Action action;
    Output output = Output::table;
    std::optional<std::string> settings_file;
    std::optional<std::string> socket;
    std::optional<std::string> url;
    std::optional<std::string> token_file;
    std::optional<std::string> ca_file;
};

// `args` without the program's name.
Parsed parse(std::vector<std::string> args, Surroundings& around);

Exit run(std::vector<std::string> args, Surroundings& around);

}  // namespace provost::cli
