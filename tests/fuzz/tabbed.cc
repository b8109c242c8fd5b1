// SPDX-License-Identifier: Apache-2.0
// Dovecot's lines of fields, and the AUTH line with what PLAIN carries in it.
#include "protocols/tabbed.h"

#include "base/text.h"
#include "fuzz/target.h"
#include "protocols/dovecot/auth_request.h"

using namespace provost;
using namespace provost::protocols;

FUZZ_TARGET(tabbed, input)
{
    auto const line = tab_escaped(input);
    HOLDS(line.find_first_of(std::string_view("\0\t\r\n", 4)) == std::string::npos);
    HOLDS(tab_unescaped(line) == input);
    HOLDS(tab_unescaped(input).size() <= input.size());

    std::size_t bytes = 0;
    std::size_t count = 0;
    Fields fields(input);
    while (auto const field = fields.next()) {
        HOLDS(field->find('\t') == std::string_view::npos);
        bytes += field->size();
        ++count;
    }
    HOLDS(bytes + count == input.size() + 1);

    auto const request = parse_auth_request(input);
    if (request && request->response) {
        if (auto const message = decode_response(*request->response)) parse_plain(message->reveal());
    }
    if (auto const plain = parse_plain(input)) {
        auto const again = plain->authzid + '\0' + plain->login + '\0' + std::string(plain->password.reveal());
        HOLDS(again == input);
    }
}
