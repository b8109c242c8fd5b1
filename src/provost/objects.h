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
    std::string mask = "'*@example.org'";  // one that would fit some, for the help
};

std::string path_of(Noun const& noun, std::string const& name, std::string const& verb = {});
Query query_of(bool dry_run);

// What every writing verb takes.
struct WriteOptions {
    bool dry_run = false;
    bool yes = false;
    void declare(CLI::App& app, bool bulk);
};

Exit list(Session& session, Noun const& noun, std::string const& mask);
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
    std::string list = {};  // where a mask is looked for, if not among those of the noun
    Query query = {};
    bool always_asks = false;  // for one as for several
};
Exit change_each(Session& session, Noun const& noun, std::string const& name, WriteOptions const& options,
                 Change const& change);
struct Named {
    std::string id;    // by which the API knows it
    std::string name;  // by which people do
};
// Each once, in order: several deleted mailboxes may have one name.
std::vector<Named> names_of(Noun const& noun, json::array const& items);
Exit change_these(Session& session, Noun const& noun, std::vector<Named> const& these, WriteOptions const& options,
                  Change const& change);

Verb change_verb(Noun const& noun, std::vector<std::string> names, std::string summary, std::string example,
                 Change change);

bool is_mask(std::string_view name);

}  // namespace provost::cli
