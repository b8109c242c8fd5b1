// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <sys/prctl.h>

namespace provost {

void keep_memory_private() { ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

}  // namespace provost
