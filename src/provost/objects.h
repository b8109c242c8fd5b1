// SPDX-License-Identifier: Apache-2.0
// The verbs that domains, mailboxes and aliases have in common.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "mail/fields.h"
#include "provost/command.h"
#include "provost/show.h"

namespace provost::cli {

struct Noun {
    std::string one;   // "mailbox"
    std::string many;  // "mailboxes", also the API's path
    std::string id;    // the member that names it: "name", or "address"
    std::span<mail::Field const> fields;
    std::vector<Column> columns;
};

std::string path_of(Noun const& noun, std::string const& name, std::string const& verb = {});
Query query_of(bool dry_run);

// What every writing verb takes.
struct WriteOptions {
    bool dry_run = false;
    bool yes = false;
    void declare(CLI::App& app, bool bulk);
};

Verb list_verb(Noun const& noun, std::string example);
Verb show_verb(Noun const& noun, std::string example);
Verb set_verb(Noun const& noun, std::string example);

// A verb that changes one object, or all whose name fits a mask: then it asks first, or wants --yes, and says of each
// what became of it. `body` goes with every request.
struct Change {
    std::string method;     // "POST"
    std::string path_verb;  // "disable"; empty for the object itself
    std::string done_word;  // "disabled"
    std::function<json::object()> body = {};
};
Exit change_each(Session& session, Noun const& noun, std::string const& name, WriteOptions const& options,
                 Change const& change);
Verb change_verb(Noun const& noun, std::vector<std::string> names, std::string summary, std::string example,
                 Change change);

bool is_mask(std::string_view name);

}  // namespace provost::cli
