// SPDX-License-Identifier: Apache-2.0
#include "password/scheme.h"

#include <cerrno>
#include <exception>
#include <stdexcept>

#include <sodium/core.h>
#include <sodium/crypto_pwhash.h>

#include "base/text.h"
#include "password/stored.h"

namespace provost::password {
namespace {

// For crypt(3) alone; what it truncates is its own affair, and known where hashes are made.
constexpr std::size_t longest_bcrypt_password = 72;
constexpr unsigned long sha512_crypt_rounds = 20'000;
constexpr unsigned long bcrypt_cost = 10;

Verdict verdict(bool right) { return right ? Verdict::right : Verdict::wrong; }

void start_sodium()
{
    static int const ready = sodium_init();
    if (ready < 0) throw std::runtime_error("libsodium does not start");
}

Verdict check_crypt(Secret const& password, std::string const& text)
{
    if (password.reveal().size() > longest_crypt_password) return Verdict::wrong;
    auto const out = run_crypt(password, text);
    if (!out) return Verdict::cannot_tell;
    return verdict(same(*out, text));
}

struct Check {
    Secret const& password;

    Verdict operator()(Nothing const&) const { return Verdict::wrong; }
    Verdict operator()(Plain const& plain) const
    {
        // Digests are compared, so that time does not tell the length either.
        return verdict(same(hashed(Digest::sha256, {password.reveal()}), hashed(Digest::sha256, {plain.password})));
    }
    Verdict operator()(Sum const& sum) const
    {
        return verdict(same(hashed(sum.digest, {password.reveal(), sum.salt}), sum.sum));
    }
    Verdict operator()(CryptString const& crypt) const { return check_crypt(password, crypt.text); }
    Verdict operator()(Argon2 const& argon2) const
    {
        start_sodium();
        auto const bytes = password.reveal();
        errno = 0;
        if (crypto_pwhash_str_verify(argon2.text.c_str(), bytes.data(), bytes.size()) == 0) return Verdict::right;
        // libsodium says EINVAL for a wrong password alone; out of memory and malformed text leave something else.
        return errno == EINVAL ? Verdict::wrong : Verdict::cannot_tell;
    }
    Verdict operator()(Pbkdf2 const& stored) const
    {
        return verdict(same(pbkdf2(stored.digest, password.reveal(), stored.salt, stored.iterations, stored.key.size()),
                            stored.key));
    }
    Verdict operator()(Scram const& scram) const
    {
        auto const salted =
            pbkdf2(scram.digest, password.reveal(), scram.salt, scram.iterations, size_of(scram.digest));
        return verdict(same(hashed(scram.digest, {hmac(scram.digest, salted, "Client Key")}), scram.stored_key));
    }
    Verdict operator()(BcryptOfSum const& stored) const
    {
        switch (stored.maker) {
            case BcryptOfSum::Maker::django:
                return check_crypt(Secret(to_hex(hashed(Digest::sha256, {password.reveal()}))), stored.bcrypt);
            case BcryptOfSum::Maker::passlib_1:
                return check_crypt(Secret(to_base64(hashed(Digest::sha256, {password.reveal()}))), stored.bcrypt);
            case BcryptOfSum::Maker::passlib_2:
                return check_crypt(Secret(to_base64(hmac(Digest::sha256, stored.salt, password.reveal()))),
                                   stored.bcrypt);
        }
        return Verdict::cannot_tell;
    }
};

tl::unexpected<Error> refused(std::string rule) { return fail(Fault::invalid, "password: " + rule, "password"); }

Result<std::string> make_argon2id(Secret const& password)
{
    start_sodium();
    std::string out(crypto_pwhash_STRBYTES, '\0');
    auto const bytes = password.reveal();
    if (crypto_pwhash_str(out.data(), bytes.data(), bytes.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
        return fail(Fault::unavailable, "not enough memory to hash a password with argon2id");
    out.resize(out.find('\0'));
    return out;
}

}  // namespace

Verdict verify(Secret const& password, std::string_view stored)
{
    try {
        auto const parsed = read_stored(stored, "hash");
        if (!parsed) return Verdict::cannot_tell;
        auto const bytes = password.reveal();
        if (bytes.empty() || bytes.size() > longest_password || bytes.find('\0') != std::string_view::npos)
            return Verdict::wrong;
        return std::visit(Check{password}, parsed->method);
    } catch (std::exception const&) {
        // No memory, or a library that refuses a digest: that says nothing about the password.
        return Verdict::cannot_tell;
    }
}

Cost cost_class(std::string_view stored)
{
    auto const parsed = read_stored(stored, "hash");
    return parsed ? parsed->cost : Cost::cheap;
}

bool is_trifle(std::string_view stored)
{
    auto const parsed = read_stored(stored, "hash");
    if (!parsed) return true;
    auto const& method = parsed->method;
    return std::holds_alternative<Sum>(method) || std::holds_alternative<Plain>(method) ||
           std::holds_alternative<Nothing>(method);
}

std::string scheme_name(std::string_view stored)
{
    auto const parsed = read_stored(stored, "hash");
    return parsed ? parsed->scheme : "UNKNOWN";
}

bool is_weak(std::string_view stored)
{
    auto const parsed = read_stored(stored, "hash");
    return parsed && parsed->weak;
}

Result<std::string> make(Secret const& password, Scheme scheme)
{
    auto const bytes = password.reveal();
    if (bytes.empty()) return refused("must not be empty");
    if (bytes.find('\0') != std::string_view::npos) return refused("must not contain a NUL byte");
    auto const longest = scheme == Scheme::argon2id ? longest_password
                         : scheme == Scheme::bcrypt ? longest_bcrypt_password
                                                    : longest_crypt_password;
    if (bytes.size() > longest) return refused("must not be longer than " + std::to_string(longest) + " bytes");
    switch (scheme) {
        case Scheme::yescrypt:
            return new_crypt(password, "$y$", 0);
        case Scheme::argon2id:
            return make_argon2id(password);
        case Scheme::sha512_crypt:
            return new_crypt(password, "$6$", sha512_crypt_rounds);
        case Scheme::bcrypt:
            return new_crypt(password, "$2b$", bcrypt_cost);
    }
    return refused("no such scheme");
}

std::string dovecot_form(std::string_view stored)
{
    auto const parsed = read_stored(stored, "hash");
    std::string out(stored);
    if (!parsed || stored.empty() || stored[0] == '{') return out;
    if (auto const* crypt = std::get_if<CryptString>(&parsed->method)) return "{CRYPT}" + crypt->text;
    if (auto const* argon2 = std::get_if<Argon2>(&parsed->method)) return "{" + parsed->scheme + "}" + argon2->text;
    return out;
}

Result<std::string> accept_hash(std::string_view text, std::string_view field)
{
    auto const parsed = TRY(read_stored(text, field));
    std::string const name(field);
    if (std::holds_alternative<Nothing>(parsed.method))
        return fail(Fault::invalid, name + ": is the mark of a locked account, not a hash", name);
    if (std::holds_alternative<Plain>(parsed.method))
        return fail(Fault::invalid, name + ": is a password in the clear; give it as a password", name);
    return std::string(text);
}

}  // namespace provost::password
