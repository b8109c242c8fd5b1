// SPDX-License-Identifier: Apache-2.0
#include "host/setup.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "base/text.h"
#include "host/diff.h"
#include "host/dovecot_now.h"
#include "host/init.h"
#include "host/notes.h"
#include "host/plan_files.h"
#include "host/postfix_copy.h"
#include "host/postfix_sasl.h"
#include "host/record.h"
#include "host/reload.h"
#include "host/settings_file.h"
#include "host/setup_cyrus.h"
#include "host/sockets.h"

namespace provost::host {

namespace {

constexpr auto dovecot_folder = "/etc/dovecot";
constexpr auto our_conf = "/etc/dovecot/provost.conf";
constexpr auto tmpfiles = "/etc/tmpfiles.d/provost.conf";

bool has_line(std::string const& text, std::vector<std::string> const& lines)
{
    for (auto const line : split(text, '\n')) {
        if (std::find(lines.begin(), lines.end(), trimmed(line)) != lines.end()) return true;
    }
    return false;
}

// The file that Dovecot reads last and that is not Debian's own: local.conf, unless dovecot.conf does not ask for it.
std::string last_read(std::string const& dovecot_conf)
{
    for (std::string const file : {"local.conf", "/etc/dovecot/local.conf"}) {
        if (has_line(dovecot_conf, {"!include_try " + file, "!include " + file})) return "local.conf";
    }
    return "dovecot.conf";
}

constexpr auto our_comment = "# Provost's settings; last, so that they hold.";
std::string our_include() { return std::string("!include ") + our_conf; }

// Whether nothing but comments comes after our line.
bool ends_with_ours(std::string const& text)
{
    auto is_last = false;
    for (auto const line : split(text, '\n')) {
        auto const bare = trimmed(line);
        if (!bare.empty() && !bare.starts_with('#')) is_last = bare == our_include();
    }
    return is_last;
}

// Where somebody wrote on after our line, it goes to the end anew.
std::string with_ours_last(std::string const& text)
{
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = std::min(text.find('\n', at), text.size() - 1) + 1;
        auto const line = trimmed(std::string_view(text).substr(at, end - at));
        if (line != our_include() && line != our_comment) kept += text.substr(at, end - at);
        at = end;
    }
    if (!kept.empty() && !kept.ends_with('\n')) kept += '\n';
    return kept + our_comment + "\n" + our_include() + "\n";
}

Result<void> plan_dovecot(Root const& root, config::Settings const& settings, DovecotFamily family, SetupPlan& plan)
{
    auto const& options = plan.options.dovecot;
    auto const text = TRY(dovecot_conf(family, settings, options));
    auto const key = root.read(settings.dovecot.doveadm_key_file);
    if (!key) {
        return fail(Fault::not_found,
                    "there is no " + settings.dovecot.doveadm_key_file + ": run `provost init` first");
    }
    auto const secrets = TRY(dovecot_secrets(Secret(std::string(trimmed(*key)))));
    CHECK_OK(change_ours(root, plan, options.secrets_file, ours(std::string(secrets.reveal()), 0600)));
    CHECK_OK(change_ours(root, plan, our_conf, ours(text)));
    auto const main = TRY(root.read(std::string(dovecot_folder) + "/dovecot.conf"));
    auto const path = TRY(root.real(std::string(dovecot_folder) + "/" + last_read(main)));
    auto const now = TRY(root.state(path));
    if (!ends_with_ours(now.content)) change_text(plan, path, now, with_ours_last(now.content));
    return {};
}

std::vector<PostfixEdit> without_kept(std::vector<PostfixEdit> edits, std::vector<std::string> const& kept)
{
    edits.erase(std::remove_if(edits.begin(), edits.end(),
                               [&](PostfixEdit const& edit) {
                                   return std::find(kept.begin(), kept.end(), edit.key) != kept.end();
                               }),
                edits.end());
    return edits;
}

Result<std::string> host_name(SetupWishes const& wishes, PostfixCopy const& copy)
{
    return wishes.host_name ? *wishes.host_name : copy.host_name();
}

Result<void> plan_smtpd_conf(Root const& root, config::Settings const& settings, PostfixNow const& now, SetupPlan& plan)
{
    auto const path = smtpd_conf_path(now);
    auto const state = TRY(root.state(path));
    auto const text = TRY(smtpd_conf(root, settings, now, plan.options.postfix, state.content));
    change_text(plan, path, state, text);
    return {};
}

Result<void> plan_postfix(Root const& root, config::Settings const& settings, PostfixFamily family,
                          SetupWishes const& wishes, ImapNow const& imap, Runner const& run, SetupPlan& plan)
{
    auto const main_path = TRY(root.real("/etc/postfix/main.cf"));
    auto const master_path = TRY(root.real("/etc/postfix/master.cf"));
    auto const main = TRY(root.state(main_path));
    auto const master = TRY(root.state(master_path));
    if (!main.there || !master.there) {
        return fail(Fault::conflict, "Postfix has no " + (main.there ? master_path : main_path) +
                                         ": dpkg-reconfigure postfix makes one");
    }
    auto copy = TRY(PostfixCopy::make(main.content, master.content, run));
    auto const before = copy.now();
    auto const demands = TRY(postfix_demands(root, settings, family, wishes, copy, imap));
    plan.options = demands.options;
    auto const& edits = demands.edits;
    auto const pending = pending_edits(edits, before);
    plan.notes = postfix_notes(root, before, pending, plan.options.postfix);
    plan.restart_postfix = std::any_of(pending.begin(), pending.end(), [&](PostfixEdit const& edit) {
        return edit.key == "inet_interfaces" && !before.value(edit.key).empty();
    });
    if (plan.options.postfix.sasl_type == "cyrus") CHECK_OK(plan_smtpd_conf(root, settings, before, plan));
    CHECK_OK(copy.apply(edits));
    auto main_text = TRY(copy.main());
    auto master_text = TRY(copy.master());
    change_text(plan, main_path, main, std::move(main_text));
    change_text(plan, master_path, master, std::move(master_text));
    return {};
}

std::vector<std::string> missing_places(Root const& root, config::Settings const& settings)
{
    std::vector<std::string> missing;
    for (auto const& folder : socket_folders(settings)) {
        if (!std::filesystem::is_directory(root.at(folder.path))) missing.push_back("the folder " + folder.path);
    }
    for (auto const& [path, target] : socket_links(settings)) {
        std::error_code error;
        if (std::filesystem::read_symlink(root.at(path), error) != target || error) {
            missing.push_back("the link " + path + " to " + target);
        }
    }
    return missing;
}

// What is set up for one server has its files, sockets and groups: it is taken back before another one's.
Result<void> check_one_server(Root const& root, config::Settings const& settings)
{
    auto const folder = RecordFolder::open(root, record_folder(settings));
    if (!folder) return {};
    auto const record = TRY(read_record(*folder));
    auto const others = servers_of(record);
    auto const is_other = is_of_cyrus(settings) ? others.dovecot : others.cyrus;
    if (!is_other || record.phase != Record::Phase::idle) return {};
    return fail(Fault::conflict,
                std::string("this host was set up with ") + (is_of_cyrus(settings) ? "Dovecot" : "Cyrus") +
                    ": first run `provost setup --undo`",
                "--imap");
}

// The server that keeps the mailboxes: its version's family, and how it is.
struct ImapServer {
    DovecotFamily dovecot = DovecotFamily::v2_3;
    CyrusFamily cyrus = CyrusFamily::v3_6;
    ImapNow now = {};
};

Result<ImapServer> read_imap_server(Root const& root, config::Settings const& settings, Runner const& run,
                                    SetupPlan& plan)
{
    ImapServer server;
    if (!is_of_cyrus(settings)) {
        auto const told = dovecot_version(run);
        if (!told && told.error().fault == Fault::not_found && root.exists(std::string(cyrus_programs) + "imapd")) {
            return fail(Fault::not_found,
                        "Dovecot is not installed on this host, but Cyrus is: provost setup --imap cyrus");
        }
        auto const version = TRY(told);
        server.dovecot = version.family;
        plan.dovecot = version.text;
        server.now.dovecot = TRY(read_dovecot(root, run));
    } else if (has_cyrus_here(settings)) {
        auto const version = TRY(cyrus_version(run));
        server.cyrus = version.family;
        plan.cyrus = version.text;
        server.now.cyrus = TRY(read_cyrus(root, settings));
    }
    return server;
}

// The settings, and what is made of them for whoever holds the daemon's sockets.
Result<void> plan_settings(Root const& root, Site const& site, SetupPlan& plan)
{
    auto const& settings = plan.settings;
    if (settings.mail.target != site.settings.mail.target) {
        auto const path = TRY(root.real(site.file));
        auto const now = TRY(root.state(path));
        auto const text = TRY(with_target(now.content, settings.mail.target, site.file));
        change_text(plan, path, now, text);
        plan.restart_daemon = true;
    }
    if (is_of_cyrus(settings)) {
        auto const folder = std::filesystem::path(site.file).parent_path().string();
        CHECK_OK(change_ours(root, plan, folder + "/" + holder_file_name, ours(holder_file(sockets_of(settings)))));
        auto const& password = settings.cyrus.admin_password_file;
        if (!root.exists(password)) plan.places.push_back("the file " + password);
    }
    return {};
}

std::string shown_access(FileState const& state)
{
    return state.there ? fmt::format("{}:{} {:04o}", state.uid, state.gid, state.mode) : "absent";
}

tl::unexpected<Error> not_understood(std::string const& server, Error const& error)
{
    auto const fault = error.fault == Fault::invalid ? Fault::conflict : error.fault;
    return fail(fault, server + " does not take what was written: " + error.message);
}

// What must hold in Dovecot whatever else its files say; each with the value that it is to have.
std::vector<std::pair<std::string, std::string>> essentials(DovecotOptions const& options, std::string const& login)
{
    std::vector<std::pair<std::string, std::string>> list{{"ssl", "required"}};
    for (auto const& [program, on] : {std::pair(std::string("imap-login"), options.imap != 0 || options.imaps != 0),
                                      std::pair(std::string("pop3-login"), options.pop3 != 0 || options.pop3s != 0),
                                      std::pair(std::string("managesieve-login"), options.sieve != 0)}) {
        if (on) list.emplace_back("service " + program + "/executable", program + " " + login);
    }
    return list;
}

Result<void> check_dovecot(Root const& root, config::Settings const& settings, DovecotOptions const& options,
                           Runner const& run)
{
    auto const conf = run(doveconf(root, {"-n"}));
    if (!conf) return not_understood("Dovecot", conf.error());
    auto const now = TRY(read_dovecot(root, run));
    auto const login = TRY(dovecot_login_argument(settings));
    for (auto const& [name, value] : essentials(options, login)) {
        if (now.value(name) == value) continue;
        return fail(Fault::conflict, fmt::format("Dovecot does not go by {}: {} is '{}' and not '{}'. Something else "
                                                 "sets it after that file is read",
                                                 our_conf, name, escaped(now.value(name)), value));
    }
    return {};
}

}  // namespace

Result<PostfixDemands> postfix_demands(Root const& root, config::Settings const& settings, PostfixFamily family,
                                       SetupWishes const& wishes, PostfixCopy const& copy, ImapNow const& imap)
{
    PostfixDemands demands;
    auto const name = TRY(host_name(wishes, copy));
    auto now = copy.now();
    // /etc/letsencrypt/live/$myhostname/cert.pem is a file's name only when Postfix has read it.
    for (auto const* parameter : {"smtpd_tls_chain_files", "smtpd_tls_cert_file", "smtpd_tls_key_file"}) {
        if (now.value(parameter).find('$') == std::string::npos) continue;
        now.main[parameter] = TRY(copy.expanded(parameter));
    }
    demands.options = TRY(settle(root, settings, wishes, now, imap, name));
    auto edits = in_the_way(copy.now(), demands.options.postfix);
    if (wishes.logs && wishes.logs->empty()) edits.push_back({PostfixEdit::Kind::remove, "maillog_file"});
    auto const settled = TRY(postfix_settings(family, settings, demands.options.postfix));
    edits.insert(edits.end(), settled.begin(), settled.end());
    demands.edits = without_kept(std::move(edits), demands.options.kept);
    return demands;
}

Result<SetupPlan> plan_setup(Root const& root, Site const& site, SetupWishes const& wishes, Runner const& run)
{
    SetupPlan plan;
    plan.settings = site.settings;
    auto& settings = plan.settings;
    if (wishes.imap_server) settings.mail.target = *wishes.imap_server;
    CHECK_OK(check_one_server(root, settings));
    CHECK_OK(check_folders(root, socket_folders(settings)));
    auto const postfix = TRY(postfix_version(run));
    plan.postfix = postfix.text;
    auto const server = TRY(read_imap_server(root, settings, run, plan));
    SetupPlan of_postfix;
    CHECK_OK(plan_postfix(root, settings, postfix.family, wishes, server.now, run, of_postfix));
    plan.options = of_postfix.options;
    plan.restart_postfix = of_postfix.restart_postfix;
    plan.notes = of_postfix.notes;
    CHECK_OK(plan_settings(root, site, plan));
    // That server before Postfix: nothing is handed to a socket that is not there yet.
    if (server.now.dovecot) CHECK_OK(plan_dovecot(root, settings, server.dovecot, plan));
    if (server.now.cyrus) CHECK_OK(plan_cyrus(root, settings, server.cyrus, *server.now.cyrus, plan));
    CHECK_OK(change_ours(root, plan, tmpfiles, ours(tmpfiles_conf(settings))));
    plan.files.insert(plan.files.end(), of_postfix.files.begin(), of_postfix.files.end());
    for (auto& place : missing_places(root, settings)) plan.places.push_back(std::move(place));
    if (server.now.dovecot) {
        auto const login = TRY(dovecot_login_argument(settings));
        for (auto& note : dovecot_notes(*server.now.dovecot, login)) plan.notes.push_back(std::move(note));
    }
    return plan;
}

std::string diff_of(std::vector<FileChange> const& files)
{
    std::string text;
    for (auto const& [path, now, next] : files) {
        text +=
            unified_diff(now.there ? path : "/dev/null", next.there ? path : "/dev/null", now.content, next.content);
        auto const moved = now.uid != next.uid || now.gid != next.gid || now.mode != next.mode;
        if (moved || now.there != next.there) {
            text += fmt::format("# {}: owner and mode {} -> {}\n", path, shown_access(now), shown_access(next));
        }
    }
    return text;
}

Result<void> check_servers(Root const& root, config::Settings const& settings, ServerOptions const& options,
                           Runner const& run)
{
    auto const postfix = run(postfix_command(root, "check"));
    if (!postfix) return not_understood("Postfix", postfix.error());
    if (has_cyrus_here(settings)) return check_cyrus(root, settings, options.cyrus, run);
    return is_of_cyrus(settings) ? Result<void>() : check_dovecot(root, settings, options.dovecot, run);
}

}  // namespace provost::host
