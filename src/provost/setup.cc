// SPDX-License-Identifier: Apache-2.0
#include "host/setup.h"

#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "base/text.h"
#include "provost/command.h"
#include "provost/table.h"

namespace provost::cli {
namespace {

struct Options {
    std::string smtp = "postfix";
    std::string lookups = "native";
    host::SetupWishes wishes;
    bool undo = false;
    bool dry_run = false;
    bool yes = false;
};

// What came of it; with -o json it is one object at the end.
struct Report {
    json::array notes, files;
    std::string diff;
    std::vector<std::string> changes;
    std::vector<std::string> advice;
};

bool is_for_people(Session const& session) { return session.output == Output::table; }

// A text of the host's files: line by line, so that nothing in it drives the terminal.
void print_text(std::ostream& out, std::string const& text)
{
    for (auto line : split(text, '\n')) {
        if (line.data() == text.data() + text.size()) break;  // after the last end of line
        std::string shown;
        for (auto part : split(line, '\t')) shown += (part.data() == line.data() ? "" : "\t") + printable(part);
        out << shown << '\n';
    }
}

// JSON has no other bytes: a comment in Latin-1 is shown with its bytes spelled out.
std::string in_utf8(std::string const& text)
{
    if (is_utf8(text)) return text;
    std::string shown;
    for (auto line : split(text, '\n')) {
        if (line.data() != text.data()) shown += '\n';
        shown += is_utf8(line) ? std::string(line) : escaped(line, line.size());
    }
    return shown;
}

void show_files(Session& session, std::vector<host::FileChange> const& files, Report& report)
{
    auto const diff = host::diff_of(files);
    for (auto const& file : files) report.files.emplace_back(file.path);
    report.diff += in_utf8(diff);
    if (is_for_people(session)) print_text(session.around.out, diff);
}

void show_list(Session& session, std::string const& head, std::vector<std::string> const& lines)
{
    if (lines.empty() || !is_for_people(session)) return;
    session.around.out << head << '\n';
    for (auto const& line : lines) session.around.out << "  " << printable(line) << '\n';
}

void end(Session& session, Options const& options, Report const& report)
{
    if (session.output == Output::json) {
        json::object const object{{"notes", report.notes},
                                  {"files", report.files},
                                  {"diff", report.diff},
                                  {"changes", json::array(report.changes.begin(), report.changes.end())},
                                  {"left_to_do", json::array(report.advice.begin(), report.advice.end())}};
        session.around.out << json::serialize(object) << '\n';
        return;
    }
    auto changes = report.changes;
    if (options.dry_run) {
        if (is_for_people(session) && !report.files.empty()) return;
        for (auto const& file : report.files) changes.push_back("would write " + std::string(file.as_string()));
    }
    print_changes(session, changes);
    show_list(session, "Left to do:", report.advice);
}

void add(Report& report, host::Changes const& changes)
{
    report.changes.insert(report.changes.end(), changes.begin(), changes.end());
}

Result<void> agreed_to_change(Session& session, Options const& options, std::string const& question)
{
    if (options.yes || is_for_people(session)) return agreed(session, options.yes, question);
    return fail(Fault::invalid, "what it would change is not shown in this form: look with --dry-run, and say --yes");
}

// One way back or the other: shown, agreed to where somebody's own changes go, taken.
Result<void> take_back(Session& session, Options const& options, host::WayBack const& way, bool asks,
                       std::function<Result<host::Changes>()> const& act, Report& report)
{
    show_files(session, way.files, report);
    std::vector<std::string> by_hand;
    for (auto const& path : way.by_hand) by_hand.push_back(path + ": a copy of it is put aside");
    show_list(session, "Changed by hand since:", by_hand);
    if (options.dry_run) return {};
    if (asks || !way.by_hand.empty()) {
        CHECK_OK(agreed_to_change(session, options, "Bring back " + std::to_string(way.files.size()) + " files?"));
    }
    auto const changes = TRY(act());
    add(report, changes);
    return {};
}

Result<void> undo(Session& session, Options const& options, HostActs const& acts, Report& report)
{
    auto const way = TRY(acts.plan_undo());
    if (!way.is_needed) return {};
    return take_back(session, options, way, false, acts.undo, report);
}

// Whether the daemon runs and says that nothing was ever put into the directory.
bool has_nothing_in_it(Session& session)
{
    auto const status = session.client.get("/status");
    if (!status) return false;
    auto const* revision = member_at(*status, "record.position.revision");
    return revision != nullptr && revision->is_int64() && revision->as_int64() == 0;
}

std::string other_server(host::SetupPlan const& plan)
{
    if (!plan.cyrus.empty()) return " and Cyrus " + plan.cyrus;
    return plan.dovecot.empty() ? "" : " and Dovecot " + plan.dovecot;
}

Result<void> set_up(Session& session, Options const& options, HostActs const& acts, Report& report)
{
    auto const left = TRY(acts.plan_recovery());
    if (left.is_needed) {
        if (is_for_people(session)) session.around.out << "An earlier run was interrupted. First is brought back:\n";
        CHECK_OK(take_back(session, options, left, true, acts.recover, report));
        if (options.dry_run) return {};
    }
    auto const plan = TRY(acts.plan(options.wishes));
    for (auto const& note : plan.notes) report.notes.emplace_back(note);
    show_list(session, "What will be different for those whom this host serves already:", plan.notes);
    show_files(session, plan.files, report);
    show_list(session, "Missing:", plan.places);
    if (plan.is_empty() || options.dry_run) return {};
    CHECK_OK(agreed_to_change(
        session, options,
        "Change this for Postfix " + plan.postfix + other_server(plan) + ", and let them read it if they run?"));
    auto const changes = TRY(acts.apply(plan));
    add(report, changes);
    report.advice = acts.advice(plan);
    if (has_nothing_in_it(session)) {
        report.advice.insert(report.advice.begin(),
                             "Nothing is in the directory yet, and mail waits: provost domain add NAME");
    }
    return {};
}

Exit act(Session& session, Options const& options)
{
    if (options.undo && options.wishes != host::SetupWishes()) {
        return complain(session,
                        {Fault::invalid, "--undo brings back what was: what is to be otherwise goes with setup", {}});
    }
    auto const acts = session.around.host_acts(session.settings_file);
    if (!acts) return complain(session, acts.error());
    Report report;
    auto const done = options.undo ? undo(session, options, *acts, report) : set_up(session, options, *acts, report);
    if (!done) return complain(session, done.error());
    end(session, options, report);
    return Exit::done;
}

void declare_ports(CLI::App& app, host::SetupWishes& wishes)
{
    app.add_option("--submission", wishes.submission, "For submission with STARTTLS; also ADDRESS:PORT")
        ->type_name("PORT");
    app.add_option("--submissions", wishes.submissions, "For submission within TLS; also ADDRESS:PORT")
        ->type_name("PORT");
    for (auto const& [name, port, what] :
         {std::tuple("--imap-port", &wishes.imap, "IMAP with STARTTLS; 0: no such listener, as with the next four"),
          std::tuple("--imaps-port", &wishes.imaps, "IMAP within TLS"),
          std::tuple("--pop3-port", &wishes.pop3, "POP3 with STLS"),
          std::tuple("--pop3s-port", &wishes.pop3s, "POP3 within TLS"),
          std::tuple("--sieve-port", &wishes.sieve, "ManageSieve with STARTTLS")}) {
        app.add_option(name, *port, what)->type_name("PORT");
    }
}

}  // namespace

void print_changes(Session& session, std::vector<std::string> const& changes)
{
    auto& out = session.around.out;
    if (session.output == Output::json) {
        out << json::serialize(json::object{{"changes", json::array(changes.begin(), changes.end())}}) << '\n';
        return;
    }
    if (session.output == Output::csv) {
        Table table{{"change"}, {}};
        for (auto const& change : changes) table.rows.push_back({change});
        out << as_csv(table);
        return;
    }
    for (auto const& change : changes) out << printable(change) << '\n';
    if (changes.empty()) out << "nothing to change\n";
}

Verb setup_verb()
{
    return {{"setup"},
            "Make this host's Postfix, and its Dovecot or Cyrus, ask the directory; with --undo, as they did before",
            "provost setup --certificate /etc/ssl/mx.pem --key /etc/ssl/private/mx.key",
            [](CLI::App& app) -> Action {
                auto options = std::make_shared<Options>();
                auto& wishes = options->wishes;
                app.add_option("--smtp", options->smtp, "Who takes mail")
                    ->check(CLI::IsMember({"postfix"}))
                    ->type_name("postfix");
                app.add_option("--imap", wishes.imap_server,
                               "Who has the mailboxes: dovecot or cyrus; else as [mail] target says")
                    ->check(CLI::IsMember({"dovecot", "cyrus"}))
                    ->type_name("SERVER");
                app.add_option("--smtp-sasl", wishes.smtp_sasl,
                               "By what Postfix asks for sign-ins: dovecot, or cyrus for Cyrus SASL")
                    ->check(CLI::IsMember({"dovecot", "cyrus"}))
                    ->type_name("TYPE");
                app.add_option("--lookups", options->lookups, "How they ask")
                    ->check(CLI::IsMember({"native"}))
                    ->type_name("native");
                app.add_option("--host-name", wishes.host_name, "What Postfix calls this host")->type_name("NAME");
                app.add_option("--networks", wishes.networks,
                               "Who may relay by port 25 without signing in; \"\": nobody")
                    ->type_name("LIST");
                app.add_option("--certificate", wishes.certificate, "With its chain")->type_name("FILE");
                app.add_option("--key", wishes.key, "Of the certificate")->type_name("FILE");
                app.add_option("--logs", wishes.logs, "For mail.log and dovecot.log, rather than syslog")
                    ->type_name("FOLDER");
                declare_ports(app, wishes);
                app.add_flag("--undo", options->undo, "Bring back every file as it was before the first setup");
                app.add_flag("-n,--dry-run", options->dry_run, "Show what would change, and change nothing");
                app.add_flag("-y,--yes", options->yes, "Do not ask");
                return [options](Session& session) { return act(session, *options); };
            }};
}

}  // namespace provost::cli
