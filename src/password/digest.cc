// SPDX-License-Identifier: Apache-2.0
#include "password/digest.h"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium/utils.h>

namespace provost::password {
namespace {

EVP_MD const* method_of(Digest digest)
{
    switch (digest) {
        case Digest::md5:
            return EVP_md5();
        case Digest::sha1:
            return EVP_sha1();
        case Digest::sha256:
            return EVP_sha256();
        case Digest::sha512:
            return EVP_sha512();
    }
    throw std::logic_error("no such digest");
}

unsigned char const* bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

void demand(bool done)
{
    if (!done) throw std::runtime_error("OpenSSL refuses a digest that a stored password needs");
}

}  // namespace

std::size_t size_of(Digest digest)
{
    switch (digest) {
        case Digest::md5:
            return 16;
        case Digest::sha1:
            return 20;
        case Digest::sha256:
            return 32;
        case Digest::sha512:
            return 64;
    }
    throw std::logic_error("no such digest");
}

std::string hashed(Digest digest, std::initializer_list<std::string_view> parts)
{
    std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
    demand(context && EVP_DigestInit_ex(context.get(), method_of(digest), nullptr) == 1);
    for (auto const part : parts) demand(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    std::string out(size_of(digest), '\0');
    demand(EVP_DigestFinal_ex(context.get(), bytes(out), nullptr) == 1);
    return out;
}

std::string hmac(Digest digest, std::string_view key, std::string_view message)
{
    std::string out(size_of(digest), '\0');
    demand(HMAC(method_of(digest), key.data(), static_cast<int>(key.size()), bytes(message), message.size(), bytes(out),
                nullptr) != nullptr);
    return out;
}

std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt, int iterations, std::size_t size)
{
    std::string out(size, '\0');
    demand(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes(salt),
                             static_cast<int>(salt.size()), iterations, method_of(digest), static_cast<int>(size),
                             bytes(out)) == 1);
    return out;
}

bool same(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace provost::password
