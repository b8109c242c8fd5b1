// SPDX-License-Identifier: Apache-2.0
// What mail servers say at their doors while we sign in to prove something.
#include "targets/sign_in.h"

#include "base/text.h"
#include "fuzz/target.h"

using namespace provost;
using namespace provost::targets;

namespace {

// A server that says these bytes, whatever it hears.
class Talker final : public Wire {
public:
    explicit Talker(std::string_view bytes) : from_(bytes) {}

    Result<std::string> line() override
    {
        ++calls;
        if (from_.empty()) return fail(Fault::unavailable, "the server ended the conversation");
        return std::string(from_.until('\n'));
    }
    Result<std::string> bytes(std::size_t count) override
    {
        ++calls;
        if (from_.rest().size() < count) return fail(Fault::unavailable, "the server ended the conversation");
        return std::string(from_.text(count));
    }
    Result<void> send(std::string_view bytes) override
    {
        HOLDS(bytes.ends_with("\r\n"));
        HOLDS(bytes.find('\n') == bytes.size() - 1);
        has_password = has_password || bytes.find("AGphbmVAeABwdw==") != std::string_view::npos;
        HOLDS(!has_password || is_secured);
        return {};
    }
    Result<void> start_tls() override
    {
        is_secured = true;
        return {};
    }

    std::size_t calls = 0;
    bool is_secured = false;
    bool has_password = false;

private:
    fuzz::Input from_;
};

}  // namespace

FUZZ_TARGET(sign_in, input)
{
    fuzz::Input from(input);
    auto const kind = static_cast<DoorKind>(from.below(4));
    auto const tls = from.flag() ? DoorTls::starttls : DoorTls::implicit;
    Talker server(from.rest());
    server.is_secured = tls == DoorTls::implicit;
    auto const result = sign_in(kind, tls, server, "jane@x", Secret("pw"));
    HOLDS(server.calls <= 300);
    HOLDS(result.said.size() <= 4 * 300 + 400);
    HOLDS(is_utf8(result.said));
    for (char const c : result.said) HOLDS(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    // Whoever was not told the password has neither let anybody in nor refused.
    HOLDS(server.has_password || result.knock == Knock::temporary || kind == DoorKind::imap || kind == DoorKind::pop3);
}
