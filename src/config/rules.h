// SPDX-License-Identifier: Apache-2.0
// What a value must be like, in a form that can be checked and told.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/duration.h"

namespace provost::config {

template <class T>
struct Rule;

template <>
struct Rule<std::int64_t> {
    std::int64_t least, most;
};

template <>
struct Rule<Duration> {
    char const *least, *most;
};

template <>
struct Rule<std::string> {
    bool (*holds)(std::string_view text);
    char const* words;  // "an absolute path ..."; for a choice, the words to choose from
    bool is_choice = false;
    bool may_follow = false;  // empty means that it follows another setting
};

constexpr Rule<std::int64_t> between(std::int64_t least, std::int64_t most) { return {least, most}; }
constexpr Rule<Duration> between(char const* least, char const* most) { return {least, most}; }

// Whether the path may stand unquoted in the files of Postfix, Dovecot and systemd: absolute, no "..", and only
// letters, digits and / . _ - + @ : in it.
bool is_plain_path(std::string_view text);
bool is_socket_path(std::string_view text);  // a plain path that fits a socket's address: 107 bytes (unix(7))
bool is_database(std::string_view text);
bool is_delimiter(std::string_view text);
bool is_system_name(std::string_view text);
bool is_url(std::string_view text);
bool is_door(std::string_view text);
bool is_plain_path_or_nothing(std::string_view text);
bool is_system_name_or_nothing(std::string_view text);
bool is_listening_place(std::string_view text);
bool are_networks(std::string_view text);
bool is_word_or_nothing(std::string_view text);
bool are_folder_names(std::string_view text);

constexpr Rule<std::string> a_path{is_plain_path, "must be an absolute path of letters, digits and / . _ - + @ :"};
constexpr Rule<std::string> a_path_or_nothing{is_plain_path_or_nothing,
                                              "must be empty or an absolute path of letters, digits and / . _ - + @ :"};
constexpr Rule<std::string> a_socket{is_socket_path, "must be an absolute path of at most 107 plain characters", false,
                                     true};
constexpr Rule<std::string> a_database{is_database, "must be sqlite: and an absolute path", false, true};
constexpr Rule<std::string> a_delimiter{is_delimiter, "must be one of + - = . _ or empty"};
constexpr Rule<std::string> a_name{is_system_name, "must be the name of a user or group: a-z, 0-9, _ and -"};
constexpr Rule<std::string> a_url{is_url, "must be http://HOST:PORT/PATH"};
constexpr Rule<std::string> a_door{is_door, "must be HOST:PORT, [IPV6]:PORT or empty"};
constexpr Rule<std::string> a_name_or_nothing{is_system_name_or_nothing,
                                              "must be empty or the name of a group: a-z, 0-9, _ and -"};
constexpr Rule<std::string> a_listening_place{is_listening_place,
                                              "must be ADDRESS:PORT or [IPV6]:PORT in numbers, or empty"};
constexpr Rule<std::string> some_networks{are_networks,
                                          "must be networks such as 192.0.2.0/24 or ::1, parted by blanks, or empty"};
constexpr Rule<std::string> a_word_or_nothing{is_word_or_nothing, "must be letters, digits, _ and -, or empty"};
constexpr Rule<std::string> some_folders{are_folder_names,
                                         "must be names of letters, digits, _ and -, parted by blanks, or empty"};
constexpr Rule<std::string> one_of(char const* words) { return {nullptr, words, true}; }

// "section.key: 'value' rule" where the rule is broken.
Result<void> check(Rule<std::string> const& rule, std::string const& value, std::string_view field);
Result<void> check(Rule<std::int64_t> const& rule, std::int64_t value, std::string_view field);
Result<void> check(Rule<Duration> const& rule, Duration value, std::string_view field);

// "from 1 to 64", "one of debug, info": what the help says of a rule.
std::string rule_text(Rule<std::string> const& rule);
std::string rule_text(Rule<std::int64_t> const& rule);
std::string rule_text(Rule<Duration> const& rule);

// Of an address in numbers.
bool is_loopback(std::string const& address);

struct HostPort {
    std::string host;  // an IPv6 address without its brackets
    std::uint16_t port = 0;
};

Result<HostPort> parse_host_port(std::string_view text, std::string_view field);

struct HttpUrl {
    HostPort at;
    std::string path;  // starts with '/'
};

Result<HttpUrl> parse_http_url(std::string_view text, std::string_view field);

}  // namespace provost::config
