// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/service.h"

namespace provost::protocols {

std::optional<mail::Service> service_named(std::string_view name)
{
    if (name == "smtp" || name == "submission") return mail::Service::submission;
    if (name == "imap") return mail::Service::imap;
    if (name == "pop3") return mail::Service::pop3;
    if (name == "sieve" || name == "managesieve") return mail::Service::sieve;
    return std::nullopt;
}

}  // namespace provost::protocols
