// SPDX-License-Identifier: Apache-2.0
// The steps of what must hold wherever it is broken off: each has a name, by which tests/faults breaks it off there.
#pragma once

namespace provost {

// Does nothing, unless a library loaded before the program has a function `provost_step`: no setting of the daemon
// makes one, and whoever may choose its libraries may do anything.
void step(char const* name);

}  // namespace provost
