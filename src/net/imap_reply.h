// SPDX-License-Identifier: Apache-2.0
// What an IMAP server says (RFC 9051 7, RFC 3501 7): from bytes to values. No sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace provost::net {

// A part of an untagged answer. Bytes are kept as they came, UTF-8 or not.
struct ImapValue {
    enum class Kind : std::uint8_t { nil, atom, string, list };
    Kind kind = Kind::nil;
    std::string text = {};              // of an atom, or of a string: quoted, literal or literal8
    std::vector<ImapValue> items = {};  // of a list

    bool is_word(std::string_view word) const;  // an atom, compared without regard to ASCII case
    bool operator==(ImapValue const&) const = default;
};

// "[MAILBOXID (abc)]": name "MAILBOXID", in upper case, arguments "(abc)" as they came. Without a code both are empty.
struct ImapCode {
    std::string name = {};
    std::string arguments = {};

    bool operator==(ImapCode const&) const = default;
};

// "* 3 EXISTS": name "EXISTS", values {atom "3"}. "* LIST (..) "/" x": name "LIST". OK, NO, BAD, BYE and PREAUTH have
// a code and a text instead of values.
struct ImapUntagged {
    std::string name = {};  // in upper case
    std::vector<ImapValue> values = {};
    ImapCode code = {};
    std::string text = {};

    bool is_status() const;  // OK, NO, BAD, BYE, PREAUTH
    bool operator==(ImapUntagged const&) const = default;
};

// What became of a command.
struct ImapReply {
    enum class Status : std::uint8_t { ok, no, bad };
    Status status = Status::bad;
    ImapCode code = {};
    std::string text = {};  // the server's words, as they came
    std::vector<ImapUntagged> untagged = {};

    bool is_ok() const { return status == Status::ok; }
};

struct ImapTagged {
    std::string tag;
    ImapReply reply;  // without what came untagged before it
};
// "+ ...": the server waits for what a command goes on with.
struct ImapGoOn {
    std::string text;
};
using ImapResponse = std::variant<ImapUntagged, ImapTagged, ImapGoOn>;

inline constexpr std::size_t imap_deepest = 20;  // lists in lists; what we ask for has three at most
inline constexpr std::size_t imap_most_values =
    20'000;  // of one answer; a line of 64 KiB holds no more that are useful

// How many bytes of a literal follow this line of a response, if one does. Words of OK, NO, BAD, BYE, PREAUTH and "+"
// announce none, however they end (RFC 9051 9, resp-text).
std::optional<std::size_t> imap_literal_after(std::string_view line);

// One response: its lines and literals as they came, without the line end after the last. Where it is not understood
// the error says why, without a byte of it.
Result<ImapResponse> parse_imap(std::string_view response);

// About how much memory it takes.
std::size_t size_of(ImapUntagged const& untagged);

}  // namespace provost::net
