// SPDX-License-Identifier: Apache-2.0
#include "provost/command.h"

namespace provost::cli {

Group host_group()
{
    return {"",
            "",
            {setup_verb(),
             {{"init"},
              "Make this host ready for the daemon: users, folders, settings; again and again is well",
              "provost init",
              [](CLI::App&) -> Action {
                  return [](Session& session) {
                      auto const changes = session.around.init(session.settings_file);
                      if (!changes) return complain(session, changes.error());
                      print_changes(session, *changes);
                      return Exit::done;
                  };
              }},
             doctor_verb()}};
}

}  // namespace provost::cli
