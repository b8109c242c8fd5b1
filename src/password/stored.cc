// SPDX-License-Identifier: Apache-2.0
#include "password/stored.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace provost::password {
namespace {

enum class Kind : std::uint8_t { plain, sum, salted, crypt, argon2, pbkdf2, scram };
enum class Encoding : std::uint8_t { none, hex, base64 };

// Dovecot's password-scheme.c, read in 2.3.19 and 2.4; CRYPT-x are tine's names.
struct Scheme {
    std::string_view written;
    Kind kind;
    Digest digest;
    Encoding usual;
    char const* name;
};

constexpr Scheme schemes[] = {
    {"PLAIN", Kind::plain, Digest::md5, Encoding::none, "PLAIN"},
    {"CLEAR", Kind::plain, Digest::md5, Encoding::none, "PLAIN"},
    {"CLEARTEXT", Kind::plain, Digest::md5, Encoding::none, "PLAIN"},
    {"PLAIN-MD5", Kind::sum, Digest::md5, Encoding::hex, "PLAIN-MD5"},
    {"MD5", Kind::sum, Digest::md5, Encoding::hex, "PLAIN-MD5"},
    {"LDAP-MD5", Kind::sum, Digest::md5, Encoding::base64, "LDAP-MD5"},
    {"SHA", Kind::sum, Digest::sha1, Encoding::base64, "SHA"},
    {"SHA1", Kind::sum, Digest::sha1, Encoding::base64, "SHA"},
    {"SHA256", Kind::sum, Digest::sha256, Encoding::base64, "SHA256"},
    {"SHA512", Kind::sum, Digest::sha512, Encoding::base64, "SHA512"},
    {"SMD5", Kind::salted, Digest::md5, Encoding::base64, "SMD5"},
    {"SSHA", Kind::salted, Digest::sha1, Encoding::base64, "SSHA"},
    {"SSHA256", Kind::salted, Digest::sha256, Encoding::base64, "SSHA256"},
    {"SSHA512", Kind::salted, Digest::sha512, Encoding::base64, "SSHA512"},
    {"CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"MD5-CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"DES-CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"BLF-CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"SHA256-CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"SHA512-CRYPT", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"CRYPT-DES", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"CRYPT-MD5", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"CRYPT-BLOWFISH", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"CRYPT-SHA256", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"CRYPT-SHA512", Kind::crypt, Digest::md5, Encoding::none, "CRYPT"},
    {"ARGON2I", Kind::argon2, Digest::md5, Encoding::none, "ARGON2I"},
    {"ARGON2ID", Kind::argon2, Digest::md5, Encoding::none, "ARGON2ID"},
    {"PBKDF2", Kind::pbkdf2, Digest::sha1, Encoding::none, "PBKDF2"},
    {"SCRAM-SHA-1", Kind::scram, Digest::sha1, Encoding::none, "SCRAM-SHA-1"},
    {"SCRAM-SHA-256", Kind::scram, Digest::sha256, Encoding::none, "SCRAM-SHA-256"},
};

tl::unexpected<Error> refused(std::string_view field, std::string const& rule)
{
    return fail(Fault::invalid, std::string(field) + ": " + rule, std::string(field));
}

tl::unexpected<Error> malformed(std::string_view field, std::string_view scheme)
{
    return refused(field, "is not a whole " + std::string(scheme) + " hash");
}

tl::unexpected<Error> too_dear(std::string_view field, std::string_view scheme)
{
    return refused(field,
                   "this " + std::string(scheme) + " hash asks for more work than is done here to check a password");
}

// Base64 without padding, as PHC strings have it; passlib writes . for +.
std::optional<std::string> from_bare_base64(std::string text)
{
    std::replace(text.begin(), text.end(), '.', '+');
    if (text.size() % 4 == 1) return std::nullopt;
    text.append((4 - text.size() % 4) % 4, '=');
    return from_base64(text);
}

std::optional<std::string> decoded(std::string_view body, Encoding encoding)
{
    switch (encoding) {
        case Encoding::none:
            return std::string(body);
        case Encoding::hex:
            return from_hex(body);
        case Encoding::base64:
            return from_base64(body);
    }
    return std::nullopt;
}

Result<int> read_iterations(std::string_view text, std::string_view field, std::string_view scheme)
{
    auto const count = to_integer(text);
    if (!count || *count < 1) return malformed(field, scheme);
    if (*count > most_pbkdf2_iterations) return too_dear(field, scheme);
    return static_cast<int>(*count);
}

Result<Stored> read_argon2(std::string_view text, std::string_view field)
{
    auto const parts = split(text, '$');
    bool const is_id = parts.size() == 6 && parts[1] == "argon2id";
    bool const is_i = parts.size() == 6 && parts[1] == "argon2i";
    // libsodium knows version 1.3 of these two; argon2d and version 1.0 cannot be checked.
    if (!parts[0].empty() || (!is_id && !is_i) || parts[2] != "v=19") return malformed(field, "ARGON2");
    auto const costs = split(parts[3], ',');
    if (costs.size() != 3 || !costs[0].starts_with("m=") || !costs[1].starts_with("t=") || !costs[2].starts_with("p="))
        return malformed(field, "ARGON2");
    auto const memory = to_integer(costs[0].substr(2));
    auto const passes = to_integer(costs[1].substr(2));
    auto const lanes = to_integer(costs[2].substr(2));
    auto const salt = from_bare_base64(std::string(parts[4]));
    auto const sum = from_bare_base64(std::string(parts[5]));
    if (!memory || !passes || !lanes || !salt || !sum || *memory < 1 || *passes < 1 || *lanes < 1 || salt->size() < 8 ||
        sum->size() < 16 || sum->size() % 8 != 0)
        return malformed(field, "ARGON2");
    if (*memory > most_argon2_memory || *passes > most_argon2_work / *memory || *lanes > 255)
        return too_dear(field, "ARGON2");
    return Stored{Argon2{std::string(text)}, is_id ? "ARGON2ID" : "ARGON2I", Cost::dear, false};
}

Result<Stored> made_pbkdf2(Pbkdf2 method, char const* scheme, std::string_view field)
{
    if (method.key.size() != size_of(method.digest)) return malformed(field, scheme);
    bool const weak = method.iterations < least_pbkdf2_iterations;
    return Stored{std::move(method), scheme, Cost::dear, weak};
}

// $1$salt$rounds$hex, the salt taken as the text it is (Dovecot's password-scheme-pbkdf2.c).
Result<Stored> read_dovecot_pbkdf2(std::string_view body, std::string_view field)
{
    auto const parts = split(body, '$');
    if (parts.size() != 5 || !parts[0].empty() || parts[1] != "1") return malformed(field, "PBKDF2");
    auto const iterations = TRY(read_iterations(parts[3], field, "PBKDF2"));
    auto key = from_hex(parts[4]);
    if (!key) return malformed(field, "PBKDF2");
    return made_pbkdf2({Digest::sha1, iterations, std::string(parts[2]), std::move(*key)}, "PBKDF2", field);
}

// iterations,salt,StoredKey,ServerKey
Result<Stored> read_scram(Scheme const& scheme, std::string_view body, std::string_view field)
{
    auto const parts = split(body, ',');
    if (parts.size() != 4) return malformed(field, scheme.name);
    auto const iterations = TRY(read_iterations(parts[0], field, scheme.name));
    auto salt = from_base64(parts[1]);
    auto key = from_base64(parts[2]);
    auto const server_key = from_base64(parts[3]);
    auto const size = size_of(scheme.digest);
    if (!salt || !key || !server_key || key->size() != size || server_key->size() != size)
        return malformed(field, scheme.name);
    // Never counted as weak: to replace it would take a mechanism away from the account.
    return Stored{Scram{scheme.digest, iterations, std::move(*salt), std::move(*key)}, scheme.name, Cost::dear, false};
}

Result<Stored> crypt_stored(std::string_view text, std::string_view field)
{
    auto crypt = TRY(read_crypt(text, field));
    auto scheme = crypt.scheme;
    auto const cost = crypt.cost;
    bool const weak = crypt.weak;
    return Stored{std::move(crypt), std::move(scheme), cost, weak};
}

Result<Stored> read_sum(Scheme const& scheme, std::string raw, std::string_view field)
{
    auto const size = size_of(scheme.digest);
    bool const salted = scheme.kind == Kind::salted;
    if (salted ? raw.size() <= size : raw.size() != size) return malformed(field, scheme.name);
    return Stored{Sum{scheme.digest, raw.substr(0, size), raw.substr(size)}, scheme.name, Cost::cheap, true};
}

bool is_locked(std::string_view text) { return text.empty() || text[0] == '!' || text[0] == '*'; }

Result<Stored> read_body(Scheme const& scheme, std::string const& body, std::string_view field)
{
    switch (scheme.kind) {
        case Kind::plain:
            if (body.empty()) return malformed(field, "PLAIN");
            return Stored{Plain{body}, "PLAIN", Cost::cheap, true};
        case Kind::sum:
        case Kind::salted:
            return read_sum(scheme, body, field);
        case Kind::crypt:
            if (is_locked(body)) return Stored{Nothing{}, "LOCKED", Cost::cheap, false};
            return body.starts_with("$argon2") ? read_argon2(body, field) : crypt_stored(body, field);
        case Kind::argon2:
            return read_argon2(body, field);
        case Kind::pbkdf2:
            return read_dovecot_pbkdf2(body, field);
        case Kind::scram:
            return read_scram(scheme, body, field);
    }
    return malformed(field, scheme.name);
}

Result<Stored> read_prefixed(std::string_view text, std::string_view field)
{
    auto const end = text.find('}');
    if (end == std::string_view::npos) return refused(field, "begins with { but has no } after a scheme");
    auto const written = text.substr(1, end - 1);
    auto const body = text.substr(end + 1);
    auto const dot = written.find('.');
    auto const name = written.substr(0, dot);
    auto const* const scheme = std::find_if(std::begin(schemes), std::end(schemes),
                                            [&](auto const& s) { return folded(s.written) == folded(name); });
    if (scheme == std::end(schemes))
        return refused(field, "the scheme '" + escaped(name, 40) + "' cannot be checked here");

    auto encoding = scheme->usual;
    if (dot != std::string_view::npos) {
        auto const suffix = folded(written.substr(dot + 1));
        bool const is_base64 = suffix == "b64" || suffix == "base64";
        if (!is_base64 && suffix != "hex") return refused(field, "the encoding after the scheme is not HEX or B64");
        encoding = is_base64 ? Encoding::base64 : Encoding::hex;
    } else if (scheme->kind == Kind::sum) {
        // {MD5} stands for MD5-CRYPT as well, and unsalted sums are told apart by their length.
        if (scheme->digest == Digest::md5 && body.starts_with("$1$")) return crypt_stored(body, field);
        encoding = body.size() == 2 * size_of(scheme->digest) ? Encoding::hex : Encoding::base64;
    }
    auto const raw = decoded(body, encoding);
    if (!raw) return malformed(field, scheme->name);
    if (scheme->kind == Kind::sum && scheme->digest == Digest::md5 && raw->starts_with("$1$"))
        return crypt_stored(*raw, field);
    return read_body(*scheme, *raw, field);
}

// Django: algorithm$rest. The salt is taken as the text it is.
Result<Stored> read_django_pbkdf2(std::string_view text, std::string_view field)
{
    auto const parts = split(text, '$');
    bool const is_256 = parts[0] == "pbkdf2_sha256";
    auto const* const scheme = is_256 ? "PBKDF2-SHA256" : "PBKDF2-SHA1";
    if (parts.size() != 4) return malformed(field, scheme);
    auto const iterations = TRY(read_iterations(parts[1], field, scheme));
    auto key = from_base64(parts[3]);
    if (!key) return malformed(field, scheme);
    return made_pbkdf2({is_256 ? Digest::sha256 : Digest::sha1, iterations, std::string(parts[2]), std::move(*key)},
                       scheme, field);
}

// passlib: $pbkdf2-sha256$iterations$salt$key; without a suffix it is SHA-1.
Result<Stored> read_passlib_pbkdf2(std::string_view text, std::string_view field)
{
    auto const parts = split(text, '$');
    struct {
        std::string_view name;
        Digest digest;
        char const* scheme;
    } const kinds[] = {{"pbkdf2", Digest::sha1, "PBKDF2-SHA1"},
                       {"pbkdf2-sha256", Digest::sha256, "PBKDF2-SHA256"},
                       {"pbkdf2-sha512", Digest::sha512, "PBKDF2-SHA512"}};
    for (auto const& kind : kinds) {
        if (parts.size() != 5 || parts[1] != kind.name) continue;
        auto const iterations = TRY(read_iterations(parts[2], field, kind.scheme));
        auto salt = from_bare_base64(std::string(parts[3]));
        auto key = from_bare_base64(std::string(parts[4]));
        if (!salt || !key) return malformed(field, kind.scheme);
        return made_pbkdf2({kind.digest, iterations, std::move(*salt), std::move(*key)}, kind.scheme, field);
    }
    return malformed(field, "PBKDF2");
}

Result<Stored> bcrypt_of_sum(BcryptOfSum::Maker maker, std::string const& text, std::string salt,
                             std::string_view field)
{
    auto const crypt = TRY(read_crypt(text, field));
    if (crypt.scheme != "BLF-CRYPT") return malformed(field, "BCRYPT-SHA256");
    return Stored{BcryptOfSum{maker, text, std::move(salt)}, "BCRYPT-SHA256", Cost::dear, crypt.weak};
}

// passlib: $bcrypt-sha256$2b,12$salt$sum (version 1) or $bcrypt-sha256$v=2,t=2b,r=12$salt$sum.
Result<Stored> read_passlib_bcrypt(std::string_view text, std::string_view field)
{
    auto const parts = split(text, '$');
    if (parts.size() != 5) return malformed(field, "BCRYPT-SHA256");
    auto options = split(parts[2], ',');
    bool const is_2 =
        options.size() == 3 && options[0] == "v=2" && options[1].starts_with("t=") && options[2].starts_with("r=");
    if (!is_2 && options.size() != 2) return malformed(field, "BCRYPT-SHA256");
    auto const ident = is_2 ? options[1].substr(2) : options[0];
    auto rounds = std::string(is_2 ? options[2].substr(2) : options[1]);
    if (rounds.size() == 1) rounds.insert(0, "0");
    auto const crypt = "$" + std::string(ident) + "$" + rounds + "$" + std::string(parts[3]) + std::string(parts[4]);
    return bcrypt_of_sum(is_2 ? BcryptOfSum::Maker::passlib_2 : BcryptOfSum::Maker::passlib_1, crypt,
                         std::string(parts[3]), field);
}

}  // namespace

Result<Stored> read_stored(std::string_view text, std::string_view field)
{
    constexpr std::string_view django_argon2 = "argon2$";
    constexpr std::string_view django_bcrypt = "bcrypt$";
    constexpr std::string_view django_bcrypt_sum = "bcrypt_sha256$";
    if (text.size() > longest_stored)
        return refused(field, "is longer than " + std::to_string(longest_stored) + " bytes");
    if (is_locked(text)) return Stored{Nothing{}, "LOCKED", Cost::cheap, false};
    if (text[0] == '{') return read_prefixed(text, field);
    if (text.starts_with("$argon2")) return read_argon2(text, field);
    if (text.starts_with("$pbkdf2")) return read_passlib_pbkdf2(text, field);
    if (text.starts_with("$bcrypt-sha256$")) return read_passlib_bcrypt(text, field);
    if (text.starts_with("pbkdf2_sha256$") || text.starts_with("pbkdf2_sha1$")) return read_django_pbkdf2(text, field);
    if (text.starts_with(django_argon2))
        return read_argon2("$" + std::string(text.substr(django_argon2.size())), field);
    if (text.starts_with(django_bcrypt)) return crypt_stored(text.substr(django_bcrypt.size()), field);
    if (text.starts_with(django_bcrypt_sum))
        return bcrypt_of_sum(BcryptOfSum::Maker::django, std::string(text.substr(django_bcrypt_sum.size())), {}, field);
    return crypt_stored(text, field);
}

}  // namespace provost::password
