// SPDX-License-Identifier: Apache-2.0
// For tests: a server's certificate and key.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace provost::net {

// A certificate of its own making, for "imap.example.org" and 127.0.0.1. Written as PEM, the key where that is wanted.
class TestIdentity {
public:
    explicit TestIdentity(std::string const& certificate, std::string const& key = {})
        : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), cert_(X509_new(), X509_free)
    {
        ASN1_INTEGER_set(X509_get_serialNumber(cert_.get()), 1);
        X509_set_version(cert_.get(), 2);
        X509_gmtime_adj(X509_getm_notBefore(cert_.get()), -3600);
        X509_gmtime_adj(X509_getm_notAfter(cert_.get()), 3600);
        X509_set_pubkey(cert_.get(), key_.get());
        auto* name = X509_get_subject_name(cert_.get());
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<unsigned char const*>("test"), -1, -1, 0);
        X509_set_issuer_name(cert_.get(), name);
        std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:imap.example.org,IP:127.0.0.1"),
            X509_EXTENSION_free);
        X509_add_ext(cert_.get(), names.get(), -1);
        X509_sign(cert_.get(), key_.get(), EVP_sha256());
        PEM_write_X509(open(certificate).get(), cert_.get());
        if (!key.empty()) PEM_write_PrivateKey(open(key).get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    }

    // The server's side of a handshake, then an echo of one message.
    void serve(int peer) const
    {
        serve(peer, [](SSL* tls) {
            char buffer[256];
            auto const n = SSL_read(tls, buffer, sizeof buffer);
            if (n > 0) SSL_write(tls, buffer, n);
        });
    }
    // The same, then what the test says.
    template <class Talk>
    void serve(int peer, Talk talk) const
    {
        std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
        SSL_CTX_use_certificate(context.get(), cert_.get());
        SSL_CTX_use_PrivateKey(context.get(), key_.get());
        std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
        SSL_set_fd(tls.get(), peer);
        if (SSL_accept(tls.get()) != 1) return;
        talk(tls.get());
        SSL_shutdown(tls.get());
    }

private:
    static std::unique_ptr<FILE, decltype(&std::fclose)> open(std::string const& path)
    {
        return {std::fopen(path.c_str(), "w"), std::fclose};
    }
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    std::unique_ptr<X509, decltype(&X509_free)> cert_;
};

}  // namespace provost::net
