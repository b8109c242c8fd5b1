// SPDX-License-Identifier: Apache-2.0
// Text with gaps: "port = @imap@".
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace provost::host {

using Values = std::map<std::string, std::string, std::less<>>;

// The text with each @name@ replaced. A name without a value is a mistake of the program: std::logic_error.
std::string filled(std::string_view text, Values const& values);

}  // namespace provost::host
