// SPDX-License-Identifier: Apache-2.0
#include "host/doctor.h"

#include "base/text.h"
#include "host/doctor_parts.h"

namespace provost::host {

char const* word(Health health)
{
    switch (health) {
        case Health::green:
            return "green";
        case Health::yellow:
            return "yellow";
        case Health::red:
            return "red";
        case Health::skipped:
            return "skipped";
    }
    return "";
}

std::string some_of(std::vector<std::string> const& items, std::size_t most)
{
    if (items.size() <= most) return joined(items, "; ");
    std::vector<std::string> const shown(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(most));
    return joined(shown, "; ") + "; and " + std::to_string(items.size() - most) + " more";
}

void examine(Examination const& exam)
{
    examine_services(exam);
    examine_daemon(exam);
    examine_folders(exam);
    examine_sockets(exam);
    examine_servers(exam);
    examine_doors(exam);
    if (!is_of_cyrus(exam.site.settings)) examine_doveadm(exam);
    examine_queue(exam);
    examine_disks(exam);
}

}  // namespace provost::host
