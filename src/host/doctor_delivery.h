// SPDX-License-Identifier: Apache-2.0
// A letter sent and read as a user would, by a mailbox made for it and gone afterwards; each step a finding.
#pragma once

#include <string>

#include "host/doctor.h"

namespace provost::host {

// Makes provost-doctor-xxxx in `domain`, or in the first hosted domain where it is empty; sends it a letter by
// submission, reads it by IMAP, disables it and is refused at both doors, deletes and purges it whatever came of
// that.
void try_delivery(Examination const& exam, std::string const& domain);

}  // namespace provost::host
