// SPDX-License-Identifier: Apache-2.0
#include "protocols/dovecot/auth_request.h"

#include "base/text.h"
#include "protocols/tabbed.h"

namespace provost::protocols {

std::optional<AuthRequest> parse_auth_request(std::string_view arguments)
{
    Fields fields(arguments);
    auto const id = fields.number();
    AuthRequest request{.id = id.value_or(0), .mechanism = fields.text(), .service = {}, .from = {}};
    if (!id || request.mechanism.empty()) return std::nullopt;
    for (auto& c : request.mechanism)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    while (auto const field = fields.next()) {
        auto const equals = field->find('=');
        auto const name = field->substr(0, equals);
        auto const value = equals == std::string_view::npos ? std::string_view() : field->substr(equals + 1);
        if (name == "service" || name == "protocol") request.service = tab_unescaped(value);
        else if (name == "rip") request.from = tab_unescaped(value);
        else if (name == "nologin") request.nologin = true;
        else if (name == "resp") request.response = value;
    }
    return request;
}

std::optional<Secret> decode_response(std::string_view base64)
{
    if (base64 == "=") base64 = {};
    auto message = from_base64(base64);
    if (!message) return std::nullopt;
    return Secret(std::move(*message));
}

std::optional<PlainMessage> parse_plain(std::string_view message)
{
    auto const first = message.find('\0');
    if (first == std::string_view::npos) return std::nullopt;
    auto const second = message.find('\0', first + 1);
    if (second == std::string_view::npos || message.find('\0', second + 1) != std::string_view::npos)
        return std::nullopt;
    return PlainMessage{.authzid = std::string(message.substr(0, first)),
                        .login = std::string(message.substr(first + 1, second - first - 1)),
                        .password = Secret(std::string(message.substr(second + 1)))};
}

}  // namespace provost::protocols
