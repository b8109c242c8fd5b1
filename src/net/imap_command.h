// SPDX-License-Identifier: Apache-2.0
// A command to an IMAP server, and the bytes it becomes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace provost::net {

// "CREATE", then its arguments. What cannot be sent makes the command invalid, which is said when it is asked.
class ImapCommand {
public:
    explicit ImapCommand(std::string_view verb);

    // " word": protocol syntax as it stands, such as an atom or "(STORAGE 20)". Not for what users may choose.
    ImapCommand& word(std::string_view word) &;
    // A string of any bytes but NUL: quoted, or a literal where quotes cannot carry it. Names of mailboxes are sent as
    // they are given: UTF-7 (RFC 3501 5.1.3) is the caller's affair.
    ImapCommand& text(std::string_view text) &;
    // The same, wiped afterwards, and left out of what a server says about it.
    ImapCommand& secret(Secret const& text) &;

    ImapCommand&& word(std::string_view syntax) && { return std::move(word(syntax)); }
    ImapCommand&& text(std::string_view bytes) && { return std::move(text(bytes)); }
    ImapCommand&& secret(Secret const& bytes) && { return std::move(secret(bytes)); }

    // AUTHENTICATE PLAIN (RFC 4616), to act as `authzid` where that is not empty. Its response goes with it (SASL-IR,
    // RFC 4959) or waits until the server asks for it.
    static Result<ImapCommand> authenticate_plain(std::string_view authzid, std::string_view login,
                                                  Secret const& password, bool at_once);

    // RFC 7888: how a server takes a literal that does not wait until it asks to go on.
    enum class Literals : std::uint8_t {
        wait,   // not at all
        minus,  // LITERAL-: up to 4096 bytes
        plus,   // LITERAL+: of any size
    };
    // Fault::invalid for what cannot be sent.
    Result<void> check() const;
    // What is sent, in steps: each but the first when the server asks to go on.
    std::vector<Secret> steps(std::string_view tag, Literals literals) const;

    // What the server says, or, where that repeats a secret of this command, that it does.
    std::string without_secrets(std::string said) const;

private:
    enum class Kind : std::uint8_t {
        word,
        text,
        secret,
        secret_word,
        on_request,  // a line of its own, when the server asks for it
        unsaid,      // not sent as it stands, but a secret
    };
    struct Part {
        Kind kind;
        Secret bytes;
    };
    ImapCommand& add(Kind kind, Secret bytes);

    std::vector<Part> parts_;
};

}  // namespace provost::net
