// SPDX-License-Identifier: Apache-2.0
#include "provost/command.h"
#include "provost/table.h"

namespace provost::cli {
namespace {

void print_changes(Session& session, std::vector<std::string> const& changes)
{
    auto& out = session.around.out;
    if (session.output == Output::json) {
        out << json::serialize(json::object{{"changes", json::array(changes.begin(), changes.end())}}) << '\n';
        return;
    }
    if (session.output == Output::csv) {
        Table table{{"change"}, {}};
        for (auto const& change : changes) table.rows.push_back({change});
        out << as_csv(table);
        return;
    }
    for (auto const& change : changes) out << printable(change) << '\n';
    if (changes.empty()) out << "nothing to change\n";
}

}  // namespace

Group init_group()
{
    return {"",
            "",
            {{{"init"},
              "Make this host ready for the daemon: users, folders, settings; again and again is well",
              "provost init",
              [](CLI::App&) -> Action {
                  return [](Session& session) {
                      auto const changes = session.around.init(session.settings_file);
                      if (!changes) return complain(session, changes.error());
                      print_changes(session, *changes);
                      return Exit::done;
                  };
              }}}};
}

}  // namespace provost::cli
