// SPDX-License-Identifier: Apache-2.0
#include "host/postfix_copy.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/text.h"

namespace provost::host {

namespace {

using Kind = PostfixEdit::Kind;
using Known = PostfixNow::Known;

// "name = value" lines, as postconf -n and -P write them.
Known assignments(std::string_view text)
{
    Known known;
    for (auto const line : split(text, '\n')) {
        auto const equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        known[std::string(trimmed(line.substr(0, equals)))] = words_of(line.substr(equals + 1));
    }
    return known;
}

// The entries that postconf -M writes, without their options.
Known services(std::string_view text)
{
    Known known;
    for (auto const line : split(text, '\n')) {
        if (line.empty() || line.starts_with(' ') || line.starts_with('\t')) continue;
        auto const entry = words_of(line);
        auto const parts = split(entry, ' ');
        if (parts.size() < 8) continue;
        std::string whole;
        for (std::size_t i = 0; i < 8; ++i) whole += (i == 0 ? "" : " ") + std::string(parts[i]);
        known[std::string(parts[0]) + "/" + std::string(parts[1])] = whole;
    }
    return known;
}

Known const& place_of(Kind kind, PostfixNow const& now)
{
    switch (kind) {
        case Kind::service:
        case Kind::remove_service:
            return now.services;
        case Kind::option:
        case Kind::remove_option:
            return now.options;
        case Kind::set:
        case Kind::first:
        case Kind::remove:
            break;
    }
    return now.main;
}

bool is_good(PostfixEdit const& edit, std::string const& value)
{
    if (value == words_of(edit.value)) return true;
    for (auto const& good : edit.also_good) {
        if (value == good) return true;
    }
    return false;
}

bool is_done(PostfixEdit const& edit, PostfixNow const& now)
{
    auto const& place = place_of(edit.kind, now);
    auto const found = place.find(edit.key);
    auto const there = found != place.end();
    switch (edit.kind) {
        case Kind::set:
        case Kind::option:
            return there && is_good(edit, found->second);
        case Kind::first:
            return there && (found->second + ",").starts_with(edit.value + ",");
        case Kind::service:
            return there && found->second.ends_with(" smtpd");
        case Kind::remove:
        case Kind::remove_service:
        case Kind::remove_option:
            return !there;
    }
    return false;
}

// The words that postconf takes for it.
std::string argument(PostfixEdit const& edit, PostfixNow const& now)
{
    switch (edit.kind) {
        case Kind::first: {
            auto const rest = now.value(edit.key);
            return edit.key + "=" + edit.value + (rest.empty() ? "" : ", " + rest);
        }
        case Kind::remove:
        case Kind::remove_service:
        case Kind::remove_option:
            return edit.key;
        case Kind::set:
        case Kind::service:
        case Kind::option:
            break;
    }
    return edit.key + "=" + edit.value;
}

// Whether main.cf sets it anywhere; postconf does not tell of parameters of a site's own that nothing refers to.
bool has_parameter(std::string_view main, std::string const& name)
{
    for (auto const line : split(main, '\n')) {
        if (!line.starts_with(name)) continue;
        auto const rest = trimmed(line.substr(name.size()));
        if (rest.starts_with('=')) return true;
    }
    return false;
}

// Without an end of its last line postconf would write on in it.
std::string ended(std::string text)
{
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    return text;
}

Result<void> write_copy(std::string const& path, std::string const& text)
{
    std::ofstream file(path, std::ios::trunc);
    file << ended(text) << std::flush;
    return file ? Result<void>() : fail(Fault::unavailable, "cannot write " + path);
}

// A file that was changed within the last second Postfix reads again, a second later, lest it be half written.
void make_older(std::string const& path)
{
    std::array<timespec, 2> const times{{{1, 0}, {1, 0}}};
    ::utimensat(AT_FDCWD, path.c_str(), times.data(), 0);
}

// A file that was not edited is as it was, to the missing end of its last line.
Result<std::string> read_copy(std::string const& path, std::string const& before)
{
    auto text = TRY(Root().read(path));
    return text == ended(before) ? before : text;
}

}  // namespace

std::vector<std::string> listed_words(std::string_view text)
{
    std::vector<std::string> words;
    auto const plain = words_of(text);
    for (auto const part : split(plain, ',')) {
        for (auto const word : split(part, ' ')) {
            if (!word.empty()) words.emplace_back(word);
        }
    }
    return words;
}

std::string words_of(std::string_view text)
{
    std::string out;
    for (auto word : split(text, ' ')) {
        for (auto part : split(word, '\t')) {
            if (part.empty()) continue;
            if (!out.empty()) out += ' ';
            out += part;
        }
    }
    return out;
}

std::string PostfixNow::value(std::string_view name) const
{
    auto const found = main.find(name);
    return found == main.end() ? std::string() : found->second;
}

PostfixCopy::PostfixCopy(PostfixCopy&& other) noexcept
    : folder_(std::exchange(other.folder_, {})),
      main_(std::move(other.main_)),
      master_(std::move(other.master_)),
      run_(other.run_),
      now_(std::move(other.now_))
{
}

PostfixCopy::~PostfixCopy()
{
    std::error_code error;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, error);
}

Result<PostfixCopy> PostfixCopy::make(std::string const& main, std::string const& master, Runner const& run)
{
    auto folder = (std::filesystem::temp_directory_path() / "provost-postfix-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        return fail(Fault::unavailable, "cannot make a temporary folder: " + std::string(std::strerror(errno)));
    }
    PostfixCopy copy(folder, run);
    copy.main_ = main;
    copy.master_ = master;
    CHECK_OK(write_copy(folder + "/main.cf", main));
    CHECK_OK(write_copy(folder + "/master.cf", master));
    copy.now_ = TRY(copy.read());
    return copy;
}

std::vector<std::string> PostfixCopy::postconf(std::string const& flag) const
{
    return {"postconf", "-c", folder_, flag};
}

Result<PostfixNow> PostfixCopy::read() const
{
    PostfixNow now;
    for (auto file : {"/main.cf", "/master.cf"}) make_older(folder_ + file);
    auto const main = TRY((*run_)(postconf("-n")));
    auto const options = TRY((*run_)(postconf("-P")));
    auto const entries = TRY((*run_)(postconf("-M")));
    now.main = assignments(main);
    now.main.erase("config_directory");  // the copy's own
    now.options = assignments(options);
    now.services = services(entries);
    return now;
}

// postconf would add new parameters in any order; these go to the end of main.cf together, in ours.
Result<std::vector<PostfixEdit>> PostfixCopy::append(std::vector<PostfixEdit> const& edits)
{
    auto const path = folder_ + "/main.cf";
    auto const old = TRY(Root().read(path));
    std::vector<PostfixEdit> rest;
    std::string added;
    for (auto const& edit : edits) {
        auto const sets = edit.kind == Kind::set || edit.kind == Kind::first;
        if (!sets || has_parameter(old, edit.key)) {
            rest.push_back(edit);
        } else {
            added += edit.key + " =" + (edit.value.empty() ? "" : " ") + edit.value + "\n";
        }
    }
    if (!added.empty()) CHECK_OK(write_copy(path, old + "\n# Set by Provost.\n" + added));
    return rest;
}

// One run of postconf for each kind, in this order: a service must be there before its options.
Result<void> PostfixCopy::apply(std::vector<PostfixEdit> const& edits)
{
    auto const pending = TRY(append(pending_edits(edits, now_)));
    for (auto const& [kind, flag] :
         std::array{std::pair(Kind::set, "-e"), std::pair(Kind::first, "-e"), std::pair(Kind::remove, "-X"),
                    std::pair(Kind::remove_service, "-MX"), std::pair(Kind::service, "-M"),
                    std::pair(Kind::option, "-P"), std::pair(Kind::remove_option, "-PX")}) {
        auto words = postconf(flag);
        auto const empty = words.size();
        for (auto const& edit : pending) {
            if (edit.kind == kind) words.push_back(argument(edit, now_));
        }
        if (words.size() > empty) TRY((*run_)(words));
    }
    now_ = TRY(read());
    auto const undone = pending_edits(edits, now_);
    if (undone.empty()) return {};
    return fail(Fault::conflict, "postconf cannot set " + undone.front().key + " in Postfix's files as they are");
}

Result<std::string> PostfixCopy::expanded(std::string const& name) const
{
    auto words = postconf("-hx");
    words.push_back(name);
    auto const value = TRY((*run_)(words));
    return words_of(trimmed(value));
}

Result<std::string> PostfixCopy::main() const { return read_copy(folder_ + "/main.cf", main_); }
Result<std::string> PostfixCopy::master() const { return read_copy(folder_ + "/master.cf", master_); }

std::vector<PostfixEdit> pending_edits(std::vector<PostfixEdit> const& edits, PostfixNow const& now)
{
    std::vector<PostfixEdit> pending;
    for (auto const& edit : edits) {
        if (!is_done(edit, now)) pending.push_back(edit);
    }
    return pending;
}

}  // namespace provost::host
