// SPDX-License-Identifier: Apache-2.0
// The way to an API over TCP: its address, a token out of a file, and whom to believe.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "provost/client.h"

namespace provost::cli {

// What was said on the command line, else what the environment says; none where both are silent.
std::optional<std::string> said_or_set(std::optional<std::string> const& said, char const* variable);

// Refuses an address to which the token would go unencrypted over a network, and a file that everybody can read.
Result<Door> door_at(std::string url, std::optional<std::string> const& token_file,
                     std::optional<std::string> const& ca_file);

// A new file for a secret, readable by its owner alone. Until it is written it goes away again at the end.
class SecretFile {
public:
    static Result<SecretFile> make(std::string const& path);
    SecretFile(SecretFile&& other) noexcept;
    SecretFile& operator=(SecretFile&&) = delete;
    ~SecretFile();
    Result<void> write(std::string_view secret);

private:
    explicit SecretFile(std::string path) : path_(std::move(path)) {}
    std::string path_;  // empty once it is written
};

}  // namespace provost::cli
