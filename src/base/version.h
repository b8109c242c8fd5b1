// SPDX-License-Identifier: Apache-2.0
// The version of everything in this house; CMakeLists.txt reads it here.
#pragma once

namespace provost {

inline constexpr char const* version = "0.1.0";

}  // namespace provost
