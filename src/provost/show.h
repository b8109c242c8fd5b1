// SPDX-License-Identifier: Apache-2.0
// The API's JSON for people: rows, single objects, and what became of an act with its proof.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "provost/command.h"
#include "provost/table.h"

namespace provost::cli {

// One value as a cell: sizes as 10G, lists with commas, nothing as "-" (empty in CSV).
std::string cell_of(std::string_view field, json::value const& value, Output output = Output::table);

struct Column {
    std::string_view title;
    std::string_view field;  // "counts.mailboxes" for a member of a member
};

Table rows_of(json::array const& items, std::vector<Column> const& columns, Output output);

void print_items(Session& session, json::array const& items, std::vector<Column> const& columns);
void print_object(Session& session, json::object const& object);
void print_json(Session& session, json::value const& value);
void print_table(Session& session, Table const& table);

// A line for each door, for sessions, and a last one that says whether all is proved.
std::string proof_text(json::object const& proof, bool colour);

// Prints one act: "mailbox bob@example.org disabled, revision 18", notes and proof. The code is 75 where it is done
// but not proved, or where this node does not answer with it yet.
Exit print_done(Session& session, std::string_view noun, std::string_view done_word, json::object const& done);
Exit exit_of_done(json::object const& done);

}  // namespace provost::cli
