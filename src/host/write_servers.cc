// SPDX-License-Identifier: Apache-2.0
#include "host/write_servers.h"

#include <map>
#include <optional>

#include "base/text.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

using Kind = PostfixEdit::Kind;
using Known = std::map<std::string, std::string, std::less<>>;

std::vector<std::string> postconf(Root const& root, std::string const& flag)
{
    if (root.is_host()) return {"postconf", flag};
    return {"postconf", "-c", root.at("/etc/postfix"), flag};
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

// "name = value" lines, as postconf -n and -P write them.
Result<Known> assignments(Root const& root, std::string const& flag, Runner const& run)
{
    Known known;
    auto const text = TRY(run(postconf(root, flag)));
    for (auto const line : split(text, '\n')) {
        auto const equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        known[std::string(trimmed(line.substr(0, equals)))] = std::string(trimmed(line.substr(equals + 1)));
    }
    return known;
}

// The entries of master.cf by "name/type", without their options.
Result<Known> services(Root const& root, Runner const& run)
{
    Known known;
    auto const text = TRY(run(postconf(root, "-M")));
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

bool is_done(PostfixEdit const& edit, Known const& main, Known const& master, Known const& entries)
{
    auto const& where = edit.kind == Kind::service ? entries : edit.kind == Kind::service_option ? master : main;
    auto const found = where.find(edit.key);
    if (edit.kind == Kind::remove) return found == where.end();
    return found != where.end() && words_of(found->second) == words_of(edit.value);
}

std::string told(PostfixEdit const& edit)
{
    switch (edit.kind) {
        case Kind::set:
            return "postfix: " + edit.key + " = " + edit.value;
        case Kind::remove:
            return "postfix: removed " + edit.key;
        case Kind::service:
            return "postfix: service " + edit.value;
        case Kind::service_option:
            return "postfix: service option " + edit.key + " = " + edit.value;
    }
    return {};
}

// One run of postconf for each kind, in this order: a service must be there before its options.
Result<void> apply(Root const& root, std::vector<PostfixEdit> const& edits, Runner const& run, Changes& changes)
{
    for (auto const& [kind, flag] : {std::pair(Kind::set, "-e"), std::pair(Kind::remove, "-X"),
                                     std::pair(Kind::service, "-M"), std::pair(Kind::service_option, "-P")}) {
        auto words = postconf(root, flag);
        auto const empty = words.size();
        for (auto const& edit : edits) {
            if (edit.kind != kind) continue;
            words.push_back(kind == Kind::remove ? edit.key : edit.key + "=" + edit.value);
        }
        if (words.size() > empty) TRY(run(words));
    }
    for (auto const& edit : edits) changes.push_back(told(edit));
    return {};
}

Result<void> write_dovecot(Root const& root, config::Settings const& settings, DovecotOptions const& options,
                           Runner const& run, Changes& changes)
{
    auto const version = TRY(dovecot_version(run));
    auto const text = TRY(dovecot_conf(version.family, settings, options));
    Secret const key(std::string(trimmed(TRY(root.read(settings.dovecot.doveadm_key_file)))));
    auto const secrets = TRY(dovecot_secrets(key));
    auto const main = options.only_file ? "/etc/dovecot/dovecot.conf" : "/etc/dovecot/local.conf";
    CHECK_OK(root.file(options.secrets_file, std::string(secrets.reveal()), {"root", "root", 0600}, changes));
    return root.file(main, text, {"root", "root", 0644}, changes);
}

}  // namespace

Result<std::vector<PostfixEdit>> pending_edits(Root const& root, std::vector<PostfixEdit> const& edits,
                                               Runner const& run)
{
    auto const main = TRY(assignments(root, "-n", run));
    auto const master = TRY(assignments(root, "-P", run));
    auto const entries = TRY(services(root, run));
    std::vector<PostfixEdit> pending;
    for (auto const& edit : edits) {
        if (!is_done(edit, main, master, entries)) pending.push_back(edit);
    }
    return pending;
}

Result<Changes> write_servers(Root const& root, config::Settings const& settings, ServerOptions const& options,
                              Runner const& run)
{
    Changes changes;
    auto const postfix = TRY(postfix_version(run));
    auto const edits = TRY(postfix_settings(postfix.family, settings, options.postfix));
    CHECK_OK(write_dovecot(root, settings, options.dovecot, run, changes));
    CHECK_OK(root.folder({"/etc/tmpfiles.d", {"root", "root", 0755}, false}, changes));
    CHECK_OK(root.file("/etc/tmpfiles.d/provost.conf", tmpfiles_conf(settings), {"root", "root", 0644}, changes));
    CHECK_OK(make_socket_folders(root, settings, changes));
    CHECK_OK(apply(root, TRY(pending_edits(root, edits, run)), run, changes));
    return changes;
}

Result<void> check_servers(Runner const& run)
{
    TRY(run({"postfix", "check"}));
    TRY(run({"doveconf", "-n"}));
    return {};
}

}  // namespace provost::host
