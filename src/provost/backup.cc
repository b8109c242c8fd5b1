// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "provost/command.h"
#include "provost/show.h"

namespace provost::cli {
namespace {

constexpr std::size_t most_named = 20;  // in a table; JSON has all

json::array array_of(std::vector<std::string> const& names) { return json::array(names.begin(), names.end()); }

json::object backup_json(std::string const& file, store::Manifest const& made)
{
    return {{"file", file},
            {"revision", made.position.revision},
            {"last_act", to_rfc3339(made.last_act)},
            {"made", to_rfc3339(made.made)},
            {"schema", made.schema},
            {"bytes", made.bytes}};
}

json::object restore_json(std::string const& file, RestoreReport const& report)
{
    auto const& done = report.restored;
    json::value before = nullptr;
    if (done.before)
        before =
            json::object{{"revision", done.before->position.revision}, {"last_act", to_rfc3339(done.before->last_act)}};
    json::value revision = nullptr;
    if (done.position.revision != 0) revision = done.position.revision;
    return {{"backup", backup_json(file, done.backup)},  {"before", std::move(before)},
            {"revision", std::move(revision)},           {"aside", done.aside},
            {"without_mail", array_of(done.back_again)}, {"gone", array_of(done.gone)},
            {"homes_of_nobody", array_of(report.homes)}};
}

void print_named(Session& session, std::string const& what, std::vector<std::string> const& names)
{
    if (names.empty()) return;
    auto& out = session.around.out;
    out << what << ":\n";
    for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) out << "  " << printable(names[i]) << '\n';
    if (names.size() > most_named) out << "  and " << names.size() - most_named << " more; -o json names all\n";
}

std::string said(store::Position const& position, Time last_act)
{
    return "revision " + std::to_string(position.revision) + " of " + to_rfc3339(last_act);
}

void print_restored(Session& session, RestoreReport const& report, bool dry_run)
{
    auto& out = session.around.out;
    auto const& done = report.restored;
    out << "the backup:   " << said(done.backup.position, done.backup.last_act) << ", made "
        << to_rfc3339(done.backup.made) << '\n'
        << "the database: "
        << (done.before            ? said(done.before->position, done.before->last_act)
            : done.trouble.empty() ? "there was none"
                                   : printable(done.trouble))
        << '\n';
    if (dry_run) out << "nothing is changed\n";
    else out << "restored, as revision " << done.position.revision << '\n';
    if (!done.aside.empty()) out << "the old database is kept: " << done.aside << '\n';
    out << "mail is not in a backup: it is as it was\n";
    if (!done.before && !done.trouble.empty())
        out << "which mailboxes were purged since cannot be told; they have no mail\n";
    print_named(session, "purged since the backup, so they come back without mail", done.back_again);
    print_named(session, "made since the backup, so they are gone", done.gone);
    print_named(session, "homes of no mailbox", report.homes);
}

// Whether the daemon answers from the database that was restored; it is given the time to read everything.
Exit wait_for_daemon(Session& session, std::string const& epoch)
{
    Stopwatch const since;
    for (;;) {
        auto const found = session.client.get("/status");
        if (!found) {
            session.around.err << "provostd does not answer; it takes the database up when it starts\n";
            return Exit::done;
        }
        json::error_code none;
        json::value const status(*found);
        auto const* answers_from = status.find_pointer("/replica/position/epoch", none);
        if (answers_from && *answers_from == json::value(epoch)) return Exit::done;
        if (since.elapsed() > session.around.patience) {
            session.around.err << "provost: it is restored, but provostd does not answer from it yet: provost status\n";
            return Exit::temporary;
        }
        session.around.pause();
    }
}

Action declare_backup(CLI::App& app)
{
    struct Said {
        std::string file;
        bool force = false;
    };
    auto said = std::make_shared<Said>();
    app.add_option("FILE", said->file, "The backup to be written; password hashes are in it")->required();
    app.add_flag("--force", said->force, "Overwrite the file");
    return [said](Session& session) {
        auto const made = session.around.back_up(session.settings_file, said->file, said->force);
        if (!made) return complain(session, made.error());
        if (session.output != Output::table) {
            print_object(session, backup_json(said->file, *made));
            return Exit::done;
        }
        session.around.out << "backed up to " << printable(said->file) << ": "
                           << cli::said(made->position, made->last_act) << ", " << made->bytes
                           << " bytes\nmail is not in it: back that up too\n";
        return Exit::done;
    };
}

Action declare_restore(CLI::App& app)
{
    struct Said {
        std::string file;
        RestoreWish wish;
    };
    auto said = std::make_shared<Said>();
    app.add_option("FILE", said->file, "A backup that provost backup made")->required();
    app.add_flag("-y,--yes", said->wish.may_lose, "Lose acts that the backup does not have");
    app.add_flag("-n,--dry-run", said->wish.dry_run, "Check the backup, and say what would be");
    return [said](Session& session) {
        auto const report = session.around.restore(session.settings_file, said->file, said->wish);
        if (!report) return complain(session, report.error());
        if (session.output == Output::table) print_restored(session, *report, said->wish.dry_run);
        else print_object(session, restore_json(said->file, *report));
        return said->wish.dry_run ? Exit::done : wait_for_daemon(session, report->restored.position.epoch);
    };
}

}  // namespace

Group backup_group()
{
    return {"",
            "",
            {{{"backup"},
              "Write the directory to a file, while the daemon runs or not; mail is not in it",
              "provost backup /var/backups/provost.backup --force",
              declare_backup},
             {{"restore"},
              "Make the directory what it was; 4 where newer acts would be lost",
              "provost restore /var/backups/provost.backup --dry-run --yes",
              declare_restore}}};
}

}  // namespace provost::cli
