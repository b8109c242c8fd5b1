// SPDX-License-Identifier: Apache-2.0
#include "password/crypt_string.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>

#include <crypt.h>
#include <sodium/utils.h>

#include "base/text.h"

namespace provost::password {
namespace {

constexpr std::string_view alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_sum(std::string_view text) { return text.find_first_not_of(alphabet) == std::string_view::npos; }

std::optional<std::uint64_t> digit(std::string_view text, std::size_t at)
{
    auto const place = at < text.size() ? alphabet.find(text[at]) : std::string_view::npos;
    if (place == std::string_view::npos) return std::nullopt;
    return place;
}

// `count` digits of six bits, the lowest first: BSDi's rounds, scrypt's r and p.
std::optional<std::uint64_t> number(std::string_view text, std::size_t at, std::size_t count)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        auto const bits = digit(text, at + i);
        if (!bits) return std::nullopt;
        value |= *bits << (6 * i);
    }
    return value;
}

std::optional<std::uint64_t> decimal(std::string_view text)
{
    auto const value = to_integer(text);
    if (!value || *value < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*value);
}

// yescrypt's numbers grow in length with their size (decode64_uint32 in yescrypt-common.c): the first digit says how
// many follow. Takes one off the front of `text`.
std::optional<std::uint64_t> take_yescrypt_number(std::string_view& text, std::uint64_t least)
{
    auto const first = digit(text, 0);
    if (!first) return std::nullopt;
    std::uint64_t start = 0;
    std::uint64_t end = 47;
    std::size_t more = 0;
    std::uint64_t bits = 0;
    std::uint64_t value = least;
    while (*first > end) {
        value += (end + 1 - start) << bits;
        start = end + 1;
        end = start + (62 - end) / 2;
        ++more;
        bits += 6;
    }
    value += (*first - start) << bits;
    for (std::size_t i = 1; i <= more; ++i) {
        auto const next = digit(text, i);
        if (!next) return std::nullopt;
        bits -= 6;
        value += *next << bits;
    }
    text.remove_prefix(1 + more);
    return value;
}

// N = 2^log2_n blocks of 128 * r bytes, p times over.
bool affordable_memory(std::optional<std::uint64_t> log2_n, std::optional<std::uint64_t> r, std::uint64_t p)
{
    return log2_n && r && *log2_n < 32 && *r > 0 && *r < (1U << 20U) && p > 0 && p < 64 &&
           ((128 * *r * p) << *log2_n) <= most_yescrypt_memory;
}

bool affordable_sha(std::string_view text)
{
    auto const setting = text.substr(3);
    if (!setting.starts_with("rounds=")) return true;
    auto const rounds = decimal(setting.substr(7, setting.find('$') - 7));
    return rounds && *rounds <= most_sha_crypt_rounds;
}

bool affordable_bcrypt(std::string_view text)
{
    auto const cost = decimal(text.substr(4, 2));
    return cost && *cost <= most_bcrypt_cost;
}

bool affordable_sun_md5(std::string_view text)
{
    if (text.starts_with("$md5$")) return true;
    constexpr std::string_view head = "$md5,rounds=";
    if (!text.starts_with(head)) return false;
    auto const rounds = decimal(text.substr(head.size(), text.find('$', head.size()) - head.size()));
    return rounds && *rounds <= most_sun_md5_rounds;
}

bool affordable_sha1(std::string_view text)
{
    auto const rounds = decimal(text.substr(6, text.find('$', 6) - 6));
    return rounds && *rounds <= most_sha1_crypt_rounds;
}

bool affordable_bsdi(std::string_view text)
{
    auto const rounds = number(text, 1, 4);
    return rounds && *rounds <= most_bsdi_rounds;
}

bool affordable_scrypt(std::string_view text)
{
    return affordable_memory(digit(text, 3), number(text, 4, 5), number(text, 9, 5).value_or(0));
}

// Flavour, log2 N and r, as crypt_gensalt writes them. The optional parameters after them are refused: no tool that
// keeps accounts writes any, and some make more memory of little text.
bool affordable_yescrypt(std::string_view text)
{
    auto rest = text.substr(text.find('$', 1) + 1);
    if (!take_yescrypt_number(rest, 0)) return false;
    auto const log2_n = take_yescrypt_number(rest, 1);
    auto const r = take_yescrypt_number(rest, 1);
    return rest.starts_with('$') && affordable_memory(log2_n, r, 1);
}

bool affordable_always(std::string_view) { return true; }

struct Method {
    std::string_view prefix;
    char const* scheme;
    std::size_t sum;  // characters after the last $
    Cost cost;
    bool weak;
    bool (*affordable)(std::string_view);
};

constexpr Method methods[] = {
    {"$y$", "YESCRYPT", 43, Cost::dear, false, affordable_yescrypt},
    {"$gy$", "GOST-YESCRYPT", 43, Cost::dear, false, affordable_yescrypt},
    {"$7$", "SCRYPT", 43, Cost::dear, false, affordable_scrypt},
    {"$6$", "SHA512-CRYPT", 86, Cost::dear, false, affordable_sha},
    {"$5$", "SHA256-CRYPT", 43, Cost::dear, false, affordable_sha},
    {"$1$", "MD5-CRYPT", 22, Cost::cheap, true, affordable_always},
    {"$md5", "SUN-MD5", 22, Cost::dear, true, affordable_sun_md5},
    {"$sha1$", "SHA1-CRYPT", 28, Cost::dear, true, affordable_sha1},
    {"$3$", "NT", 32, Cost::cheap, true, affordable_always},
};

// 2^8 is about what our own default costs; tine wrote 2^7, Dovecot writes 2^5.
constexpr std::uint64_t least_bcrypt_cost = 8;

tl::unexpected<Error> malformed(std::string_view field, std::string_view scheme)
{
    return fail(Fault::invalid, std::string(field) + ": is not a whole " + std::string(scheme) + " hash",
                std::string(field));
}

tl::unexpected<Error> too_dear(std::string_view field, std::string_view scheme)
{
    return fail(Fault::invalid,
                std::string(field) + ": this " + std::string(scheme) +
                    " hash asks for more work than is done here to check a password",
                std::string(field));
}

Result<CryptString> read_bcrypt(std::string_view text, std::string_view field)
{
    bool const whole = text.size() == 60 && std::string_view("abxy").find(text[2]) != std::string_view::npos &&
                       text[3] == '$' && text[6] == '$' && is_sum(text.substr(7));
    if (!whole) return malformed(field, "BLF-CRYPT");
    if (!affordable_bcrypt(text)) return too_dear(field, "BLF-CRYPT");
    bool const weak = decimal(text.substr(4, 2)).value_or(0) < least_bcrypt_cost;
    return CryptString{std::string(text), "BLF-CRYPT", Cost::dear, weak};
}

// What crypt(5) forbids in a hash, and bytes that no hash has.
bool has_foreign_bytes(std::string_view text)
{
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c <= ' ' || c > '~' || std::strchr(":;*!\\", c) != nullptr; });
}

}  // namespace

Result<CryptString> read_crypt(std::string_view text, std::string_view field)
{
    if (has_foreign_bytes(text)) return malformed(field, "CRYPT");
    if (text.starts_with("$2")) return read_bcrypt(text, field);
    for (auto const& method : methods) {
        if (!text.starts_with(method.prefix)) continue;
        auto const sum = text.substr(text.rfind('$') + 1);
        if (sum.size() != method.sum || !is_sum(sum) || text.size() - sum.size() <= method.prefix.size())
            return malformed(field, method.scheme);
        if (!method.affordable(text)) return too_dear(field, method.scheme);
        return CryptString{std::string(text), method.scheme, method.cost, method.weak};
    }
    if (text.size() == 20 && text[0] == '_' && is_sum(text.substr(1))) {
        if (!affordable_bsdi(text)) return too_dear(field, "BSDI-CRYPT");
        return CryptString{std::string(text), "BSDI-CRYPT", Cost::dear, true};
    }
    if (text.size() == 13 && is_sum(text)) return CryptString{std::string(text), "DES-CRYPT", Cost::cheap, true};
    return fail(Fault::invalid, std::string(field) + ": is in no form that is known here; name its {SCHEME} in front",
                std::string(field));
}

Result<std::string> run_crypt(Secret const& password, std::string const& setting)
{
    struct Wipe {
        void operator()(crypt_data* data) const
        {
            sodium_memzero(data, sizeof *data);
            std::default_delete<crypt_data>()(data);
        }
    };
    std::unique_ptr<crypt_data, Wipe> const data(std::make_unique<crypt_data>().release());
    // A Secret holds a std::string, so a NUL follows its bytes.
    auto const* out = crypt_rn(password.reveal().data(), setting.c_str(), data.get(), sizeof(crypt_data));
    if (out == nullptr) return fail(Fault::unavailable, "the system's crypt does not answer for this kind of hash");
    return std::string(out);
}

Result<std::string> new_crypt(Secret const& password, char const* prefix, unsigned long work)
{
    struct Free {
        void operator()(char* text) const { std::free(text); }  // NOLINT(cppcoreguidelines-no-malloc)
    };
    std::unique_ptr<char, Free> const setting(crypt_gensalt_ra(prefix, work, nullptr, 0));
    if (!setting) return fail(Fault::unavailable, "the system's crypt makes no hashes of this kind");
    return run_crypt(password, setting.get());
}

}  // namespace provost::password
