// SPDX-License-Identifier: Apache-2.0
#include "net/imap_reply.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace provost::net {
namespace {

std::string raised(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

bool is_status_word(std::string_view name)
{
    static constexpr std::array<std::string_view, 5> words{"OK", "NO", "BAD", "BYE", "PREAUTH"};
    return std::find(words.begin(), words.end(), name) != words.end();
}

bool is_name(std::string_view name)
{
    auto const is_fit = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '/';
    };
    return !name.empty() && std::all_of(name.begin(), name.end(), is_fit) && !to_integer(name);
}

std::optional<ImapReply::Status> status_named(std::string_view name)
{
    if (name == "OK") return ImapReply::Status::ok;
    if (name == "NO") return ImapReply::Status::no;
    if (name == "BAD") return ImapReply::Status::bad;
    return std::nullopt;
}

auto misread(std::string why) { return fail(Fault::unavailable, std::move(why)); }

// Takes what is before the next blank, and the blank.
std::string_view take_word(std::string_view& text)
{
    auto const end = text.find(' ');
    auto const word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return word;
}

// The size in "{12}" or "~{12}" at the end of the text, where that begins a value.
std::optional<std::size_t> literal_size(std::string_view text)
{
    if (text.empty() || text.back() != '}') return std::nullopt;
    auto open = text.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    auto const digits = text.substr(open + 1, text.size() - open - 2);
    if (open > 0 && text[open - 1] == '~') --open;
    if (open == 0 || (text[open - 1] != ' ' && text[open - 1] != '(')) return std::nullopt;
    auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
    auto const size = to_integer(digits);
    return size ? std::optional(static_cast<std::size_t>(*size)) : std::nullopt;
}

// The end of a code that begins at [0]: the first bracket that is not within quotes.
std::size_t end_of_code(std::string_view text)
{
    bool is_quoted = false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') is_quoted = !is_quoted;
        else if (is_quoted && text[i] == '\\') ++i;
        else if (!is_quoted && text[i] == ']') return i;
    }
    return text.find(']');  // a quote that is never closed is none
}

// "[CODE arguments] words" or words.
void read_words(std::string_view words, ImapCode& code, std::string& text)
{
    auto const end = words.starts_with('[') ? end_of_code(words) : std::string_view::npos;
    if (end != std::string_view::npos) {
        auto inner = words.substr(1, end - 1);
        code.name = raised(take_word(inner));
        code.arguments = inner;
        words.remove_prefix(end + 1);
        if (words.starts_with(' ')) words.remove_prefix(1);
    }
    text = words;
}

// Reads the values of one untagged answer.
class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    // All of them up to the end.
    Result<std::vector<ImapValue>> values()
    {
        std::vector<ImapValue> read;
        CHECK_OK(list(read, 0));
        if (!rest_.empty()) return misread("a list ends that did not begin");
        return read;
    }

private:
    // Up to the end, or before the parenthesis that ends the list.
    Result<void> list(std::vector<ImapValue>& into, std::size_t depth)
    {
        for (;;) {
            while (rest_.starts_with(' ')) rest_.remove_prefix(1);
            if (rest_.empty() || rest_.front() == ')') return {};
            if (++count_ > imap_most_values) return misread("an answer has too many values");
            into.emplace_back();
            CHECK_OK(value(into.back(), depth));
        }
    }

    Result<void> value(ImapValue& into, std::size_t depth)
    {
        auto const first = rest_.front();
        if (first == '"') return quoted(into);
        if (first == '{' || rest_.starts_with("~{")) return literal(into);
        if (first != '(') return atom(into);
        if (depth == imap_deepest) return misread("lists are nested too deep");
        into.kind = ImapValue::Kind::list;
        rest_.remove_prefix(1);
        CHECK_OK(list(into.items, depth + 1));
        if (rest_.empty()) return misread("a list does not end");
        rest_.remove_prefix(1);
        return {};
    }

    Result<void> quoted(ImapValue& into)
    {
        into.kind = ImapValue::Kind::string;
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            auto const c = rest_[i];
            if (c == '"') {
                rest_.remove_prefix(i + 1);
                return {};
            }
            if (c == '\\' && ++i == rest_.size()) break;
            if (is_no_text(rest_[i])) return misread("a quoted string has a byte that may not stand there");
            into.text += rest_[i];
        }
        return misread("a quoted string does not end");
    }

    Result<void> literal(ImapValue& into)
    {
        into.kind = ImapValue::Kind::string;
        auto const line = rest_.substr(0, rest_.find('\r'));
        auto const size = literal_size(" " + std::string(line));
        if (!size || !rest_.substr(line.size()).starts_with("\r\n")) return misread("a brace begins no literal");
        rest_.remove_prefix(line.size() + 2);
        if (*size > rest_.size()) return misread("a literal is shorter than announced");
        into.text = rest_.substr(0, *size);
        rest_.remove_prefix(*size);
        return {};
    }

    Result<void> atom(ImapValue& into)
    {
        auto const end = std::find_if(rest_.begin(), rest_.end(), [](char c) {
            return c == ' ' || c == '(' || c == ')' || c == '"' || is_no_text(c);
        });
        auto const text = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
        if (text.empty() || (end != rest_.end() && is_no_text(*end))) {
            return misread("a word has a byte that may not stand there");
        }
        rest_.remove_prefix(text.size());
        if (folded(text) == "nil") return {};
        into.kind = ImapValue::Kind::atom;
        into.text = text;
        return {};
    }

    static bool is_no_text(char c) { return c == '\0' || c == '\r' || c == '\n'; }

    std::string_view rest_;
    std::size_t count_ = 0;
};

Result<ImapResponse> parse_untagged(std::string_view rest)
{
    ImapUntagged said;
    auto const first = take_word(rest);
    bool const is_number = to_integer(first).has_value() && !rest.empty();
    said.name = raised(is_number ? take_word(rest) : first);
    if (!is_name(said.name)) return misread("an answer has no name");
    if (is_status_word(said.name)) {
        read_words(rest, said.code, said.text);
        return said;
    }
    Reader reader(rest);
    said.values = TRY(reader.values());
    if (is_number) {
        ImapValue number;
        number.kind = ImapValue::Kind::atom;
        number.text = first;
        said.values.insert(said.values.begin(), std::move(number));
    }
    return said;
}

Result<ImapResponse> parse_tagged(std::string_view response)
{
    ImapTagged said;
    said.tag = take_word(response);
    if (said.tag.empty()) return misread("an answer has no tag");
    auto const status = status_named(raised(take_word(response)));
    if (!status) return misread("an answer is neither OK nor NO nor BAD");
    said.reply.status = *status;
    read_words(response, said.reply.code, said.reply.text);
    return said;
}

std::size_t size_of(std::vector<ImapValue> const& values)
{
    auto size = values.size() * sizeof(ImapValue);
    for (auto const& each : values) size += each.text.size() + size_of(each.items);
    return size;
}

}  // namespace

bool ImapValue::is_word(std::string_view word) const { return kind == Kind::atom && folded(text) == folded(word); }

bool ImapUntagged::is_status() const { return is_status_word(name); }

std::optional<std::size_t> imap_literal_after(std::string_view line)
{
    auto const size = literal_size(line);
    if (!size) return std::nullopt;
    auto rest = line;
    auto const first = take_word(rest);
    auto const second = raised(take_word(rest));
    if (first == "+" || is_status_word(second)) return std::nullopt;
    return size;
}

Result<ImapResponse> parse_imap(std::string_view response)
{
    if (response.starts_with("* ")) return parse_untagged(response.substr(2));
    if (response == "+" || response.starts_with("+ ")) {
        return ImapGoOn{std::string(response.substr(std::min<std::size_t>(2, response.size())))};
    }
    return parse_tagged(response);
}

std::size_t size_of(ImapUntagged const& untagged)
{
    return sizeof untagged + untagged.name.size() + untagged.code.name.size() + untagged.code.arguments.size() +
           untagged.text.size() + size_of(untagged.values);
}

}  // namespace provost::net
