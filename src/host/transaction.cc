// SPDX-License-Identifier: Apache-2.0
#include "host/transaction.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include "base/text.h"
#include "host/init.h"
#include "host/reload.h"
#include "host/units.h"

namespace provost::host {

namespace {

using Phase = Record::Phase;

// A host without systemd may have no such folder.
Folder tmpfiles_folder() { return {"/etc/tmpfiles.d", {"root", "root", 0755}, false}; }

// What is needed at every step of a change.
struct Change {
    Root const& root;
    Site const& site;
    Runner const& run;
    Step const& step;
    RecordFolder const& folder;
    Record record = {};
    Changes changes = {};
    bool restarts_postfix = false;  // which ran before

    Result<void> save() const { return write_record(folder, record); }
    // Where a server is concerned: by its files, or as the one that keeps the mailboxes.
    Reload reload(Sockets sockets) const
    {
        auto const changed = servers_of(record);
        auto const& settings = site.settings;
        return {sockets, changed.dovecot || !is_of_cyrus(settings), changed.cyrus};
    }
    bool was_set_up() const
    {
        return std::any_of(record.entries.begin(), record.entries.end(),
                           [](Entry const& entry) { return entry.ours.has_value(); });
    }
};

Result<void> check_unchanged(Root const& root, std::vector<FileChange> const& files)
{
    for (auto const& file : files) {
        auto const now = TRY(root.state(file.path));
        if (now != file.now) {
            return fail(Fault::conflict, file.path + " has changed meanwhile: run it again", file.path);
        }
    }
    return {};
}

// Keeps every file as it is, and says in the record what is going to happen to it.
Result<void> begin(Change& change, SetupPlan const& plan)
{
    auto const& files = plan.files;
    CHECK_OK(change.step("keep what is there"));
    for (auto const& file : files) {
        auto const before = TRY(keep(change.folder, file.now));
        auto* entry = change.record.find(file.path);
        if (entry == nullptr) entry = &change.record.entries.emplace_back(Entry{file.path, before});
        if (entry->ours && *entry->ours != before) entry->by_hand = true;
        entry->before = before;
        entry->next = stamp_of(file.next);
    }
    if (!change.root.exists(tmpfiles_folder().path)) change.record.folders.push_back(tmpfiles_folder().path);
    for (auto const& membership : plan.members) change.record.members.push_back({membership, false});
    change.record.phase = Phase::changing;
    CHECK_OK(change.step("record"));
    return change.save();
}

Result<void> join_groups(Change& change, std::vector<Membership> const& members)
{
    for (auto const& membership : members) {
        CHECK_OK(change.step("make " + membership.user + " a member of " + membership.group));
        CHECK_OK(add_member(change.root, membership, change.run));
        change.changes.push_back("made " + membership.user + " a member of the group " + membership.group);
    }
    return {};
}

// Those who joined by the change that is taken back, or by any.
Result<void> leave_groups(Change& change, bool all)
{
    auto& members = change.record.members;
    for (auto const& [membership, is_settled] : members) {
        if (is_settled && !all) continue;
        CHECK_OK(change.step("take " + membership.user + " out of " + membership.group));
        auto const is_in = is_member(change.root, membership);
        if (!is_in || !*is_in) continue;
        CHECK_OK(remove_member(change.root, membership, change.run));
        change.changes.push_back("took " + membership.user + " out of the group " + membership.group);
    }
    std::erase_if(members, [&](Joined const& joined) { return all || !joined.is_settled; });
    return {};
}

Result<void> write_files(Change& change, std::vector<FileChange> const& files)
{
    CHECK_OK(change.root.folder(tmpfiles_folder(), change.changes));
    for (auto const& file : files) {
        CHECK_OK(change.step("write " + file.path));
        CHECK_OK(change.root.put(file.path, file.next));
        change.changes.push_back("wrote " + file.path);
    }
    return {};
}

// Brings a file back. What is there and is neither that nor ours goes aside first.
Result<void> bring_back(Change& change, Entry const& entry, Stamp const& wanted)
{
    CHECK_OK(change.step("bring back " + entry.path));
    change.root.sweep(entry.path);
    auto const now = TRY(change.root.state(entry.path));
    auto const stamp = stamp_of(now);
    if (stamp == wanted) return {};
    auto const is_ours = stamp == entry.ours || stamp == entry.next || stamp == entry.before;
    auto const has_by_hand = entry.by_hand && change.record.phase == Phase::undoing;
    if (now.there && (!is_ours || has_by_hand)) {
        auto const aside = TRY(put_aside(change.folder, entry.path, now));
        change.changes.push_back("copied " + entry.path + ", which was changed by hand, to " + aside);
    }
    auto const before = TRY(kept(change.folder, wanted));
    CHECK_OK(change.root.put(entry.path, before));
    change.changes.push_back((wanted.there ? "brought back " : "removed ") + entry.path);
    return {};
}

// Folders that somebody put something into stay.
void remove_folders(Change& change)
{
    for (auto const& folder : change.record.folders) {
        if (::rmdir(change.root.at(folder).c_str()) == 0) change.changes.push_back("removed the folder " + folder);
    }
    change.record.folders.clear();
}

Result<void> finish(Change& change)
{
    change.record.phase = Phase::idle;
    CHECK_OK(change.step("finish"));
    CHECK_OK(change.save());
    return tidy(change.folder, change.record);
}

// From here on the change is not taken back any more.
Result<void> commit(Change& change)
{
    auto const under_way = change.record;
    for (auto& entry : change.record.entries) {
        if (entry.next) entry.ours = entry.next;
        entry.before = entry.next = std::nullopt;
    }
    for (auto& member : change.record.members) member.is_settled = true;
    auto done = finish(change);
    if (!done) change.record = under_way;
    return done;
}

Result<void> carry_out(Change& change, SetupPlan const& plan)
{
    Site const site{plan.settings, change.site.file};
    CHECK_OK(join_groups(change, plan.members));
    if (is_of_cyrus(site.settings)) CHECK_OK(make_cyrus_password(change.root, site.settings, change.changes));
    CHECK_OK(write_files(change, plan.files));
    CHECK_OK(change.step("check"));
    CHECK_OK(check_servers(change.root, site.settings, plan.options, change.run));
    CHECK_OK(change.step("reload"));
    change.restarts_postfix = plan.restart_postfix && postfix_runs(change.root, change.run);
    if (plan.restart_daemon) CHECK_OK(start_daemon(change.root, site.settings, site.file, change.run, change.changes));
    Reload const reload{Sockets::ours, !is_of_cyrus(site.settings), plan.restart_cyrus, plan.restart_postfix};
    CHECK_OK(reload_servers(change.root, site, reload, change.run, change.changes));
    return commit(change);
}

// To before the change that is under way.
Result<void> roll_back(Change& change)
{
    for (auto const& entry : change.record.entries) {
        if (entry.before) CHECK_OK(bring_back(change, entry, *entry.before));
    }
    for (auto& entry : change.record.entries) entry.before = entry.next = std::nullopt;
    CHECK_OK(leave_groups(change, false));
    auto reload = change.reload(change.was_set_up() ? Sockets::ours : Sockets::its_own);
    reload.restart_postfix = change.restarts_postfix;
    auto& entries = change.record.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(), [](Entry const& entry) { return !entry.ours; }),
                  entries.end());
    if (entries.empty()) remove_folders(change);
    CHECK_OK(change.step("reload"));
    CHECK_OK(reload_servers(change.root, change.site, reload, change.run, change.changes));
    // One that was stopped, and did not start with what was written.
    if (change.restarts_postfix && !postfix_runs(change.root, change.run)) {
        CHECK_OK(start_postfix(change.root, change.run));
    }
    return finish(change);
}

// To before the first setup. Can be interrupted and goes on.
Result<void> undo(Change& change)
{
    change.record.phase = Phase::undoing;
    CHECK_OK(change.step("record"));
    CHECK_OK(change.save());
    for (auto const& entry : change.record.entries) CHECK_OK(bring_back(change, entry, entry.first));
    CHECK_OK(leave_groups(change, true));
    CHECK_OK(change.step("reload"));
    auto reload = change.reload(Sockets::its_own);
    reload.restart_postfix = true;
    CHECK_OK(reload_servers(change.root, change.site, reload, change.run, change.changes));
    remove_folders(change);
    change.record.entries.clear();
    return finish(change);
}

// The error of a change that could not be made, after it was taken back.
tl::unexpected<Error> taken_back(Change& change, Error error)
{
    change.changes.clear();
    // On a host in service an undo would go back to before the first setup, and out of the directory.
    auto const was_in_service = change.was_set_up();
    auto const back = roll_back(change);
    error.message += back ? ". Everything was put back as it was"
                          : ". Not everything could be put back (" + back.error().message + "): run `provost setup" +
                                (was_in_service ? "`, which puts it back first, when it can" : " --undo` when it can");
    return tl::make_unexpected(std::move(error));
}

// The way to one stamp of each entry that has it.
template <class Wanted>
Result<WayBack> way_back(Root const& root, RecordFolder const& folder, Record const& record, Wanted wanted)
{
    WayBack way;
    way.is_needed = record.phase != Phase::idle || !record.entries.empty() || !record.members.empty();
    for (auto const& entry : record.entries) {
        Stamp const* const stamp = wanted(entry);
        if (stamp == nullptr) continue;
        auto const now = TRY(root.state(entry.path));
        auto const is = stamp_of(now);
        if (is == *stamp) continue;
        auto const has_by_hand = entry.by_hand && stamp == &entry.first;
        if (has_by_hand || (is != entry.ours && is != entry.next && is != entry.before)) {
            way.by_hand.push_back(entry.path);
        }
        auto const then = TRY(kept(folder, *stamp));
        way.files.push_back({entry.path, now, then});
    }
    return way;
}

Stamp const* first_of(Entry const& entry) { return &entry.first; }
Stamp const* before_of(Entry const& entry) { return entry.before ? &*entry.before : nullptr; }

// Where setup never ran there is no way back, and none is needed.
Result<WayBack> nothing_or(Error const& error)
{
    if (error.fault == Fault::not_found) return WayBack{};
    return tl::make_unexpected(error);
}

}  // namespace

Result<Changes> apply_setup(Root const& root, Site const& site, SetupPlan const& plan, Runner const& run,
                            Step const& step)
{
    auto const lock = TRY(RecordLock::take(root, record_folder(site.settings)));
    Change change{root, site, run, step, lock.folder()};
    change.record = TRY(read_record(change.folder));
    if (change.record.phase != Phase::idle) {
        return fail(Fault::conflict, "a setup was interrupted meanwhile: run it again");
    }
    CHECK_OK(check_unchanged(root, plan.files));
    CHECK_OK(begin(change, plan));
    auto const done = carry_out(change, plan);
    if (!done) return taken_back(change, done.error());
    return change.changes;
}

Result<WayBack> plan_undo(Root const& root, Site const& site)
{
    auto const folder = RecordFolder::open(root, record_folder(site.settings));
    if (!folder) return nothing_or(folder.error());
    auto const record = TRY(read_record(*folder));
    return way_back(root, *folder, record, first_of);
}

Result<Changes> undo_setup(Root const& root, Site const& site, Runner const& run, Step const& step)
{
    auto const lock = TRY(RecordLock::take(root, record_folder(site.settings)));
    Change change{root, site, run, step, lock.folder()};
    change.record = TRY(read_record(change.folder));
    CHECK_OK(undo(change));
    return change.changes;
}

Result<WayBack> plan_recovery(Root const& root, Site const& site)
{
    auto const folder = RecordFolder::open(root, record_folder(site.settings));
    if (!folder) return nothing_or(folder.error());
    auto const record = TRY(read_record(*folder));
    if (record.phase == Phase::idle) return WayBack{};
    return way_back(root, *folder, record, record.phase == Phase::undoing ? first_of : before_of);
}

Result<Changes> recover_setup(Root const& root, Site const& site, Runner const& run, Step const& step)
{
    auto const lock = TRY(RecordLock::take(root, record_folder(site.settings)));
    Change change{root, site, run, step, lock.folder()};
    change.record = TRY(read_record(change.folder));
    if (change.record.phase == Phase::changing) CHECK_OK(roll_back(change));
    if (change.record.phase == Phase::undoing) CHECK_OK(undo(change));
    return change.changes;
}

}  // namespace provost::host
