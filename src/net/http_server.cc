// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/log.h"
#include "base/text.h"

namespace provost::net {
namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;
using Parser = http::request_parser<http::string_body>;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// What a response may not bring with it: fields that we set, and bytes that would begin another field.
bool is_sendable(std::string_view name, std::string_view value)
{
    auto const is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    auto const is_token = [](char c) { return c > 0x20 && c < 0x7f && c != ':'; };
    return !name.empty() && std::all_of(name.begin(), name.end(), is_token) &&
           std::none_of(value.begin(), value.end(), is_control);
}

std::string to_bytes(HttpResponse const& response, bool keep_alive, bool without_body)
{
    auto const reason = http::obsolete_reason(static_cast<http::status>(response.status));
    auto bytes = "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(view(reason)) + "\r\n";
    auto add = [&](std::string_view name, std::string_view value) {
        if (!is_sendable(name, value)) {
            log::error("HTTP_FIELD_DROPPED", {{"name", std::string(name)}});
            return;
        }
        bytes.append(name).append(": ").append(value).append("\r\n");
    };
    if (!response.type.empty()) add("Content-Type", response.type);
    for (auto const& [name, value] : response.headers) add(name, value);
    // RFC 9110 8.6: none with 1xx and 204.
    if (response.status >= 200 && response.status != 204) add("Content-Length", std::to_string(response.body.size()));
    if (!keep_alive) add("Connection", "close");
    bytes += "\r\n";
    if (!without_body) bytes += response.body;
    return bytes;
}

std::optional<HttpRequest> from_beast(Parser::value_type&& in, Peer const& peer)
{
    auto const url = boost::urls::parse_origin_form(in.target());
    if (!url) return std::nullopt;
    HttpRequest out;
    out.method = std::string(view(in.method_string()));
    for (auto const& segment : url->segments()) out.segments.emplace_back(segment.data(), segment.size());
    for (auto const& item : url->params()) out.query.emplace(item.key, item.value);
    for (auto const& field : in) out.headers.emplace(folded(view(field.name_string())), view(field.value()));
    out.body = std::move(in.body());
    out.peer = peer;
    return out;
}

HttpResponse handle(HttpHandler const& handler, HttpRequest const& request)
{
    try {
        return handler(request);
    } catch (std::bad_alloc const&) {
        // The next one may find memory again.
        log::error("HTTP_HANDLER_FAILED", {{"method", request.method}, {"error", "out of memory"}});
        return problem(503);
    } catch (std::exception const& error) {
        log::error("HTTP_HANDLER_FAILED", {{"method", request.method}, {"error", error.what()}});
        return problem(500);
    }
}

struct Server {
    HttpHandler handler;
    Workers& workers;
    HttpLimits limits;
    HttpLater later;
};

// Takes a request when all of it is there, and the next one when that is answered.
class HttpSession final : public Session {
public:
    HttpSession(std::shared_ptr<Server const> server, Peer peer) : server_(std::move(server)), peer_(std::move(peer)) {}

    std::size_t on_bytes(std::string_view input, Exchange& exchange) override
    {
        if (exchange.unanswered() > 0 || refused_) return 0;
        if (!parser_ && !has_header(input, exchange)) return 0;
        boost::beast::error_code error;
        while (!parser_->is_done() && !error) {
            auto const rest = input.substr(parsed_);
            auto const more = parser_->put(boost::asio::buffer(rest.data(), rest.size()), error);
            parsed_ += more;
            if (more == 0 && !error) error = http::error::need_more;
        }
        // All of the header is there: what cannot be read of it will not be readable later.
        if (error == http::error::need_more && !parser_->is_header_done()) error = http::error::bad_version;
        if (error == http::error::need_more) {
            go_on(exchange);
            return 0;
        }
        if (error) {
            refuse(status_of(error), exchange);
            return 0;
        }
        auto const used = std::exchange(parsed_, 0);
        continued_ = false;
        pass_on(exchange);
        return used;
    }

private:
    static int status_of(boost::beast::error_code error)
    {
        if (error == http::error::body_limit) return 413;
        if (error == http::error::header_limit) return 431;
        return 400;
    }

    void refuse(int status, Exchange& exchange)
    {
        refused_ = true;
        exchange.write(to_bytes(problem(status), false, false));
        exchange.close();
    }

    // Whether all of the header is there; then what follows is parsed as it comes. The input stays in the connection's
    // hands to the end of the request, and with it the limits of its size and time.
    bool has_header(std::string_view input, Exchange& exchange)
    {
        auto const& limits = server_->limits;
        if (input.substr(0, limits.header).find("\r\n\r\n") == std::string_view::npos) {
            if (input.size() >= limits.header) refuse(431, exchange);
            return false;
        }
        parser_.emplace();
        parser_->eager(true);
        parser_->body_limit(limits.body);
        parser_->header_limit(static_cast<std::uint32_t>(limits.header));
        return true;
    }

    void go_on(Exchange& exchange)
    {
        auto const expect = parser_->get().find(http::field::expect);
        bool const asks = expect != parser_->get().end() && boost::beast::iequals(expect->value(), "100-continue");
        if (asks && !std::exchange(continued_, true)) exchange.write("HTTP/1.1 100 Continue\r\n\r\n");
    }

    void pass_on(Exchange& exchange)
    {
        bool const keep_alive = parser_->get().keep_alive();
        bool const without_body = parser_->get().method() == http::verb::head;
        auto request = from_beast(parser_->release(), peer_);
        parser_.reset();
        if (!request) return refuse(400, exchange);

        // After the late one the conversation goes on, whatever was asked for: it is no promise to close.
        auto responder = exchange.later(server_->limits.answer_time, to_bytes(problem(503), true, without_body));
        auto overflow = to_bytes(problem(503), keep_alive, without_body);
        auto work = [server = server_, keep_alive, without_body, request = std::move(*request),
                     to = Overflow(std::move(responder), std::move(overflow), keep_alive)]() mutable {
            auto const response = handle(server->handler, request);
            auto bytes = to_bytes(response, keep_alive, without_body);
            auto const wait = std::chrono::ceil<std::chrono::milliseconds>(response.not_before - Clock::now());
            if (!server->later || wait.count() <= 0) return to.reply(std::move(bytes));
            auto kept = std::make_shared<Overflow>(std::move(to));
            server->later(wait, [kept, bytes = std::move(bytes)] { kept->reply(bytes); });
        };
        server_->workers.submit(std::move(work));
    }

    // A Responder that says 503, rather than close, when the workers destroy its task unrun.
    class Overflow {
    public:
        Overflow(Responder responder, std::string otherwise, bool keep_alive)
            : responder_(std::move(responder)), otherwise_(std::move(otherwise)), keep_alive_(keep_alive)
        {
        }
        Overflow(Overflow&& other) noexcept
            : responder_(std::exchange(other.responder_, std::nullopt)),
              otherwise_(std::move(other.otherwise_)),
              keep_alive_(other.keep_alive_)
        {
        }
        Overflow& operator=(Overflow&&) = delete;
        ~Overflow()
        {
            if (responder_) reply(std::move(otherwise_));
        }
        void reply(std::string bytes)
        {
            auto responder = std::exchange(responder_, std::nullopt);
            if (keep_alive_) responder->reply(std::move(bytes));
            else responder->reply_and_close(std::move(bytes));
        }

    private:
        std::optional<Responder> responder_;
        std::string otherwise_;
        bool keep_alive_;
    };

    std::shared_ptr<Server const> server_;
    Peer peer_;
    std::optional<Parser> parser_;  // of the request that is coming in, from the end of its header on
    std::size_t parsed_ = 0;        // of the input
    bool continued_ = false;
    bool refused_ = false;
};

}  // namespace

HttpResponse problem(int status)
{
    auto const title = std::string(view(http::obsolete_reason(static_cast<http::status>(status))));
    auto const number = std::to_string(status);
    return {status, "application/problem+json",
            R"({"type":"about:blank","title":")" + title + R"(","status":)" + number + "}"};
}

SessionMaker http_sessions(HttpHandler handler, Workers& workers, HttpLimits limits, HttpLater later)
{
    auto server = std::make_shared<Server const>(Server{std::move(handler), workers, limits, std::move(later)});
    return [server](Peer const& peer) { return std::make_unique<HttpSession>(server, peer); };
}

Limits for_listener(HttpLimits const& limits)
{
    Limits out;
    // Room for the sizes of chunks, which do not count towards the body.
    out.longest_request = limits.header + 2 * limits.body;
    out.longest_unsent = 4 << 20;
    out.most_connections = limits.most_connections;
    out.request_time = limits.request_time;
    out.idle_time = limits.idle_time;
    return out;
}

}  // namespace provost::net
