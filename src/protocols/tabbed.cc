// SPDX-License-Identifier: Apache-2.0
#include "protocols/tabbed.h"

#include <charconv>

namespace provost::protocols {

void append_tab_escaped(std::string& to, std::string_view value)
{
    for (char const c : value) {
        switch (c) {
            case '\0':
                to.append(
                    "\x01"
                    "0");
                break;
            case '\x01':
                to.append(
                    "\x01"
                    "1");
                break;
            case '\t':
                to.append("\x01t");
                break;
            case '\r':
                to.append("\x01r");
                break;
            case '\n':
                to.append("\x01n");
                break;
            default:
                to += c;
        }
    }
}

std::string tab_escaped(std::string_view value)
{
    std::string escaped;
    append_tab_escaped(escaped, value);
    return escaped;
}

std::string tab_unescaped(std::string_view field)
{
    std::string value;
    value.reserve(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] != '\x01') {
            value += field[i];
        } else if (++i < field.size()) {
            switch (field[i]) {
                case '0':
                    value += '\0';
                    break;
                case '1':
                    value += '\x01';
                    break;
                case 't':
                    value += '\t';
                    break;
                case 'r':
                    value += '\r';
                    break;
                case 'n':
                    value += '\n';
                    break;
                default:
                    value += field[i];
            }
        }
    }
    return value;
}

std::optional<std::uint32_t> Fields::number()
{
    auto const field = next();
    if (!field || field->empty()) return std::nullopt;
    std::uint32_t number = 0;
    auto const [end, error] = std::from_chars(field->data(), field->data() + field->size(), number);
    if (error != std::errc() || end != field->data() + field->size()) return std::nullopt;
    return number;
}

void append_field(std::string& to, std::string_view name, std::string_view value)
{
    to += '\t';
    to += name;
    to += '=';
    append_tab_escaped(to, value);
}

}  // namespace provost::protocols
