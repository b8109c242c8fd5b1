// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/text.h"
#include "net/holder.h"

namespace provost::net {
namespace {

// FileDescriptorName= of systemd.socket(5): no colon, no control characters, at most 255. We are stricter.
bool is_name(std::string_view text)
{
    auto const fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    };
    return !text.empty() && text.size() <= 255 && std::all_of(text.begin(), text.end(), fits);
}

std::vector<std::string_view> words_of(std::string_view line)
{
    std::vector<std::string_view> words;
    for (auto const& part : split(line, ' ')) {
        for (auto const& word : split(part, '\t')) {
            if (!trimmed(word).empty()) words.push_back(trimmed(word));
        }
    }
    return words;
}

std::optional<mode_t> mode_from(std::string_view text)
{
    if (text.size() < 3 || text.size() > 4) return std::nullopt;
    mode_t mode = 0;
    for (auto c : text) {
        if (c < '0' || c > '7') return std::nullopt;
        mode = mode * 8 + static_cast<mode_t>(c - '0');
    }
    return mode <= 0777 ? std::optional(mode) : std::nullopt;
}

Result<TcpPlace> tcp_place(std::string_view text)
{
    auto const colon = text.rfind(':');
    auto const port = colon == std::string_view::npos ? std::nullopt : to_integer(text.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return refuse(Fault::invalid, "socket", text, "is not tcp:host:port");
    auto host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return TcpPlace{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::string name_or_own(std::string_view text) { return text == "-" ? std::string() : std::string(text); }

Result<HeldSocket> held_socket(std::vector<std::string_view> const& words)
{
    if (!is_name(words[0])) return refuse(Fault::invalid, "name", words[0], "may have letters, digits, '.', '_', '-'");
    HeldSocket held{std::string(words[0]), {}};
    if (words.size() == 2 && words[1].substr(0, 4) == "tcp:") {
        held.place = TRY(tcp_place(words[1].substr(4)));
        return held;
    }
    if (words.size() != 5)
        return fail(Fault::invalid, "a socket is 'name path owner group mode' or 'name tcp:host:port'");
    if (words[1].front() != '/') return refuse(Fault::invalid, "path", words[1], "must begin with '/'");
    auto const mode = mode_from(words[4]);
    if (!mode) return refuse(Fault::invalid, "mode", words[4], "is not an octal mode up to 0777");
    held.place = UnixPlace{std::string(words[1]), name_or_own(words[2]), name_or_own(words[3]), *mode, true};
    return held;
}

}  // namespace

Result<std::vector<HeldSocket>> parse_held_sockets(std::string_view text)
{
    std::vector<HeldSocket> sockets;
    int number = 0;
    for (auto const& line : split(text, '\n')) {
        ++number;
        auto const words = words_of(line.substr(0, line.find('#')));
        if (words.empty()) continue;
        auto held = held_socket(words);
        if (!held) {
            auto error = std::move(held).error();
            return fail(error.fault, "line " + std::to_string(number) + ": " + error.message, error.field);
        }
        sockets.push_back(*std::move(held));
    }
    if (sockets.empty()) return fail(Fault::invalid, "no sockets are listed");
    return sockets;
}

}  // namespace provost::net
