// SPDX-License-Identifier: Apache-2.0
#include "mail/address.h"

#include <algorithm>
#include <array>
#include <memory>

#include <idn2.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "base/text.h"

namespace provost::mail {
namespace {

constexpr std::size_t longest_label = 63;        // RFC 1035 2.3.4
constexpr std::size_t longest_bare_name = 64;    // as long as a local part
constexpr std::size_t longest_wire_name = 1024;  // longer input cannot be an address, however it is written

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_ascii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// RFC 5322 3.2.3: what an atom may hold besides letters and digits; RFC 6531 3.3 adds UTF-8.
bool is_atom_char(char c)
{
    return is_alnum(c) || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_label(std::string_view label)
{
    if (label.empty() || label.size() > longest_label || label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
}

bool is_dot_atom(std::string_view text)
{
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string_view::npos)
        return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom_char(c); });
}

// UTF-8 controls (U+0080-009F) and the separators U+2028/2029 would break lines and terminals.
bool has_unicode_control(std::string_view text)
{
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        auto const a = static_cast<unsigned char>(text[i]);
        auto const b = static_cast<unsigned char>(text[i + 1]);
        if (a == 0xC2 && b < 0xA0) return true;
        if (a == 0xE2 && b == 0x80 && i + 2 < text.size() && (static_cast<unsigned char>(text[i + 2]) & 0xFEU) == 0xA8)
            return true;
    }
    return false;
}

std::optional<std::string> normalized(std::string_view text)
{
    UErrorCode code = U_ZERO_ERROR;
    auto const* nfc = icu::Normalizer2::getNFCInstance(code);
    if (U_FAILURE(code)) return std::nullopt;
    auto const source = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    auto const result = nfc->normalize(source, code);
    if (U_FAILURE(code)) return std::nullopt;
    std::string out;
    result.toUTF8String(out);
    return out;
}

std::optional<std::string> domain_key(std::string_view text)
{
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || text.size() > longest_wire_name) return std::nullopt;
    auto name = folded(text);
    if (!is_ascii(name) || name.find("xn--") != std::string::npos) {
        // libidn2 would stop at a NUL.
        if (!is_utf8(name) || name.find('\0') != std::string::npos) return std::nullopt;
        char* converted = nullptr;
        if (idn2_to_ascii_8z(name.c_str(), &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
            return std::nullopt;
        std::unique_ptr<char, void (*)(void*)> const owner(converted, idn2_free);
        name = folded(converted);
    }
    if (name.size() > longest_domain) return std::nullopt;
    for (auto label : split(name, '.'))
        if (!is_label(label)) return std::nullopt;
    return name;
}

// The content of "…" with its backslashes resolved (RFC 5321 4.1.2 Quoted-string).
std::optional<std::string> unquoted(std::string_view text)
{
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
        out += text[i];
    }
    return out;
}

std::optional<std::string> local_key(std::string_view text)
{
    std::optional<std::string> name(text);
    if (text.starts_with('"')) name = unquoted(text);
    if (!name) return std::nullopt;
    bool const is_plain = is_ascii(*name);
    if (!is_plain) {
        if (!is_utf8(*name) || has_unicode_control(*name)) return std::nullopt;
        // Before folding, or a capital with its accent apart would differ from the same in one piece.
        name = normalized(*name);
        if (!name) return std::nullopt;
    }
    name = folded(*name);
    if (!is_plain) name = normalized(*name);
    if (!name || name->size() > longest_local_part || !is_dot_atom(*name)) return std::nullopt;
    return name;
}

// What may stand in an address that is written as nearly all are: by folded byte, 0 for what needs a closer look.
enum : std::uint8_t { in_atom = 1, in_label = 2 };

constexpr std::array<std::uint8_t, 256> plain_uses = [] {
    std::array<std::uint8_t, 256> uses{};
    for (unsigned char c = 'a'; c <= 'z'; ++c) uses[c] = in_atom | in_label;
    for (unsigned char c = '0'; c <= '9'; ++c) uses[c] = in_atom | in_label;
    for (unsigned char const c : std::string_view("!#$%&'*+/=?^_`{|}~")) uses[c] = in_atom;
    uses['-'] = in_atom | in_label;
    return uses;
}();

// Words of such bytes, parted by single dots; folds them on the way.
bool fold_words(char* first, char const* last, std::uint8_t use, std::size_t longest_word)
{
    std::size_t length = 0;
    for (; first != last; ++first) {
        if (*first == '.') {
            if (length == 0) return false;
            length = 0;
            continue;
        }
        *first = folded(*first);
        if ((plain_uses[static_cast<unsigned char>(*first)] & use) == 0 || ++length > longest_word) return false;
    }
    return length > 0;
}

// The address in one pass and one piece of memory, where it is in ASCII, without quotes, dots at its ends or A-labels;
// empty where local_key and domain_key have to judge. They would say the same.
std::string plain_address(std::string_view bytes, std::size_t at)
{
    auto const domain = bytes.substr(at + 1);
    bool const fits = at <= longest_local_part && domain.size() <= longest_domain && bytes.size() <= longest_address;
    if (!fits || domain.starts_with('-') || domain.ends_with('-') || domain.find("-.") != std::string_view::npos ||
        domain.find(".-") != std::string_view::npos)
        return {};
    std::string text(bytes);
    auto* const local = text.data();
    if (!fold_words(local, local + at, in_atom, longest_local_part) ||
        !fold_words(local + at + 1, local + text.size(), in_label, longest_label) ||
        text.find("xn--", at + 1) != std::string::npos)
        return {};
    return text;
}

bool is_bare_name(std::string_view text)
{
    if (text.empty() || text.size() > longest_bare_name || !is_alnum(text.front())) return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

}  // namespace

Result<DomainName> DomainName::parse(std::string_view text, std::string_view field)
{
    auto name = domain_key(text);
    if (!name) return refuse(Fault::invalid, field, text, "is not a domain name");
    return DomainName(std::move(*name));
}

std::optional<Address> Address::from_wire(std::string_view bytes)
{
    if (bytes.size() > longest_wire_name) return std::nullopt;
    auto const at = bytes.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    if (auto plain = plain_address(bytes, at); !plain.empty()) return Address(std::move(plain), at);
    auto local = local_key(bytes.substr(0, at));
    if (!local) return std::nullopt;
    auto const domain = domain_key(bytes.substr(at + 1));
    if (!domain || local->size() + 1 + domain->size() > longest_address) return std::nullopt;
    auto const position = local->size();
    return Address(std::move(*local) + '@' + *domain, position);
}

Result<Address> Address::parse(std::string_view text, std::string_view field)
{
    auto address = from_wire(text);
    if (address) return std::move(*address);
    auto const at = text.rfind('@');
    if (at == std::string_view::npos) return refuse(Fault::invalid, field, text, "needs an @");
    if (!domain_key(text.substr(at + 1))) return refuse(Fault::invalid, field, text, "does not end in a domain name");
    auto const local = text.substr(0, at);
    if (local.starts_with('"'))
        return refuse(Fault::invalid, field, text, "is quoted, and its content is not what could stand without quotes");
    if (local.size() > longest_local_part)
        return refuse(Fault::invalid, field, text, "has more than 64 octets before the @");
    if (!local_key(local))
        return refuse(Fault::invalid, field, text, "has something before the @ that cannot stand there");
    return refuse(Fault::invalid, field, text, "has more than 254 octets");
}

std::optional<std::string_view> Address::without_extension(char delimiter) const
{
    auto const position = local().find(delimiter);
    if (position == 0 || position == std::string_view::npos) return std::nullopt;
    return local().substr(0, position);
}

std::string_view Address::extension(char delimiter) const
{
    auto const position = local().find(delimiter);
    if (position == 0 || position == std::string_view::npos) return {};
    return local().substr(position);
}

Address Address::at(std::string_view domain) const { return Address(join(local(), domain), at_); }

std::string Address::join(std::string_view local, std::string_view domain)
{
    std::string text;
    text.reserve(local.size() + 1 + domain.size());
    text += local;
    text += '@';
    text += domain;
    return text;
}

Result<std::string> parse_login(std::string_view text, std::string_view field)
{
    if (text.find('@') != std::string_view::npos) return TRY(Address::parse(text, field)).text();
    auto name = folded(text);
    if (!is_bare_name(name))
        return refuse(Fault::invalid, field, text,
                      "is neither an address nor a name of letters, digits, '.', '-' and '_'");
    return name;
}

std::optional<std::string> login_from_wire(std::string_view bytes)
{
    if (bytes.find('@') != std::string_view::npos) {
        auto address = Address::from_wire(bytes);
        if (!address) return std::nullopt;
        return address->text();
    }
    if (bytes.size() > longest_bare_name) return std::nullopt;
    auto name = folded(bytes);
    if (!is_bare_name(name)) return std::nullopt;
    return name;
}

std::string guessed_login(std::string_view bytes, char delimiter)
{
    if (auto const address = Address::from_wire(bytes)) {
        auto const base = address->without_extension(delimiter);
        return base ? Address::join(*base, address->domain()) : address->text();
    }
    return folded(bytes);
}

}  // namespace provost::mail
