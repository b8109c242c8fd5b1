// SPDX-License-Identifier: Apache-2.0
// What is left to do when a host is set up, which no program on it can do or see.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/settle.h"

namespace provost::host {

// A sentence or two each: names, certificate, firewall; and what of the settings does not go with the ports.
std::vector<std::string> advice(Root const& root, config::Settings const& settings, ServerOptions const& options);

}  // namespace provost::host
