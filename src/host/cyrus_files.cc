// SPDX-License-Identifier: Apache-2.0
#include "host/cyrus_files.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace provost::host {

namespace {

constexpr auto cyrus_conf = "/etc/cyrus.conf";
constexpr auto our_comment = "# Set by Provost.";

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::string_view without_blanks(std::string_view text)
{
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string small(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string capitals(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

tl::unexpected<Error> at_line(std::string const& file, std::size_t line, std::string const& what)
{
    return fail(Fault::invalid, fmt::format("{}:{}: {}", file, line, what), file);
}

// One line after the other, and where each stands.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {}

    bool next()
    {
        if (place_.end >= text_.size()) return false;
        place_.begin = place_.end;
        auto const end = text_.find('\n', place_.begin);
        place_.end = end == std::string_view::npos ? text_.size() : end + 1;
        ++place_.line;
        return true;
    }
    std::string_view line() const
    {
        auto line = text_.substr(place_.begin, place_.end - place_.begin);
        if (line.ends_with('\n')) line.remove_suffix(1);
        return line;
    }
    Place const& place() const { return place_; }

private:
    std::string_view text_;
    Place place_;
};

std::size_t end_of_name(std::string_view text, std::string_view besides)
{
    std::size_t at = 0;
    while (at < text.size() && (is_alnum(text[at]) || besides.find(text[at]) != std::string_view::npos)) ++at;
    return at;
}

std::vector<std::string> words_in(std::string_view text)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at < text.size();) {
        while (at < text.size() && is_blank(text[at])) ++at;
        auto const begin = at;
        while (at < text.size() && !is_blank(text[at])) ++at;
        if (at > begin) words.emplace_back(text.substr(begin, at - begin));
    }
    return words;
}

bool is_word_of(std::string_view list, std::string const& word)
{
    auto const words = words_in(list);
    return std::find(words.begin(), words.end(), word) != words.end();
}

// The same words, or the same switch.
bool means(std::string_view value, std::string_view wanted)
{
    auto const is = words_in(value);
    auto const be = words_in(wanted);
    if (is == be) return true;
    auto const on = wanted == "yes" || wanted == "no" ? as_switch(wanted) : std::nullopt;
    return on && is.size() == 1 && as_switch(value) == on;
}

std::string line_of(ImapdEdit const& edit, std::string const& old)
{
    auto const value = edit.kind == ImapdEdit::Kind::has && !old.empty() ? old + " " + edit.value : edit.value;
    return edit.name + ": " + value + "\n";
}

using Found = std::vector<ImapdOption>::const_iterator;

Found find(std::vector<ImapdOption> const& options, std::string const& name)
{
    return std::find_if(options.begin(), options.end(), [&](auto const& option) { return option.name == name; });
}

// The words of an entry after its name: key=value, key="a value".
Result<std::map<std::string, std::string, std::less<>>> entry_words(std::string_view text, std::size_t line)
{
    std::map<std::string, std::string, std::less<>> words;
    for (std::size_t at = 0;;) {
        while (at < text.size() && is_blank(text[at])) ++at;
        if (at == text.size()) return words;
        auto const length = end_of_name(text.substr(at), "");
        auto const key = std::string(text.substr(at, length));
        at += length;
        if (at == text.size() || text[at] != '=')
            return at_line(cyrus_conf, line, "KEY=VALUE is expected after a name");
        ++at;
        auto const quoted = at < text.size() && text[at] == '"';
        if (quoted) ++at;
        auto end = at;
        while (end < text.size() && (quoted ? text[end] != '"' : !is_blank(text[end]))) ++end;
        if (quoted && end == text.size()) return at_line(cyrus_conf, line, "a \" is missing");
        words.emplace(key, text.substr(at, end - at));  // where one is there twice, the first holds
        at = quoted ? end + 1 : end;
    }
}

}  // namespace

Result<std::vector<ImapdOption>> parse_imapd_conf(std::string_view text, std::string const& file)
{
    std::vector<ImapdOption> options;
    std::set<std::string> names;
    Lines lines(text);
    while (lines.next()) {
        auto place = lines.place();
        std::string whole(lines.line());
        while (whole.ends_with('\\') && lines.next()) {
            whole.pop_back();
            whole += lines.line();
            place.end = lines.place().end;
        }
        // What is added after it would become a part of it.
        if (whole.ends_with('\\')) return at_line(file, place.line, "the last line ends in a backslash: take that out");
        auto const bare = without_blanks(whole);
        if (bare.empty() || bare.starts_with('#')) continue;
        auto const at = bare.starts_with('@') ? std::size_t{1} : std::size_t{0};
        auto const length = at + end_of_name(bare.substr(at), "-_");
        auto const name = small(bare.substr(0, length));
        if (length == bare.size() || bare[length] != ':') {
            return at_line(file, place.line, "a setting's name and \":\" are expected");
        }
        auto const value = without_blanks(bare.substr(length + 1));
        if (value.empty()) return at_line(file, place.line, name + " has no value");
        if (at != 0 && name != "@include") return at_line(file, place.line, name + " is no directive of Cyrus");
        if (at == 0 && !names.insert(name).second) return at_line(file, place.line, name + " is set a second time");
        options.push_back({name, std::string(value), place});
    }
    return options;
}

std::optional<bool> as_switch(std::string_view value)
{
    if (value.starts_with('0') || value.starts_with('n') || value.starts_with("of") || value.starts_with('f'))
        return false;
    if (value.starts_with('1') || value.starts_with('y') || value.starts_with("on") || value.starts_with('t'))
        return true;
    return std::nullopt;
}

std::vector<ImapdEdit> pending_edits(std::vector<ImapdEdit> const& edits,
                                     std::map<std::string, std::string, std::less<>> const& now)
{
    std::vector<ImapdEdit> pending;
    for (auto const& edit : edits) {
        auto const found = now.find(edit.name);
        auto const is_set = found != now.end();
        auto const has_old = !edit.instead_of.empty() && now.count(edit.instead_of) != 0;
        auto const good = [&](auto const& wanted) { return means(found->second, wanted); };
        bool done = false;
        switch (edit.kind) {
            case ImapdEdit::Kind::set:
                done = is_set && !has_old &&
                       (good(edit.value) || std::any_of(edit.also_good.begin(), edit.also_good.end(), good));
                break;
            case ImapdEdit::Kind::has:
                done = is_set && is_word_of(found->second, edit.value);
                break;
            case ImapdEdit::Kind::remove:
                done = !is_set;
                break;
        }
        if (!done) pending.push_back(edit);
    }
    return pending;
}

Result<std::string> with_edits(std::string const& text, std::vector<ImapdEdit> const& edits, std::string const& file)
{
    auto const options = TRY(parse_imapd_conf(text, file));
    std::map<std::size_t, std::pair<std::size_t, std::string>> changes;  // begin: end, what stands there then
    std::string fresh;
    for (auto const& edit : edits) {
        auto const here = find(options, edit.name);
        auto const old = edit.instead_of.empty() ? options.end() : find(options, edit.instead_of);
        if (old != options.end()) changes[old->place.begin] = {old->place.end, ""};
        if (edit.kind == ImapdEdit::Kind::remove) {
            if (here != options.end()) changes[here->place.begin] = {here->place.end, ""};
            continue;
        }
        auto const there = here != options.end() ? here : old;
        auto const line = line_of(edit, here != options.end() ? here->value : "");
        if (there == options.end()) fresh += line;
        else changes[there->place.begin] = {there->place.end, line};
    }
    std::string out;
    std::size_t at = 0;
    for (auto const& [begin, change] : changes) {
        out += text.substr(at, begin - at) + change.second;
        at = change.first;
    }
    out += text.substr(at);
    if (fresh.empty()) return out;
    if (!out.empty() && !out.ends_with('\n')) out += '\n';
    if (out.find(std::string("\n") + our_comment + "\n") == std::string::npos) {
        out += (out.empty() ? "" : "\n") + std::string(our_comment) + "\n";
    }
    return out + fresh;
}

std::string CyrusEntry::word(std::string_view key) const
{
    auto const found = words.find(key);
    return found == words.end() ? std::string() : found->second;
}

std::string CyrusEntry::program() const
{
    auto const parts = words_in(word("cmd"));
    return parts.empty() ? std::string() : parts.front();
}

bool CyrusEntry::has_argument(std::string_view argument) const
{
    auto const parts = words_in(word("cmd"));
    return !parts.empty() && std::find(parts.begin() + 1, parts.end(), argument) != parts.end();
}

Result<CyrusConf> parse_cyrus_conf(std::string_view text)
{
    CyrusConf conf;
    std::string section;
    Lines lines(text);
    while (lines.next()) {
        auto const line = lines.line();
        auto const bare = without_blanks(line.substr(0, line.find('#')));
        if (bare.empty()) continue;
        auto const length = end_of_name(bare, "");
        if (section.empty()) {
            auto const rest = without_blanks(bare.substr(length));
            if (length == 0 || rest != "{")
                return at_line(cyrus_conf, lines.place().line, "a section is expected, as \"SERVICES {\"");
            section = capitals(bare.substr(0, length));
            continue;
        }
        if (bare.starts_with('}')) {
            if (section == "SERVICES") conf.end_of_services = lines.place().begin;
            section.clear();
            continue;
        }
        if (length == 0 || (length < bare.size() && !is_blank(bare[length]))) {
            return at_line(cyrus_conf, lines.place().line, "an entry's name is expected, of letters and digits");
        }
        auto const words = TRY(entry_words(bare.substr(length), lines.place().line));
        conf.entries.push_back({section, std::string(bare.substr(0, length)), words, lines.place()});
    }
    if (!section.empty()) return at_line(cyrus_conf, lines.place().line, section + " does not end: a } is missing");
    if (conf.end_of_services == 0) return at_line(cyrus_conf, lines.place().line, "there are no SERVICES");
    return conf;
}

std::string entry_line(CyrusEntry const& entry)
{
    auto line = fmt::format("\t{:<12}", entry.name);
    for (auto const& key : {"cmd", "listen", "prefork", "maxchild"}) {
        auto const value = entry.word(key);
        auto const is_number = to_integer(value).has_value() && std::string_view(key) != "listen";
        line += is_number ? fmt::format(" {}={}", key, value) : fmt::format(" {}=\"{}\"", key, value);
    }
    return line + "\n";
}

std::string with_word(std::string const& line, std::string const& key, std::string const& value)
{
    auto const end = std::min({line.find('#'), line.find('\n'), line.size()});
    bool quoted = false;
    for (std::size_t at = 0; at < end; ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (quoted || !is_blank(line[at]) || line.compare(at + 1, key.size() + 1, key + "=") != 0) continue;
        auto const from = at + key.size() + 2;
        bool const is_quoted = from < end && line[from] == '"';
        auto to = from + (is_quoted ? 1 : 0);
        while (to < end && (is_quoted ? line[to] != '"' : !is_blank(line[to]))) ++to;
        auto const fresh = is_quoted ? "\"" + value : value;
        return line.substr(0, from) + fresh + line.substr(to);
    }
    auto const bare = without_blanks(std::string_view(line).substr(0, end));
    auto const after = static_cast<std::size_t>(bare.data() - line.data()) + bare.size();
    return line.substr(0, after) + " " + key + "=" + value + line.substr(after);
}

}  // namespace provost::host
