// SPDX-License-Identifier: Apache-2.0
// For tests: where this checkout is. Only test_main.cc is compiled with its name in it, so that all other tests are the
// same to a compiler's cache wherever they are compiled.
#pragma once

#include <string>

namespace provost {

std::string in_source(std::string const& path);  // in_source("schema"): that folder of this checkout

}  // namespace provost
