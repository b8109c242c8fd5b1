// SPDX-License-Identifier: Apache-2.0
#include "net/tls_server.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/text.h"

namespace provost::net {
namespace {

constexpr std::size_t longest_record = 16 << 10;  // RFC 8446 5.1

std::string openssl_words()
{
    auto const code = ERR_get_error();
    ERR_clear_error();
    std::array<char, 256> text{};
    ERR_error_string_n(code, text.data(), text.size());
    return code == 0 ? "no reason given" : escaped(text.data());
}

int size_of(std::string_view bytes) { return static_cast<int>(std::min(bytes.size(), std::size_t{INT_MAX})); }

}  // namespace

TlsStream::TlsStream(ssl_ctx_st* context)
    : tls_(SSL_new(context)), in_(BIO_new(BIO_s_mem())), out_(BIO_new(BIO_s_mem()))
{
    if (tls_ == nullptr || in_ == nullptr || out_ == nullptr) {
        BIO_free(in_);
        BIO_free(out_);
        SSL_free(tls_);
        throw std::runtime_error("OpenSSL does not start: " + openssl_words());
    }
    SSL_set_bio(tls_, in_, out_);
    SSL_set_accept_state(tls_);
}

TlsStream::~TlsStream() { SSL_free(tls_); }

void TlsStream::take_out(std::string& wire)
{
    char* bytes = nullptr;
    auto const size = BIO_get_mem_data(out_, &bytes);
    if (size > 0) wire.append(bytes, static_cast<std::size_t>(size));
    BIO_reset(out_);
}

bool TlsStream::receive(std::string_view bytes, std::string& plain, std::string& wire)
{
    ERR_clear_error();
    if (BIO_write(in_, bytes.data(), size_of(bytes)) != size_of(bytes)) return false;
    std::array<char, longest_record> piece;
    for (;;) {
        auto const got = SSL_read(tls_, piece.data(), static_cast<int>(piece.size()));
        if (got > 0) {
            plain.append(piece.data(), static_cast<std::size_t>(got));
            continue;
        }
        auto const why = SSL_get_error(tls_, got);
        take_out(wire);  // also the alert that says what is wrong
        ended_ = ended_ || why == SSL_ERROR_ZERO_RETURN;
        return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_ZERO_RETURN;
    }
}

bool TlsStream::send(std::string_view plain, std::string& wire)
{
    ERR_clear_error();
    // The memory takes all of it at once.
    auto const sent = SSL_write(tls_, plain.data(), size_of(plain));
    take_out(wire);
    return sent == size_of(plain);
}

void TlsStream::close(std::string& wire)
{
    if (std::exchange(closed_, true) || SSL_is_init_finished(tls_) == 0) return;
    SSL_shutdown(tls_);
    take_out(wire);
}

bool TlsStream::is_midway() const { return SSL_is_init_finished(tls_) == 0 || SSL_has_pending(tls_) != 0; }

Result<std::shared_ptr<TlsServer>> TlsServer::load(std::string certificate, std::string key)
{
    std::shared_ptr<TlsServer> server(new TlsServer(std::move(certificate), std::move(key)));
    CHECK_OK(server->reload());
    return server;
}

Result<void> TlsServer::reload()
{
    ERR_clear_error();
    std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (!context) return fail(Fault::unavailable, "OpenSSL does not start: " + openssl_words());
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);  // RFC 8996
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_.c_str()) != 1)
        return refuse(Fault::unavailable, "certificate", certificate_, "cannot be used: " + openssl_words());
    // Also checks that the two belong together.
    if (SSL_CTX_use_PrivateKey_file(context.get(), key_.c_str(), SSL_FILETYPE_PEM) != 1)
        return refuse(Fault::unavailable, "key", key_, "cannot be used: " + openssl_words());
    context_.with([&](auto& used) { used = std::move(context); });
    return {};
}

std::unique_ptr<TlsStream> TlsServer::accept()
{
    auto const context = context_.with([](auto const& used) { return used; });
    return std::make_unique<TlsStream>(context.get());
}

}  // namespace provost::net
