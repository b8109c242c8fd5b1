// SPDX-License-Identifier: Apache-2.0
#include "net/line_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <future>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/sockets.h"

namespace provost::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct EndContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct EndTls {
    void operator()(SSL* tls) const { SSL_free(tls); }
};

struct Place {
    sockaddr_storage address{};
    socklen_t size = 0;
    int family = AF_UNSPEC;
};

// Waits for one of `events` on the socket; false: the deadline came first.
bool wait_for(int socket, short events, SteadyTime deadline)
{
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return false;
        pollfd waited{socket, events, 0};
        auto const ready = ::poll(&waited, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
}

std::vector<Place> places_of(std::string const& host, std::uint16_t port, int flags)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    std::vector<Place> places;
    if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return places;
    for (auto* each = found; each; each = each->ai_next) {
        Place place;
        std::memcpy(&place.address, each->ai_addr, each->ai_addrlen);
        place.size = each->ai_addrlen;
        place.family = each->ai_family;
        places.push_back(place);
    }
    ::freeaddrinfo(found);
    return places;
}

// getaddrinfo knows no deadline: a name is looked up on a thread that is left to itself if it takes too long.
std::vector<Place> resolve(std::string const& host, std::uint16_t port, SteadyTime deadline)
{
    auto places = places_of(host, port, AI_NUMERICHOST);
    if (!places.empty()) return places;
    std::promise<std::vector<Place>> promise;
    auto later = promise.get_future();
    std::thread([host, port, promise = std::move(promise)]() mutable {
        promise.set_value(places_of(host, port, AI_ADDRCONFIG));
    }).detach();
    if (later.wait_until(deadline) != std::future_status::ready) return {};
    return later.get();
}

Result<Fd> reach(Place const& place, std::string const& where, SteadyTime deadline)
{
    Fd socket(::socket(place.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return fail(Fault::unavailable, where + ": " + std::strerror(errno));
    int error = 0;
    if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&place.address), place.size) != 0) error = errno;
    if (error == EINPROGRESS) {
        socklen_t size = sizeof error;
        if (!wait_for(socket.get(), POLLOUT, deadline)) error = ETIMEDOUT;
        else if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
    if (error != 0) return fail(Fault::unavailable, where + ": " + std::strerror(error));
    if (place.family != AF_UNIX) {
        int const on = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return socket;
}

std::string tls_words(SSL* tls)
{
    auto const verdict = SSL_get_verify_result(tls);
    if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
    auto const code = ERR_get_error();
    if (code == 0) return "the connection ended";
    std::array<char, 256> words{};
    ERR_error_string_n(code, words.data(), words.size());
    return words.data();
}

}  // namespace

struct LineClient::Impl {
    Fd socket;
    std::string where;
    Limits limits;
    std::string unread = {};
    std::unique_ptr<SSL_CTX, EndContext> context = {};
    std::unique_ptr<SSL, EndTls> tls = {};

    SteadyTime deadline() const { return std::chrono::steady_clock::now() + limits.timeout; }
    auto trouble(std::string const& words) const { return fail(Fault::unavailable, where + ": " + words); }
    auto late() const { return trouble("no answer within " + std::to_string(limits.timeout.count()) + " ms"); }

    // Repeats one TLS operation until it is done, has failed (0 or less) or the deadline has come (nothing).
    template <class Operation>
    Result<int> drive(SteadyTime until, Operation operation)
    {
        for (;;) {
            ERR_clear_error();
            auto const done = operation(tls.get());
            if (done > 0) return done;
            auto const wants = SSL_get_error(tls.get(), done);
            if (wants != SSL_ERROR_WANT_READ && wants != SSL_ERROR_WANT_WRITE) return done;
            if (!wait_for(socket.get(), wants == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until)) return late();
        }
    }

    Result<void> receive(SteadyTime until)
    {
        std::array<char, 16384> buffer;
        long got = 0;
        if (tls) {
            got =
                TRY(drive(until, [&](SSL* s) { return SSL_read(s, buffer.data(), static_cast<int>(buffer.size())); }));
        } else {
            if (!wait_for(socket.get(), POLLIN, until)) return late();
            got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
            if (got < 0 && errno != EAGAIN && errno != EINTR) return trouble(std::strerror(errno));
            if (got < 0) return {};
        }
        if (got <= 0) return trouble("the server ended the conversation");
        unread.append(buffer.data(), static_cast<std::size_t>(got));
        return {};
    }

    Result<std::size_t> send_some(std::string_view bytes, SteadyTime until)
    {
        if (tls) {
            auto const most = static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 20));
            auto const sent = TRY(drive(until, [&](SSL* s) { return SSL_write(s, bytes.data(), most); }));
            if (sent <= 0) return trouble(tls_words(tls.get()));
            return static_cast<std::size_t>(sent);
        }
        if (!wait_for(socket.get(), POLLOUT, until)) return late();
        auto const sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) return static_cast<std::size_t>(sent);
        if (errno != EAGAIN && errno != EINTR) return trouble(std::strerror(errno));
        return std::size_t{0};
    }

    Result<void> prepare_tls(TlsCheck const& check)
    {
        // OpenSSL writes to the socket without MSG_NOSIGNAL.
        static auto const ignored = std::signal(SIGPIPE, SIG_IGN);
        static_cast<void>(ignored);
        context.reset(SSL_CTX_new(TLS_client_method()));
        if (!context) return trouble("OpenSSL does not start");
        SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);  // RFC 8996
        SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        if (check.is_on()) {
            auto const loaded = check.ca_file().empty()
                                    ? SSL_CTX_set_default_verify_paths(context.get())
                                    : SSL_CTX_load_verify_locations(context.get(), check.ca_file().c_str(), nullptr);
            if (loaded != 1) return refuse(Fault::invalid, "ca_file", check.ca_file(), "cannot be read");
            SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        }
        tls.reset(SSL_new(context.get()));
        if (!tls || SSL_set_fd(tls.get(), socket.get()) != 1) return trouble("OpenSSL does not start");
        if (!check.is_on()) return {};

        auto* wanted = SSL_get0_param(tls.get());
        auto const& name = check.name();
        if (X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1) return {};
        SSL_set_tlsext_host_name(tls.get(), name.c_str());
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        if (SSL_set1_host(tls.get(), name.c_str()) != 1) {
            return refuse(Fault::invalid, "name", name, "is not a host's name");
        }
        return {};
    }
};

LineClient::LineClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineClient::LineClient(LineClient&&) noexcept = default;
LineClient& LineClient::operator=(LineClient&&) noexcept = default;
LineClient::~LineClient() = default;

Result<LineClient> LineClient::connect(std::string const& host, std::uint16_t port, Limits limits)
{
    auto const deadline = std::chrono::steady_clock::now() + limits.timeout;
    auto const where = escaped(host) + ":" + std::to_string(port);
    Result<Fd> socket = fail(Fault::unavailable, where + ": the name has no address");
    for (auto const& place : resolve(host, port, deadline)) {
        socket = reach(place, where, deadline);
        if (socket) break;
    }
    auto connected = TRY(std::move(socket));
    return over(std::move(connected), where, limits);
}

Result<LineClient> LineClient::connect_unix(std::string const& path, Limits limits)
{
    auto const address = TRY(unix_address(path));
    Place place;
    place.family = AF_UNIX;
    place.size = sizeof address;
    std::memcpy(&place.address, &address, sizeof address);
    auto const where = escaped(path);
    auto socket = TRY(reach(place, where, std::chrono::steady_clock::now() + limits.timeout));
    return over(std::move(socket), where, limits);
}

LineClient LineClient::over(Fd socket, std::string where, Limits limits)
{
    return LineClient(std::make_unique<Impl>(Impl{std::move(socket), std::move(where), limits}));
}

std::string const& LineClient::where() const { return impl_->where; }

bool LineClient::is_encrypted() const { return impl_->tls && SSL_is_init_finished(impl_->tls.get()) == 1; }

bool LineClient::is_on_this_host() const
{
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(impl_->socket.get(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
    constexpr std::uint32_t loopback = 127;  // 127.0.0.0/8, RFC 1122 3.2.1.3
    if (peer.ss_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, &peer, sizeof address);
        return ntohl(address.sin_addr.s_addr) >> 24U == loopback;
    }
    if (peer.ss_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, &peer, sizeof address);
        auto const* bytes = address.sin6_addr.s6_addr;
        return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr) ||
               (IN6_IS_ADDR_V4MAPPED(&address.sin6_addr) && bytes[12] == loopback);
    }
    return peer.ss_family == AF_UNIX;
}

void LineClient::set_timeout(std::chrono::milliseconds timeout) { impl_->limits.timeout = timeout; }

Result<void> LineClient::start_tls(TlsCheck const& check)
{
    if (!impl_->unread.empty()) return impl_->trouble("the server spoke in the clear after it agreed to TLS");
    CHECK_OK(impl_->prepare_tls(check));
    auto const until = impl_->deadline();
    if (TRY(impl_->drive(until, [](SSL* tls) { return SSL_connect(tls); })) > 0) return {};
    auto const distrusted = SSL_get_verify_result(impl_->tls.get()) != X509_V_OK;
    return fail(distrusted ? Fault::denied : Fault::unavailable,
                impl_->where + ": TLS failed: " + tls_words(impl_->tls.get()));
}

Result<std::string> LineClient::read_line()
{
    auto& unread = impl_->unread;
    auto const until = impl_->deadline();
    auto end = unread.find('\n');
    while (end == std::string::npos && unread.size() <= impl_->limits.longest_line + 1) {
        auto const seen = unread.size();
        CHECK_OK(impl_->receive(until));
        end = unread.find('\n', seen);
    }
    auto const text = end == std::string::npos ? unread.size() : end;
    auto const length = text > 0 && unread[text - 1] == '\r' ? text - 1 : text;
    if (end == std::string::npos || length > impl_->limits.longest_line) {
        return impl_->trouble("a line is longer than " + std::to_string(impl_->limits.longest_line) + " bytes");
    }
    auto line = unread.substr(0, length);
    unread.erase(0, end + 1);
    return line;
}

Result<std::string> LineClient::read_bytes(std::size_t count)
{
    if (count > impl_->limits.longest_literal) {
        return impl_->trouble("a literal is longer than " + std::to_string(impl_->limits.longest_literal) + " bytes");
    }
    auto const until = impl_->deadline();
    while (impl_->unread.size() < count) CHECK_OK(impl_->receive(until));
    auto bytes = impl_->unread.substr(0, count);
    impl_->unread.erase(0, count);
    return bytes;
}

Result<void> LineClient::write(std::string_view bytes)
{
    auto const until = impl_->deadline();
    while (!bytes.empty()) bytes.remove_prefix(TRY(impl_->send_some(bytes, until)));
    return {};
}

}  // namespace provost::net
