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

}  // namespace provost::cli
