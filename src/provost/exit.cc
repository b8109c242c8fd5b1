// SPDX-License-Identifier: Apache-2.0
#include "provost/exit.h"

namespace provost::cli {

Exit exit_of(Fault fault)
{
    switch (fault) {
        case Fault::invalid:
            return Exit::usage;
        case Fault::not_found:
            return Exit::no_such;
        case Fault::conflict:
            return Exit::conflict;
        case Fault::denied:
            return Exit::denied;
        case Fault::unavailable:
            break;
    }
    return Exit::temporary;
}

std::vector<std::pair<Exit, char const*>> exit_meanings()
{
    return {{Exit::done, "Done"},
            {Exit::no, "No: nothing was found, the password is wrong, or a question was answered so"},
            {Exit::usage, "The command line, or a value in it, is wrong"},
            {Exit::no_such, "There is no such object"},
            {Exit::conflict, "It exists already, or a rule of the directory stands against it"},
            {Exit::drift, "What is answered, or what a mail store has, is not what the record says"},
            {Exit::in_part, "Done in part, of several objects; the rows tell which"},
            {Exit::temporary, "Trying again may help"},
            {Exit::denied, "Not permitted"}};
}

}  // namespace provost::cli
