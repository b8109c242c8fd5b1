// SPDX-License-Identifier: Apache-2.0
#include "net/imap_command.h"

#include <algorithm>

#include "base/text.h"

namespace provost::net {
namespace {

// RFC 2683 3.2.1.5: a command line has at most about 1000 octets without its literals. Two such strings fit.
constexpr std::size_t longest_quoted = 400;
constexpr std::size_t longest_at_once = 800;  // a response that goes with its command

constexpr std::size_t longest_minus = 4096;  // RFC 7888 5

bool has_any(std::string_view text, std::string_view bytes) { return text.find_first_of(bytes) != text.npos; }

constexpr std::string_view nul{"\0", 1};
constexpr std::string_view line_ends{"\0\r\n", 3};

bool can_be_quoted(std::string_view text)
{
    auto const is_fit = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '\r' && c != '\n'; };
    return text.size() <= longest_quoted && std::all_of(text.begin(), text.end(), is_fit);
}

void add_quoted(std::string& to, std::string_view text)
{
    to += '"';
    for (auto const c : text) {
        if (c == '"' || c == '\\') to += '\\';
        to += c;
    }
    to += '"';
}

// "{3}" or "{3+}" at the end: the server would take what follows for bytes.
bool announces_literal(std::string_view word)
{
    if (word.empty() || word.back() != '}') return false;
    auto const open = word.rfind('{');
    if (open == std::string_view::npos) return false;
    auto const inner = word.substr(open + 1, word.size() - open - 2);
    return inner.find_first_not_of("0123456789+-") == std::string_view::npos;
}

// Grows in place: where a text is moved to another while it grows, its bytes stay behind.
class Step {
public:
    explicit Step(std::size_t most) { bytes_.reserve(most); }
    ~Step() { Secret const wiped(std::move(bytes_)); }
    Step(Step const&) = delete;
    Step& operator=(Step const&) = delete;
    std::string& bytes() { return bytes_; }
    // What has been put together so far, with a line end.
    Secret take()
    {
        bytes_ += "\r\n";
        Secret whole(bytes_);
        bytes_.clear();
        return whole;
    }

private:
    std::string bytes_;
};

}  // namespace

ImapCommand::ImapCommand(std::string_view verb) { word(verb); }

ImapCommand& ImapCommand::add(Kind kind, Secret bytes)
{
    parts_.push_back({kind, std::move(bytes)});
    return *this;
}

ImapCommand& ImapCommand::word(std::string_view word) & { return add(Kind::word, Secret(std::string(word))); }
ImapCommand& ImapCommand::text(std::string_view text) & { return add(Kind::text, Secret(std::string(text))); }
ImapCommand& ImapCommand::secret(Secret const& text) & { return add(Kind::secret, text.copy()); }

Result<ImapCommand> ImapCommand::authenticate_plain(std::string_view authzid, std::string_view login,
                                                    Secret const& password, bool at_once)
{
    for (auto const name : {authzid, login}) {
        if (has_any(name, nul)) return refuse(Fault::invalid, "login", name, "has a byte 0");
    }
    if (login.empty()) return refuse(Fault::invalid, "login", login, "is empty");
    if (has_any(password.reveal(), nul)) return fail(Fault::invalid, "the password has a byte 0", "password");
    std::string message;
    message.reserve(authzid.size() + login.size() + password.reveal().size() + 2);
    message += authzid;
    message += '\0';
    message += login;
    message += '\0';
    message += password.reveal();
    Secret const held(std::move(message));
    Secret response(to_base64(held.reveal()));
    ImapCommand command("AUTHENTICATE");
    command.word("PLAIN");
    bool const goes_with_it = at_once && response.reveal().size() <= longest_at_once;
    command.add(goes_with_it ? Kind::secret_word : Kind::on_request, std::move(response));
    command.add(Kind::unsaid, password.copy());
    return command;
}

Result<void> ImapCommand::check() const
{
    for (auto const& part : parts_) {
        auto const bytes = part.bytes.reveal();
        switch (part.kind) {
            case Kind::word:
                if (bytes.empty() || has_any(bytes, line_ends) || announces_literal(bytes)) {
                    return refuse(Fault::invalid, "command", bytes, "is no word of IMAP");
                }
                break;
            case Kind::text:
                if (has_any(bytes, nul)) return refuse(Fault::invalid, "command", bytes, "has a byte 0");
                break;
            case Kind::secret:
                if (has_any(bytes, nul)) return fail(Fault::invalid, "the secret has a byte 0", "command");
                break;
            case Kind::secret_word:
            case Kind::on_request:
            case Kind::unsaid:
                break;
        }
    }
    return {};
}

std::vector<Secret> ImapCommand::steps(std::string_view tag, Literals literals) const
{
    auto most = tag.size();
    for (auto const& part : parts_) most += 2 * part.bytes.reveal().size() + 32;  // quotes, or the size of a literal
    Step step(most);
    std::vector<Secret> steps;
    auto& line = step.bytes();
    line += tag;
    for (auto const& part : parts_) {
        auto const bytes = part.bytes.reveal();
        if (part.kind == Kind::unsaid) continue;
        if (part.kind == Kind::on_request) {
            steps.push_back(step.take());
            line += bytes;
            continue;
        }
        line += ' ';
        if (part.kind == Kind::word || part.kind == Kind::secret_word) {
            line += bytes;
        } else if (can_be_quoted(bytes)) {
            add_quoted(line, bytes);
        } else if (literals == Literals::plus || (literals == Literals::minus && bytes.size() <= longest_minus)) {
            line += "{" + std::to_string(bytes.size()) + "+}\r\n";
            line += bytes;
        } else {
            line += "{" + std::to_string(bytes.size()) + "}";
            steps.push_back(step.take());
            line += bytes;
        }
    }
    steps.push_back(step.take());
    return steps;
}

std::string ImapCommand::without_secrets(std::string said) const
{
    for (auto const& part : parts_) {
        auto const bytes = part.bytes.reveal();
        if (part.kind == Kind::word || part.kind == Kind::text || bytes.empty()) continue;
        std::string quoted;
        quoted.reserve(2 * bytes.size() + 2);
        add_quoted(quoted, bytes);
        Secret const as_quoted(std::move(quoted));
        bool const is_repeated = said.find(bytes) != said.npos || said.find(as_quoted.reveal()) != said.npos;
        if (!is_repeated) continue;
        Secret const wiped(std::move(said));
        return "(left out: it repeats a secret)";
    }
    return said;
}

}  // namespace provost::net
