// SPDX-License-Identifier: Apache-2.0
// A verb of the command line: what it takes, an example that works, and what it does. All verbs are in groups().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "provost/client.h"
#include "provost/exit.h"
#include "provost/surroundings.h"

namespace CLI {
class App;
}

namespace provost::cli {

enum class Output { table, json, csv };

// One run of the command.
struct Session {
    Surroundings& around;
    Client client;
    Output output = Output::table;
    std::string settings_file;  // as --config or $PROVOST_CONFIG or the default say
};

using Action = std::function<Exit(Session&)>;

struct Verb {
    std::vector<std::string> names;  // what it is called first; then names that other systems use
    std::string summary;
    std::string example;                       // a whole command line
    std::function<Action(CLI::App&)> declare;  // its options; the action reads them after they were parsed
    bool is_hidden = false;                    // not in help: for those who package the command
};

struct Group {
    std::string name;  // empty: its verbs stand by themselves
    std::string summary;
    std::vector<Verb> verbs;
};

Group domain_group();
Group mailbox_group();
Group alias_group();
Group admin_group();
Group token_group();
Group question_group();  // explain, lookup
Group auth_group();
Group daemon_group();  // status, version
Group audit_group();
Group job_group();
Verb drift_verb();
Group backup_group();     // backup, restore
Group host_group();       // init, setup
Group packaging_group();  // completion, manual, units

std::vector<Group> groups();

Verb setup_verb();
Verb doctor_verb();

// One sentence for each thing that was changed on the host.
void print_changes(Session& session, std::vector<std::string> const& changes);

// Prints "provost: ..." and says with which code that ends.
Exit complain(Session& session, Error const& error);

// Of a person who was asked, and did not agree: it ends with Exit::no.
Error said_no(std::string const& why = {});
// Asks, unless `yes` was said on the command line. An error where the answer is no, or nobody can be asked.
Result<void> agreed(Session& session, bool yes, std::string const& question);

}  // namespace provost::cli
