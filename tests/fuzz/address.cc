// SPDX-License-Identifier: Apache-2.0
// Addresses, domains and logins: folded once, they stay as they are.
#include "mail/address.h"

#include "base/text.h"
#include "fuzz/target.h"

using namespace provost;
using namespace provost::mail;

FUZZ_TARGET(address, input)
{
    if (auto const domain = DomainName::parse(input)) {
        HOLDS(domain->text().size() <= longest_domain);
        HOLDS(DomainName::parse(domain->text()) == *domain);
    } else {
        HOLDS(is_utf8(domain.error().message));
    }

    auto const from_wire = Address::from_wire(input);
    if (auto const written = Address::parse(input)) HOLDS(from_wire == *written);
    if (from_wire) {
        auto const& text = from_wire->text();
        HOLDS(text.size() <= longest_address);
        HOLDS(is_utf8(text));
        HOLDS(text.find('\0') == std::string::npos);
        HOLDS(Address::from_wire(text) == from_wire);
        HOLDS(Address::join(from_wire->local(), from_wire->domain()) == text);
        if (auto const base = from_wire->without_extension('+'))
            HOLDS(std::string(*base).append(from_wire->extension('+')) == from_wire->local());
        else HOLDS(from_wire->extension('+').empty());
    }

    auto const login = login_from_wire(input);
    if (login) HOLDS(login_from_wire(*login) == login);
    if (auto const written = parse_login(input)) HOLDS(login == *written);
}
