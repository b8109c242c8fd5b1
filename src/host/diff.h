// SPDX-License-Identifier: Apache-2.0
// What would change in a file, as diff -u shows it.
#pragma once

#include <string>
#include <string_view>

namespace provost::host {

// Empty where the texts are the same. Three lines around each change; a text without an end of line is said to be so.
// The values of what is named like a password or a key for an interface are not shown.
std::string unified_diff(std::string_view old_name, std::string_view new_name, std::string_view old_text,
                         std::string_view new_text);

// The line as it may be shown: "doveadm_api_key = (hidden)".
std::string without_secret(std::string_view line);

// "name = value", without what is secret in it.
std::string shown_setting(std::string const& name, std::string const& value);

}  // namespace provost::host
