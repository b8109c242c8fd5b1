// SPDX-License-Identifier: Apache-2.0
// What dovecot.cc fills in, one text for each family of versions.
#pragma once

#include <string_view>

namespace provost::host {

std::string_view dovecot_2_3();
std::string_view dovecot_2_4();

}  // namespace provost::host
