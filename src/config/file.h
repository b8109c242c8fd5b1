// SPDX-License-Identifier: Apache-2.0
// The settings' file: where it is, how it is read, and a sample of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/settings.h"

namespace provost::config {

// --config if given, else $PROVOST_CONFIG if set and not empty, else /etc/provost/provost.toml.
std::string settings_path(std::optional<std::string> const& given);

// The settled settings. Fault::not_found where there is no file, Fault::denied where this user may not read it,
// Fault::unavailable where it cannot be read, else Fault::invalid with "FILE:LINE:COLUMN: ..."; an unknown section or
// key names the nearest known one.
Result<Settings> read_settings(std::string const& path);

// The same from text; `name` stands for the file in errors.
Result<Settings> parse_settings(std::string_view text, std::string const& name);

// A file with every setting, its help and its default in a comment. Those in `chosen` that differ are set.
std::string sample_file(Settings const& chosen = default_settings());

struct DescribedSetting {
    std::string section, name;
    std::string standard;  // its default, as it is written in the file
    std::string help;      // what it means, and what it must be like
};

// Every setting, for help and manuals.
std::vector<DescribedSetting> every_setting();

// For --help: a line "section.key = default" for each setting, and under it what it means.
std::string settings_help();

}  // namespace provost::config
