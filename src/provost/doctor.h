// SPDX-License-Identifier: Apache-2.0
// `provost doctor` looks at the host itself, and asks the daemon for what only it knows.
#pragma once

#include <functional>
#include <string>

#include "host/doctor.h"

namespace provost::cli {

struct DoctorWishes {
    bool delivery = true;     // sends a letter to a mailbox made for it
    std::string domain = {};  // where that mailbox is; empty: the first hosted one
};

using Say = std::function<void(host::Finding const&)>;

// This host, with the settings in the file. Fault::denied for everybody but root.
Result<void> examine_this_host(std::string const& settings_file, DoctorWishes const& wishes,
                               host::Examination::Ask const& ask, Say const& say);

}  // namespace provost::cli
