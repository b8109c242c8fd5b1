// SPDX-License-Identifier: Apache-2.0
#include "mail/facts.h"

namespace provost::mail {

void TextList::append(std::string& bytes, std::string_view text)
{
    if (text.size() > 0xFFFF) throw std::length_error("a text of a list is longer than 65535 bytes");
    bytes += static_cast<char>(text.size() & 0xFFU);
    bytes += static_cast<char>(text.size() >> 8U);
    bytes += text;
}

std::string TextList::encode(std::vector<std::string> const& texts)
{
    std::string bytes;
    for (auto const& text : texts) append(bytes, text);
    return bytes;
}

std::string TextList::encode(std::vector<Address> const& addresses)
{
    std::string bytes;
    for (auto const& address : addresses) append(bytes, address.text());
    return bytes;
}

}  // namespace provost::mail
