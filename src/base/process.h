// SPDX-License-Identifier: Apache-2.0
// What a process that holds passwords asks of the kernel.
#pragma once

namespace provost {

// From now on no core dump is made of this process, and its memory and environment are open to root alone: not to
// others of its own user, neither by ptrace(2) nor in /proc. What it executes is not bound by it.
void keep_memory_private();

}  // namespace provost
