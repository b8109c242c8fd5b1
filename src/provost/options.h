// SPDX-License-Identifier: Apache-2.0
// The fields of mail/fields.h as options of a verb, and what was said of them as JSON for the API.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "mail/fields.h"
#include "provost/client.h"
#include "provost/surroundings.h"

namespace CLI {
class App;
}

namespace provost::cli {

class FieldOptions {
public:
    explicit FieldOptions(std::span<mail::Field const> fields) : fields_(fields) {}

    // Lists may be said with commas, or the option again for each item. `but` is left out.
    void declare(CLI::App& app, bool adding, std::string_view but = {});

    // Only what was said. A value that cannot be meant is refused with the option's name.
    Result<json::object> body() const;

private:
    std::span<mail::Field const> fields_;
    std::map<std::string, std::vector<std::string>> said_;  // by field
};

std::string option_name(std::string_view field);  // "keep_copy": "--keep-copy"
Result<json::value> value_of(mail::Field const& field, std::vector<std::string> const& said);

// Where a password comes from: asked for twice, the first line of standard input, or a hash made elsewhere. Never from
// the command line, where every user of the host could read it.
class PasswordOptions {
public:
    void declare(CLI::App& app, bool may_be_none);
    // {"password": ...}, {"hash": ...}, or nothing where none was wanted.
    Result<json::object> body(Surroundings& around, std::string const& whose) const;
    bool names_one() const { return from_stdin_ || hash_from_stdin_ || !hash_file_.empty(); }

private:
    bool from_stdin_ = false;
    bool hash_from_stdin_ = false;
    bool none_ = false;
    bool may_be_none_ = false;
    std::string hash_file_;
};

}  // namespace provost::cli
