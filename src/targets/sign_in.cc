// SPDX-License-Identifier: Apache-2.0
#include "targets/sign_in.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"

namespace provost::targets {
namespace {

// A server that has not answered by then is not going to; Dovecot's longest, CAPABILITY and EHLO, take about 20.
constexpr int most_lines = 100;

// Error texts of ManageSieve come as literals (RFC 5804 4, "string"); Pigeonhole's are below 1 KiB.
constexpr std::size_t longest_literal = 4096;

constexpr std::size_t longest_said = 300;

// RFC 4616: base64 of NUL login NUL password.
Secret plain_response(std::string const& login, Secret const& password)
{
    std::string message("\0", 1);
    message += login;
    message += '\0';
    message += password.reveal();
    Secret const held(std::move(message));
    return Secret(to_base64(held.reveal()));
}

std::string shown(std::string_view line)
{
    line = trimmed(line).substr(0, longest_said);
    auto const is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    bool const is_plain = is_utf8(line) && std::none_of(line.begin(), line.end(), is_control);
    return is_plain ? std::string(line) : escaped(line, longest_said);
}

bool starts_with(std::string_view text, std::string_view word)
{
    return text.size() >= word.size() && folded(text.substr(0, word.size())) == folded(word);
}

bool is_one_of(std::string_view code, std::initializer_list<std::string_view> codes)
{
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// The first word between `open` and `close` at the start of the text: "[AUTHENTICATIONFAILED]", "(TRYLATER)".
std::string code_at(std::string_view text, char open, char close)
{
    text = trimmed(text);
    if (text.empty() || text.front() != open) return {};
    auto const end = text.find_first_of(std::string{close, ' '}, 1);
    return folded(text.substr(1, end == std::string_view::npos ? end : end - 1));
}

KnockResult decided(Knock knock, std::string_view line) { return {knock, shown(line), {}}; }

// What every protocol does the same way.
class Conversation {
public:
    Conversation(DoorTls tls, Wire& wire) : tls_(tls), wire_(wire) {}
    virtual ~Conversation() = default;

    KnockResult run(Secret const& response)
    {
        auto outcome = try_to_sign_in(response);
        if (outcome) return *std::move(outcome);
        return decided(Knock::temporary, outcome.error().message);
    }

protected:
    // Each of these answers with the line that says no where the server does.
    using Answer = Result<std::optional<std::string>>;
    virtual Answer greeting() = 0;
    virtual Answer ask_for_tls() = 0;
    virtual Answer renew() = 0;  // what has to be said or heard once more under TLS
    virtual Result<KnockResult> authenticate(Secret const& response) = 0;
    virtual Result<void> sign_out() = 0;

    Result<void> send(std::string_view line) { return wire_.send(std::string(line) + "\r\n"); }
    Result<void> send(Secret const& line)
    {
        Secret const whole(std::string(line.reveal()) + "\r\n");
        return wire_.send(whole.reveal());
    }

    // A line with the literals that stand in it: "NO {5}" CRLF "words" becomes "NO words".
    Result<std::string> line()
    {
        if (++lines_ > most_lines) return fail(Fault::unavailable, "the server says more than it should");
        auto text = TRY(wire_.line());
        while (auto const size = literal_at_end_of(text)) {
            if (*size > longest_literal || ++lines_ > most_lines) {
                return fail(Fault::unavailable, "the server sends a literal longer than it should");
            }
            text.erase(text.rfind('{'));
            text += TRY(wire_.bytes(*size));
            text += TRY(wire_.line());
        }
        return text;
    }

    static tl::unexpected<Error> strange(std::string_view said)
    {
        return fail(Fault::unavailable, "not understood: " + shown(said));
    }

private:
    static std::optional<std::size_t> literal_at_end_of(std::string_view text)
    {
        if (text.empty() || text.back() != '}') return std::nullopt;
        auto const open = text.rfind('{');
        if (open == std::string_view::npos) return std::nullopt;
        auto const size = to_integer(text.substr(open + 1, text.size() - open - 2));
        return size && *size >= 0 ? std::optional(static_cast<std::size_t>(*size)) : std::nullopt;
    }

    Result<KnockResult> try_to_sign_in(Secret const& response)
    {
        auto const not_greeted = TRY(greeting());
        if (not_greeted) return decided(Knock::temporary, *not_greeted);
        if (tls_ == DoorTls::starttls) {
            auto const no_tls = TRY(ask_for_tls());
            if (no_tls) return decided(Knock::temporary, *no_tls);
            CHECK_OK(wire_.start_tls());
            auto const not_renewed = TRY(renew());
            if (not_renewed) return decided(Knock::temporary, *not_renewed);
        }
        auto const outcome = TRY(authenticate(response));
        // The door has answered; how it takes the good-bye changes nothing.
        if (outcome.knock == Knock::let_in) static_cast<void>(sign_out());
        return outcome;
    }

    DoorTls tls_;
    Wire& wire_;
    int lines_ = 0;
};

class Imap : public Conversation {
public:
    using Conversation::Conversation;

private:
    Answer greeting() override
    {
        auto said = TRY(line());
        if (starts_with(said, "* OK")) return std::nullopt;
        if (starts_with(said, "* BYE")) return said;
        return strange(said);
    }
    Answer ask_for_tls() override
    {
        CHECK_OK(send("s STARTTLS"));
        auto said = TRY(tagged("s "));
        return starts_with(said, "s OK") ? std::nullopt : std::optional(std::move(said));
    }
    Answer renew() override { return std::nullopt; }

    Result<KnockResult> authenticate(Secret const& response) override
    {
        CHECK_OK(send("a AUTHENTICATE PLAIN"));
        auto said = TRY(tagged("a "));
        if (said.front() == '+') {
            CHECK_OK(send(response));
            said = TRY(tagged("a "));
        }
        if (starts_with(said, "a OK")) return decided(Knock::let_in, said.substr(2));
        if (!starts_with(said, "a NO")) return decided(Knock::temporary, said);
        // RFC 5530 3. Dovecot says ALERT where the account's state is the reason; what is not known here
        // (UNAVAILABLE, LIMIT, INUSE, ...) does not say that the account is off.
        bool const is_for_good =
            is_one_of(code_at(said.substr(4), '[', ']'),
                      {"", "authenticationfailed", "authorizationfailed", "expired", "alert", "noperm"});
        return decided(is_for_good ? Knock::refused : Knock::temporary, said.substr(2));
    }

    Result<void> sign_out() override
    {
        CHECK_OK(send("o LOGOUT"));
        static_cast<void>(TRY(tagged("o ")));
        return {};
    }

    // The answer to a command, or a request to go on with it; untagged lines are skipped.
    Result<std::string> tagged(std::string_view tag)
    {
        for (;;) {
            auto said = TRY(line());
            if (starts_with(said, tag) || starts_with(said, "+")) return said;
            if (starts_with(said, "* BYE")) return fail(Fault::unavailable, shown(said));
            if (!starts_with(said, "*")) return strange(said);
        }
    }
};

class Pop3 : public Conversation {
public:
    using Conversation::Conversation;

private:
    Answer greeting() override { return status(); }
    Answer ask_for_tls() override
    {
        CHECK_OK(send("STLS"));
        return status();
    }
    Answer renew() override { return std::nullopt; }

    Result<KnockResult> authenticate(Secret const& response) override
    {
        CHECK_OK(send("AUTH PLAIN"));
        auto said = TRY(line());
        if (starts_with(said, "+ ") || said == "+") {
            CHECK_OK(send(response));
            said = TRY(line());
        }
        if (starts_with(said, "+OK")) return decided(Knock::let_in, said);
        if (!starts_with(said, "-ERR")) return strange(said);
        auto const code = code_at(said.substr(4), '[', ']');
        // RFC 2449 8.1.2: the password was right, and another client has the maildrop.
        if (is_one_of(code, {"in-use"})) return decided(Knock::let_in, said);
        // RFC 3206 4, RFC 2449 8: SYS/TEMP, SYS/PERM and LOGIN-DELAY are not about the account's right.
        bool const is_for_good = is_one_of(code, {"", "auth"});
        return decided(is_for_good ? Knock::refused : Knock::temporary, said);
    }

    Result<void> sign_out() override
    {
        CHECK_OK(send("QUIT"));
        static_cast<void>(TRY(line()));
        return {};
    }

    Answer status()
    {
        auto said = TRY(line());
        if (starts_with(said, "+OK")) return std::nullopt;
        if (starts_with(said, "-ERR")) return said;
        return strange(said);
    }
};

class Sieve : public Conversation {
public:
    using Conversation::Conversation;

private:
    Answer greeting() override { return ok(); }
    Answer ask_for_tls() override
    {
        CHECK_OK(send("STARTTLS"));
        return ok();
    }
    // RFC 5804 2.2: after TLS the server tells its capabilities once more, unasked.
    Answer renew() override { return ok(); }

    Result<KnockResult> authenticate(Secret const& response) override
    {
        CHECK_OK(send(Secret("AUTHENTICATE \"PLAIN\" \"" + std::string(response.reveal()) + "\"")));
        auto const said = TRY(answer());
        if (starts_with(said, "OK")) return decided(Knock::let_in, said);
        if (!starts_with(said, "NO")) return decided(Knock::temporary, said);
        bool const is_for_good = is_one_of(code_at(said.substr(2), '(', ')'), {""});
        return decided(is_for_good ? Knock::refused : Knock::temporary, said);
    }

    Result<void> sign_out() override
    {
        CHECK_OK(send("LOGOUT"));
        static_cast<void>(TRY(answer()));
        return {};
    }

    Answer ok()
    {
        auto said = TRY(answer());
        return starts_with(said, "OK") ? std::nullopt : std::optional(std::move(said));
    }

    // The line that ends a response; capabilities before it are quoted strings or literals.
    Result<std::string> answer()
    {
        for (;;) {
            auto said = TRY(line());
            for (std::string_view const word : {"OK", "NO", "BYE"}) {
                if (!starts_with(said, word)) continue;
                if (said.size() == word.size() || said[word.size()] == ' ' || said[word.size()] == '(') return said;
            }
            if (said.empty() || said.front() != '"') return strange(said);
        }
    }
};

class Submission : public Conversation {
public:
    using Conversation::Conversation;

private:
    Answer greeting() override { return expect("220"); }
    Answer ask_for_tls() override
    {
        if (auto no = TRY(hello())) return no;
        CHECK_OK(send("STARTTLS"));
        return expect("220");
    }
    Answer renew() override { return std::nullopt; }

    Result<KnockResult> authenticate(Secret const& response) override
    {
        if (auto no = TRY(hello())) return decided(Knock::temporary, *no);
        CHECK_OK(send(Secret("AUTH PLAIN " + std::string(response.reveal()))));
        auto const said = TRY(reply());
        if (starts_with(said, "235")) return decided(Knock::let_in, said);
        // RFC 4954 6, RFC 5248 4 (525 5.7.13 "user account disabled"). Others, 454 and 503 among them, are about the
        // server.
        bool const is_for_good = starts_with(said, "535") || starts_with(said, "525");
        return decided(is_for_good ? Knock::refused : Knock::temporary, said);
    }

    Result<void> sign_out() override
    {
        CHECK_OK(send("QUIT"));
        static_cast<void>(TRY(reply()));
        return {};
    }

    // An address literal: right whatever this host is called, and whatever the server checks names for.
    Answer hello()
    {
        CHECK_OK(send("EHLO [127.0.0.1]"));
        return expect("250");
    }

    Answer expect(std::string_view code)
    {
        auto said = TRY(reply());
        return starts_with(said, code) ? std::nullopt : std::optional(std::move(said));
    }

    // The last line of a reply.
    Result<std::string> reply()
    {
        for (;;) {
            auto said = TRY(line());
            bool const is_coded = said.size() >= 3 && to_integer(said.substr(0, 3)).value_or(0) >= 200;
            if (!is_coded) return strange(said);
            if (said.size() == 3 || said[3] == ' ') return said;
            if (said[3] != '-') return strange(said);
        }
    }
};

}  // namespace

KnockResult sign_in(DoorKind kind, DoorTls tls, Wire& wire, std::string const& login, Secret const& password)
{
    auto const response = plain_response(login, password);
    switch (kind) {
        case DoorKind::imap:
            return Imap(tls, wire).run(response);
        case DoorKind::pop3:
            return Pop3(tls, wire).run(response);
        case DoorKind::sieve:
            return Sieve(tls, wire).run(response);
        case DoorKind::submission:
            return Submission(tls, wire).run(response);
    }
    return {};
}

}  // namespace provost::targets
