// SPDX-License-Identifier: Apache-2.0
#include "config/rules.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"

namespace provost::config {

namespace {

constexpr std::string_view letters_and_digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

bool consists_of(std::string_view text, std::string_view others)
{
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return letters_and_digits.find(c) != std::string_view::npos || others.find(c) != std::string_view::npos;
    });
}

std::vector<std::string> choices(Rule<std::string> const& rule)
{
    std::vector<std::string> words;
    for (auto const word : split(rule.words, ' ')) words.emplace_back(word);
    return words;
}

// 32 or 128; 0 for what is no address.
int address_bits(std::string const& text)
{
    in6_addr bytes{};
    if (inet_pton(AF_INET, text.c_str(), &bytes) == 1) return 32;
    return inet_pton(AF_INET6, text.c_str(), &bytes) == 1 ? 128 : 0;
}

}  // namespace

bool is_plain_path(std::string_view text)
{
    if (!text.starts_with('/') || !consists_of(text, "/._-+@:")) return false;
    auto const parts = split(text, '/');
    return std::none_of(parts.begin(), parts.end(), [](auto part) { return part == ".."; });
}

bool is_plain_path_or_nothing(std::string_view text) { return text.empty() || is_plain_path(text); }

bool is_socket_path(std::string_view text) { return is_plain_path(text) && text.size() <= 107 && !text.ends_with('/'); }

bool is_database(std::string_view text)
{
    constexpr std::string_view scheme = "sqlite:";
    return text.starts_with(scheme) && is_plain_path(text.substr(scheme.size()));
}

bool is_delimiter(std::string_view text)
{
    return text.empty() || (text.size() == 1 && std::string_view("+-=._").find(text[0]) != std::string_view::npos);
}

bool is_system_name(std::string_view text)
{
    // useradd(8): at most 32 characters, and none that chown or a shell would read otherwise.
    return !text.empty() && text.size() <= 32 && consists_of(text, "_-") && folded(text) == text &&
           (text[0] == '_' || (text[0] >= 'a' && text[0] <= 'z'));
}

bool is_system_name_or_nothing(std::string_view text) { return text.empty() || is_system_name(text); }

bool is_listening_place(std::string_view text)
{
    if (text.empty()) return true;
    auto const at = parse_host_port(text, "");
    return at && address_bits(at->host) != 0;
}

bool are_networks(std::string_view text)
{
    auto const words = split(text, ' ');
    return std::all_of(words.begin(), words.end(), [](auto word) {
        if (word.empty()) return true;
        auto const slash = word.find('/');
        auto const bits = address_bits(std::string(word.substr(0, slash)));
        if (bits == 0 || slash == std::string_view::npos) return bits != 0;
        auto const length = to_integer(word.substr(slash + 1));
        return length && *length >= 0 && *length <= bits;
    });
}

bool is_word_or_nothing(std::string_view text) { return text.empty() || consists_of(text, "_-"); }

bool are_folder_names(std::string_view text)
{
    auto const words = split(text, ' ');
    return std::all_of(words.begin(), words.end(), is_word_or_nothing);
}

bool is_loopback(std::string const& address)
{
    in6_addr bytes{};
    if (inet_pton(AF_INET, address.c_str(), &bytes) == 1) return bytes.s6_addr[0] == 127;
    return inet_pton(AF_INET6, address.c_str(), &bytes) == 1 && IN6_IS_ADDR_LOOPBACK(&bytes);
}

bool is_door(std::string_view text) { return text.empty() || parse_host_port(text, ""); }

bool is_url(std::string_view text) { return parse_http_url(text, "").has_value(); }

Result<HostPort> parse_host_port(std::string_view text, std::string_view field)
{
    auto const colon = text.rfind(':');
    auto host = text.substr(0, colon == std::string_view::npos ? 0 : colon);
    auto const bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    auto const port = to_integer(text.substr(colon == std::string_view::npos ? text.size() : colon + 1));
    if (host.empty() || !consists_of(host, bracketed ? ":." : ".-") || !port || *port < 1 || *port > 65535) {
        return refuse(Fault::invalid, field, text, "must be HOST:PORT or [IPV6]:PORT");
    }
    return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

Result<HttpUrl> parse_http_url(std::string_view text, std::string_view field)
{
    constexpr std::string_view scheme = "http://";
    constexpr auto rule = "must be http://HOST:PORT/PATH";
    if (!text.starts_with(scheme)) return refuse(Fault::invalid, field, text, rule);
    auto const rest = text.substr(scheme.size());
    auto const slash = std::min(rest.find('/'), rest.size());
    auto at = parse_host_port(rest.substr(0, slash), field);
    if (!at || !consists_of(rest.substr(slash), "/._-")) return refuse(Fault::invalid, field, text, rule);
    return HttpUrl{*at, slash == rest.size() ? "/" : std::string(rest.substr(slash))};
}

Result<void> check(Rule<std::string> const& rule, std::string const& value, std::string_view field)
{
    if (rule.may_follow && value.empty()) return {};
    if (!rule.is_choice) {
        return rule.holds(value) ? Result<void>() : refuse(Fault::invalid, field, value, rule.words);
    }
    auto const words = choices(rule);
    if (std::find(words.begin(), words.end(), value) != words.end()) return {};
    auto const meant = nearest(value, words);
    return refuse(Fault::invalid, field, value,
                  "must be " + rule_text(rule) + (meant ? "; did you mean " + *meant + "?" : ""));
}

Result<void> check(Rule<std::int64_t> const& rule, std::int64_t value, std::string_view field)
{
    if (value >= rule.least && value <= rule.most) return {};
    return refuse(Fault::invalid, field, std::to_string(value), "must be " + rule_text(rule));
}

Result<void> check(Rule<Duration> const& rule, Duration value, std::string_view field)
{
    auto const least = TRY(parse_duration(rule.least, field));
    auto const most = TRY(parse_duration(rule.most, field));
    if (value >= least && value <= most) return {};
    return refuse(Fault::invalid, field, duration_text(value), "must be " + rule_text(rule));
}

std::string rule_text(Rule<std::string> const& rule)
{
    return rule.is_choice ? "one of " + joined(choices(rule), ", ") : "";
}

std::string rule_text(Rule<std::int64_t> const& rule)
{
    return "from " + std::to_string(rule.least) + " to " + std::to_string(rule.most);
}

std::string rule_text(Rule<Duration> const& rule) { return std::string("from ") + rule.least + " to " + rule.most; }

}  // namespace provost::config
