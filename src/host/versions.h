// SPDX-License-Identifier: Apache-2.0
// Which servers are installed, asked of themselves, and which of our texts fit them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace provost::host {

// Runs a program and returns what it wrote to standard output. An exit other than 0 is an error with its own words.
using Runner = std::function<Result<std::string>(std::vector<std::string> const& words)>;

enum class PostfixFamily : std::uint8_t { v3_7, v3_10 };
enum class DovecotFamily : std::uint8_t { v2_3, v2_4 };
enum class CyrusFamily : std::uint8_t { v3_6, v3_10 };

struct PostfixVersion {
    PostfixFamily family = PostfixFamily::v3_7;
    std::string text;  // "3.7.11"
};

struct DovecotVersion {
    DovecotFamily family = DovecotFamily::v2_3;
    std::string text;  // "2.3.19.1"
};

struct CyrusVersion {
    CyrusFamily family = CyrusFamily::v3_6;
    std::string text;  // "3.6.1"
};

// Fault::not_found where it is not installed, Fault::invalid where it is too old or too new to be known.
Result<PostfixVersion> postfix_version(Runner const& run);
Result<DovecotVersion> dovecot_version(Runner const& run);
Result<CyrusVersion> cyrus_version(Runner const& run);

}  // namespace provost::host
