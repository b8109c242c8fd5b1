// SPDX-License-Identifier: Apache-2.0
#include "targets/doors.h"

namespace provost::targets {
char const* word(Knock knock)
{
    switch (knock) {
        case Knock::let_in:
            return "let in";
        case Knock::refused:
            return "refused";
        case Knock::temporary:
            return "temporary";
        case Knock::unreachable:
            return "unreachable";
    }
    return "";
}
}  // namespace provost::targets
