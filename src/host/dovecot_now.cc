// SPDX-License-Identifier: Apache-2.0
#include "host/dovecot_now.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "host/postfix_copy.h"

namespace provost::host {

namespace {

// A value as it was before doveconf put it in quotes, and a backslash before some of its characters.
std::string unquoted(std::string_view text)
{
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    std::string plain;
    auto const inside = text.substr(1, text.size() - 2);
    for (std::size_t at = 0; at < inside.size(); ++at) {
        if (inside[at] == '\\' && at + 1 < inside.size()) ++at;
        plain += inside[at];
    }
    return plain;
}

// "passdb" of 2.3 and "passdb pam" of 2.4; not its "passdb_pam", by which all of that driver have some defaults.
bool is_lookup(std::string_view block)
{
    auto const kind = block.substr(0, block.find(' '));
    return kind == "passdb" || kind == "userdb";
}

class Parser {
public:
    DovecotNow read(std::string_view text)
    {
        for (auto const line : split(text, '\n')) read_line(trimmed(line));
        return std::move(now_);
    }

private:
    void read_line(std::string_view line)
    {
        if (line.empty() || line.starts_with('#')) return;
        auto const equals = line.find('=');
        if (line == "}") {
            end();
        } else if (line.ends_with('{') && equals == std::string_view::npos) {
            blocks_.push_back(words_of(line.substr(0, line.size() - 1)));
            begin();
        } else if (equals != std::string_view::npos) {
            set(std::string(trimmed(line.substr(0, equals))), unquoted(trimmed(line.substr(equals + 1))));
        }
    }

    void begin()
    {
        auto const& block = blocks_.front();
        if (blocks_.size() != 1 || !is_lookup(block)) return;
        // 2.4 names the driver in the block's own name, unless it is said inside.
        auto const name = std::string_view(block).substr(6);
        now_.lookups.push_back({block.substr(0, 6), std::string(trimmed(name)), ""});
    }

    void end()
    {
        if (!blocks_.empty()) blocks_.pop_back();
    }

    void set(std::string const& key, std::string const& value)
    {
        now_.values[joined(blocks_, "/") + (blocks_.empty() ? "" : "/") + key] = value;
        if (blocks_.size() != 1) return;
        auto const& block = blocks_.front();
        if (is_lookup(block)) {
            auto& lookup = now_.lookups.back();
            if (key == "driver") lookup.driver = value;
            if (key == "args" || key.ends_with("_path") || key == "sql_driver") lookup.source = value;
        }
        if (block.starts_with("namespace") && key == "inbox" && value == "yes") {
            now_.inboxes.emplace_back(trimmed(block.substr(9)));
        }
    }

    DovecotNow now_;
    std::vector<std::string> blocks_;
};

// Where the key is, which 2.3 does not show. One that stands in the configuration itself is not looked at.
Result<std::string> key_file(Root const& root, Runner const& run)
{
    auto const text = TRY(run(doveconf(root, {"-P", "-h", "ssl_key"})));
    auto const path = trimmed(text);
    return path.starts_with("</") ? std::string(path) : std::string();
}

// Of all that doveconf -a tells in 2.4 the defaults are left out. They are told to who names the settings he wants:
// those that begin with nothing. 2.3 knows none of these.
Result<std::string> all_settings(Root const& root, Runner const& run)
{
    auto text = TRY(run(doveconf(root, {"-a"})));
    if (parse_doveconf(text).value("libexec_dir").empty()) text = TRY(run(doveconf(root, {"-a", ""})));
    return text;
}

}  // namespace

std::string DovecotNow::value(std::string_view path) const
{
    auto const found = values.find(path);
    return found == values.end() ? std::string() : found->second;
}

std::vector<std::string> DovecotNow::words(std::string_view path) const
{
    std::vector<std::string> words;
    auto const text = words_of(value(path));
    for (auto const word : split(text, ' ')) {
        if (!word.empty()) words.emplace_back(word);
    }
    // 2.4: protocols { imap = yes }
    auto const inside = std::string(path) + "/";
    for (auto at = values.lower_bound(inside); at != values.end() && at->first.starts_with(inside); ++at) {
        if (at->second == "yes" && at->first.size() > inside.size()) words.push_back(at->first.substr(inside.size()));
    }
    return words;
}

DovecotNow parse_doveconf(std::string_view text) { return Parser().read(text); }

std::vector<std::string> other_auth_listeners(DovecotNow const& now)
{
    // The first four are off by our settings; the others are for Dovecot's own processes.
    constexpr std::array its_own{"login/login", "auth-userdb", "auth-client",
                                 "auth-master", "auth-login",  "token-login/tokenlogin"};
    std::vector<std::string> found;
    for (auto const& [kind, field] : {std::pair<std::string, std::string>("service auth/unix_listener ", "/mode"),
                                      std::pair<std::string, std::string>("service auth/inet_listener ", "/port")}) {
        for (auto at = now.values.lower_bound(kind); at != now.values.end() && at->first.starts_with(kind); ++at) {
            auto const& [path, value] = *at;
            if (!path.ends_with(field) || value.find_first_not_of('0') == std::string::npos) continue;
            auto name = path.substr(kind.size(), path.size() - kind.size() - field.size());
            if (std::find(its_own.begin(), its_own.end(), name) == its_own.end()) found.push_back(std::move(name));
        }
    }
    return found;
}

std::vector<std::string> doveconf(Root const& root, std::vector<std::string> const& arguments)
{
    std::vector<std::string> words{"doveconf"};
    if (!root.is_host()) words.insert(words.end(), {"-c", root.at("/etc/dovecot/dovecot.conf")});
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
}

Result<DovecotNow> read_dovecot(Root const& root, Runner const& run)
{
    auto const text = all_settings(root, run);
    if (text) {
        auto now = parse_doveconf(*text);
        if (now.value("ssl_key").starts_with("# hidden")) {
            auto const file = TRY(key_file(root, run));
            now.values["ssl_key"] = file;
        }
        return now;
    }
    auto error = text.error();
    if (error.fault == Fault::invalid) {
        error.fault = Fault::conflict;
        error.message = "Dovecot cannot read its configuration as it is: " + error.message;
    }
    return tl::make_unexpected(error);
}

}  // namespace provost::host
