// SPDX-License-Identifier: Apache-2.0
#include "net/imap_client.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "base/text.h"

namespace provost::net {
namespace {

using Clock = std::chrono::steady_clock;

// On their way without a reply. So few bytes fit into the buffers of any socket (tcp(7): 16 KiB) even when the server
// reads nothing before we have read what it says, so that neither waits for the other.
constexpr std::size_t most_bytes_in_flight = 8 << 10;
constexpr std::size_t most_in_flight = 64;

std::string words_of(ImapCode const& code, std::string const& text)
{
    if (code.name.empty()) return text;
    return "[" + code.name + (code.arguments.empty() ? "" : " " + code.arguments) + "] " + text;
}

// Whether it is about the server, and not about who signs in. RFC 5530 3; without a code libsasl2's words
// (sasl_errstring), which is how Cyrus says that nobody could tell it.
bool is_for_now(ImapReply const& reply)
{
    for (auto const* code : {"UNAVAILABLE", "SERVERBUG", "INUSE", "LIMIT"}) {
        if (reply.code.name == code) return true;
    }
    if (!reply.code.name.empty()) return false;
    for (auto const* words : {"generic failure", "transient failure", "remote authentication server unavailable"}) {
        if (reply.text.find(words) != std::string::npos) return true;
    }
    return false;
}

void leave_out_secrets(ImapCommand const& command, ImapReply& reply)
{
    reply.text = command.without_secrets(std::move(reply.text));
    reply.code.arguments = command.without_secrets(std::move(reply.code.arguments));
    for (auto& said : reply.untagged) said.text = command.without_secrets(std::move(said.text));
}

}  // namespace

struct ImapClient::Impl {
    LineClient wire;
    ImapServer how;
    std::set<std::string> capabilities = {};  // folded
    bool is_signed_in = false;
    std::uint64_t last_tag = 0;
    std::optional<Error> end = {};  // why nothing can be asked any more
    Clock::time_point deadline = {};

    class Exchange;

    auto trouble(std::string const& words) const { return fail(Fault::unavailable, wire.where() + ": " + words); }
    auto trouble(std::string const& what, std::string_view server_words) const
    {
        return trouble(what + ": " + escaped(server_words));
    }
    auto ended() const { return tl::make_unexpected(*end); }
    template <class T>
    Result<T> noted(Result<T> result)
    {
        if (!result) end = result.error();
        return result;
    }

    bool offers(std::string_view capability) const { return capabilities.contains(folded(capability)); }
    ImapCommand::Literals literals() const
    {
        if (offers("LITERAL+")) return ImapCommand::Literals::plus;
        if (offers("LITERAL-")) return ImapCommand::Literals::minus;
        return ImapCommand::Literals::wait;
    }

    void start_clock() { deadline = Clock::now() + how.limits.timeout; }

    // One operation within what is left of the time.
    template <class Operation>
    auto timed(Operation operation) -> decltype(operation())
    {
        auto const late = [&] {
            return trouble("no answer within " + std::to_string(how.limits.timeout.count()) + " ms");
        };
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) return late();
        wire.set_timeout(left);
        auto result = operation();
        if (!result && result.error().fault == Fault::unavailable && Clock::now() >= deadline) return late();
        return result;
    }

    Result<void> write(std::string_view bytes)
    {
        return timed([&] { return wire.write(bytes); });
    }

    // A response as it came, with its literals.
    Result<std::string> read()
    {
        auto const line = [&] { return wire.read_line(); };
        auto bytes = TRY(timed(line));
        auto size = imap_literal_after(bytes);
        while (size) {
            if (*size > how.largest_reply || bytes.size() > how.largest_reply) {
                return trouble("says more than it should");
            }
            bytes += "\r\n";
            bytes += TRY(timed([&] { return wire.read_bytes(*size); }));
            auto const more = TRY(timed(line));
            size = imap_literal_after(more);
            bytes += more;
        }
        return bytes;
    }

    // With the server's words as they came. BYE is no trouble where the command is to end it all.
    Result<ImapReply> ask(ImapCommand const& command, bool may_end = false);
    Result<std::vector<ImapReply>> ask_all(std::span<ImapCommand const> commands, bool may_end = false);

    bool learn(ImapReply const& reply);
    Result<void> ask_capabilities();
    Result<void> begin();
    Result<void> greeted();
    Result<void> go_under_tls();
    Result<void> start_tls();
    Result<ImapCommand> way_in(std::string_view login, Secret const& password, std::string_view authzid) const;
    Result<void> sign_in(std::string_view login, Secret const& password, std::string_view authzid);
};

// Commands on their way, and the replies that have come.
class ImapClient::Impl::Exchange {
public:
    Exchange(Impl& client, std::span<ImapCommand const> commands, bool may_end)
        : client_(client), commands_(commands), may_end_(may_end), replies_(commands.size())
    {
    }

    Result<std::vector<ImapReply>> run()
    {
        client_.start_clock();
        while (answered_ < commands_.size()) {
            CHECK_OK(send_more());
            auto const bytes = TRY(client_.read());
            auto response = parse_imap(bytes);
            if (!response) return strange("not understood (" + response.error().message + ")", bytes);
            CHECK_OK(std::visit([&](auto& part) { return take(std::move(part)); }, *response));
        }
        return std::move(replies_);
    }

private:
    struct Sent {
        std::size_t index = 0;
        std::size_t size = 0;
        std::vector<Secret> steps = {};
        std::size_t next = 1;  // of the steps
    };

    // A command whose next step the server has to ask for holds up those behind it (RFC 9051 5.5).
    Result<void> send_more()
    {
        bool const is_full = bytes_ > most_bytes_in_flight / 2 || in_flight_.size() > most_in_flight / 2;
        if (is_full || !waiting_.empty()) return {};
        std::vector<Secret> parts;
        for (; sent_ < commands_.size() && waiting_.empty(); ++sent_) {
            auto const tag = "p" + std::to_string(client_.last_tag + 1);
            Sent sent;
            sent.index = sent_;
            sent.steps = commands_[sent_].steps(tag, client_.literals());
            for (auto const& step : sent.steps) sent.size += step.reveal().size();
            bool const fits = bytes_ + sent.size <= most_bytes_in_flight && in_flight_.size() < most_in_flight;
            if (!fits && !in_flight_.empty()) break;
            ++client_.last_tag;
            bytes_ += sent.size;
            if (sent.steps.size() > 1) waiting_ = tag;
            parts.push_back(std::move(sent.steps[0]));
            in_flight_.emplace(tag, std::move(sent));
        }
        return send(parts);
    }

    // In one piece.
    Result<void> send(std::vector<Secret> const& parts)
    {
        std::size_t size = 0;
        for (auto const& part : parts) size += part.reveal().size();
        std::string bytes;
        bytes.reserve(size);
        for (auto const& part : parts) bytes += part.reveal();
        Secret const whole(std::move(bytes));
        return client_.write(whole.reveal());
    }

    Result<void> take(ImapUntagged said)
    {
        if (said.name == "BYE" && !may_end_) return strange("says good-bye", words_of(said.code, said.text));
        size_ += size_of(said);
        if (untagged_.size() >= client_.how.most_answers || size_ > client_.how.largest_reply) {
            return client_.trouble("says more than it should");
        }
        untagged_.push_back(std::move(said));
        return {};
    }

    Result<void> take(ImapGoOn said)
    {
        if (waiting_.empty()) return strange("asks to go on with nothing", said.text);
        auto& sent = in_flight_.at(waiting_);
        CHECK_OK(client_.write(sent.steps[sent.next].reveal()));
        if (++sent.next == sent.steps.size()) waiting_.clear();
        return {};
    }

    Result<void> take(ImapTagged said)
    {
        auto const found = in_flight_.find(said.tag);
        if (found == in_flight_.end()) {
            return strange("answers what was not asked", said.tag + " " + words_of(said.reply.code, said.reply.text));
        }
        auto const index = found->second.index;
        replies_[index] = std::move(said.reply);
        replies_[index].untagged = std::exchange(untagged_, {});
        size_ = 0;
        bytes_ -= found->second.size;
        if (waiting_ == said.tag) waiting_.clear();
        in_flight_.erase(found);
        ++answered_;
        client_.start_clock();
        return {};
    }

    // The server's words, unless they repeat a secret of what is on its way.
    tl::unexpected<Error> strange(std::string const& what, std::string server_words) const
    {
        for (auto const& [tag, sent] : in_flight_) {
            server_words = commands_[sent.index].without_secrets(std::move(server_words));
        }
        return client_.trouble(what, server_words);
    }

    Impl& client_;
    std::span<ImapCommand const> commands_;
    bool may_end_;
    std::vector<ImapReply> replies_;
    std::size_t sent_ = 0, answered_ = 0;
    std::map<std::string, Sent> in_flight_;  // by tag
    std::size_t bytes_ = 0;                  // in flight
    std::string waiting_;                    // the tag of the command that goes on when the server asks
    std::vector<ImapUntagged> untagged_;     // since the last reply
    std::size_t size_ = 0;                   // of them
};

Result<std::vector<ImapReply>> ImapClient::Impl::ask_all(std::span<ImapCommand const> commands, bool may_end)
{
    if (end) return ended();
    for (auto const& command : commands) CHECK_OK(command.check());
    return noted(Exchange(*this, commands, may_end).run());
}

Result<ImapReply> ImapClient::Impl::ask(ImapCommand const& command, bool may_end)
{
    auto replies = TRY(ask_all(std::span(&command, 1), may_end));
    return std::move(replies.front());
}

// Whether the reply tells what the server can.
bool ImapClient::Impl::learn(ImapReply const& reply)
{
    std::set<std::string> told;
    for (auto const& said : reply.untagged) {
        if (said.name != "CAPABILITY") continue;
        for (auto const& each : said.values) told.insert(folded(each.text));
    }
    if (reply.code.name == "CAPABILITY") {
        for (auto const each : split(reply.code.arguments, ' ')) told.insert(folded(each));
    }
    if (told.empty()) return false;
    capabilities = std::move(told);
    return true;
}

Result<void> ImapClient::Impl::ask_capabilities()
{
    auto const reply = TRY(ask(ImapCommand("CAPABILITY")));
    if (reply.is_ok() && learn(reply)) return {};
    return trouble("does not tell what it can", words_of(reply.code, reply.text));
}

Result<void> ImapClient::Impl::greeted()
{
    start_clock();
    auto const bytes = TRY(read());
    auto const response = parse_imap(bytes);
    auto const* said = response ? std::get_if<ImapUntagged>(&*response) : nullptr;
    if (!said || (said->name != "OK" && said->name != "PREAUTH")) return trouble("greets with", bytes);
    is_signed_in = said->name == "PREAUTH";
    ImapReply greeting;
    greeting.code = said->code;
    static_cast<void>(learn(greeting));
    return {};
}

Result<void> ImapClient::Impl::start_tls()
{
    auto check = how.check;
    if (!check.is_on() && check.reason().empty()) {
        if (how.host.empty()) return fail(Fault::invalid, wire.where() + ": no name for its certificate to prove");
        check = TlsCheck::for_name(how.host, check.ca_file());
    }
    start_clock();
    return timed([&] { return wire.start_tls(check); });
}

Result<void> ImapClient::Impl::go_under_tls()
{
    // Whoever sits between us and the server could greet like this, and have the rest in the clear.
    if (is_signed_in) return trouble("lets us in before TLS");
    if (capabilities.empty()) CHECK_OK(ask_capabilities());
    if (!offers("STARTTLS")) return trouble("offers no STARTTLS");
    auto const reply = TRY(ask(ImapCommand("STARTTLS")));
    if (!reply.is_ok()) return trouble("refuses STARTTLS", words_of(reply.code, reply.text));
    capabilities.clear();
    return start_tls();
}

Result<void> ImapClient::Impl::begin()
{
    if (how.tls == ImapServer::Tls::implicit) CHECK_OK(start_tls());
    CHECK_OK(greeted());
    if (how.tls == ImapServer::Tls::starttls) CHECK_OK(go_under_tls());
    if (capabilities.empty()) CHECK_OK(ask_capabilities());
    return {};
}

Result<ImapCommand> ImapClient::Impl::way_in(std::string_view login, Secret const& password,
                                             std::string_view authzid) const
{
    if (!wire.is_encrypted() && !wire.is_on_this_host()) {
        return fail(Fault::invalid, wire.where() + ": no password is sent there without TLS");
    }
    if (offers("AUTH=PLAIN")) {
        return ImapCommand::authenticate_plain(authzid, login, password, offers("SASL-IR"));
    }
    if (offers("LOGINDISABLED") || !authzid.empty()) return trouble("offers no AUTH=PLAIN");
    return ImapCommand("LOGIN").text(login).secret(password);
}

Result<void> ImapClient::Impl::sign_in(std::string_view login, Secret const& password, std::string_view authzid)
{
    if (end) return ended();
    if (is_signed_in) return trouble("has somebody signed in already");
    auto const command = TRY(way_in(login, password, authzid));
    auto const reply = TRY(ask(command));
    auto const said = command.without_secrets(words_of(reply.code, reply.text));
    if (reply.status == ImapReply::Status::bad) return trouble("refuses the sign-in as bad", said);
    if (!reply.is_ok() && is_for_now(reply)) return trouble("cannot tell", said);
    if (!reply.is_ok()) return fail(Fault::denied, wire.where() + ": " + escaped(said));
    is_signed_in = true;
    if (learn(reply)) return {};
    capabilities.clear();
    return noted(ask_capabilities());
}

ImapClient::ImapClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ImapClient::ImapClient(ImapClient&&) noexcept = default;
ImapClient& ImapClient::operator=(ImapClient&&) noexcept = default;
ImapClient::~ImapClient() = default;

Result<ImapClient> ImapClient::connect(ImapServer const& server)
{
    auto wire = TRY(server.unix_path.empty() ? LineClient::connect(server.host, server.port, server.limits)
                                             : LineClient::connect_unix(server.unix_path, server.limits));
    return over(std::move(wire), server);
}

Result<ImapClient> ImapClient::over(LineClient wire, ImapServer const& server)
{
    ImapClient client(std::make_unique<Impl>(Impl{std::move(wire), server}));
    CHECK_OK(client.impl_->begin());
    return client;
}

bool ImapClient::offers(std::string_view capability) const { return impl_->offers(capability); }

bool ImapClient::is_signed_in() const { return impl_->is_signed_in; }

Result<void> ImapClient::sign_in(std::string_view login, Secret const& password, std::string_view authzid)
{
    return impl_->sign_in(login, password, authzid);
}

Result<ImapReply> ImapClient::ask(ImapCommand const& command)
{
    auto reply = TRY(impl_->ask(command));
    leave_out_secrets(command, reply);
    return reply;
}

Result<std::vector<ImapReply>> ImapClient::ask_all(std::vector<ImapCommand> const& commands)
{
    auto replies = TRY(impl_->ask_all(commands));
    for (std::size_t i = 0; i < replies.size(); ++i) leave_out_secrets(commands[i], replies[i]);
    return replies;
}

Result<void> ImapClient::sign_out()
{
    auto const reply = impl_->ask(ImapCommand("LOGOUT"), true);
    if (!reply) return tl::make_unexpected(reply.error());
    impl_->is_signed_in = false;
    impl_->end = Error{Fault::unavailable, impl_->wire.where() + ": is signed out"};
    return {};
}

}  // namespace provost::net
