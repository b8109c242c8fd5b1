// SPDX-License-Identifier: Apache-2.0
#include "targets/cyrus.h"

#include <algorithm>

#include "base/step.h"
#include "base/text.h"
#include "targets/cyrus_words.h"

namespace provost::targets {
namespace {

using mail::Mailbox;
using mail::MailboxKind;
using mail::StoreState;
using net::ImapCommand;
using Lease = CyrusAdmin::Lease;

tl::unexpected<Error> not_here() { return fail(Fault::denied, "open sessions unknown: Cyrus runs on another host"); }

// Programs have no mail.
bool has_mail(Mailbox const& mailbox) { return mailbox.kind != MailboxKind::service; }

// Under which name it was last known to be.
std::string const& last_name(Mailbox const& mailbox)
{
    return mailbox.store.name.empty() ? mailbox.name : mailbox.store.name;
}

Result<void> rename(Lease& cyrus, std::string const& from, std::string const& to)
{
    return cyrus_done(cyrus, "RENAME", from + " " + to, ImapCommand("RENAME").text(from).text(to));
}

}  // namespace

Result<std::vector<OpenSession>> Cyrus::sessions(std::vector<std::string> const& names)
{
    if (!sees_sessions()) return not_here();
    return sessions_.look(names);
}

Result<void> Cyrus::end_sessions(std::vector<std::string> const& names)
{
    if (!sees_sessions()) return not_here();
    return sessions_.end(names);
}

std::string Cyrus::aside(Mailbox const& mailbox)
{
    auto const at = mailbox.name.rfind('@');
    return "deleted-" + mailbox.id.text() + (at == std::string::npos ? std::string() : mailbox.name.substr(at));
}

Result<mail::Store> Cyrus::place(Mailbox const& mailbox) const
{
    if (mailbox.name == settings_.admin)
        return refuse(Fault::conflict, "name", mailbox.name, "is that of Cyrus's administrator ([cyrus] admin)");
    if (!has_mail(mailbox)) return mail::Store{name_, {}, {}, StoreState::ready, {}};
    CHECK_OK(check_cyrus_user(mailbox.name));
    return mail::Store{name_, {}, {}, StoreState::preparing, {}};
}

Result<mail::Store> Cyrus::ensure(Mailbox const& mailbox)
{
    if (!has_mail(mailbox)) return mail::Store{name_, {}, {}, StoreState::ready, {}};
    CHECK_OK(check_cyrus_user(mailbox.name));
    auto cyrus = TRY(admin_.open());
    auto const& user = mailbox.name;
    auto id = mailbox.store.generation;
    bool const is_new = id.empty();
    if (is_new) {
        id = TRY(create(cyrus, user));
        step("cyrus: created");
    } else {
        CHECK_OK(bring_to(cyrus, mailbox, user));
    }
    CHECK_OK(set_quota(cyrus, mailbox, user));
    if (is_new) CHECK_OK(make_folders(cyrus, user));
    if (!is_new || mailbox.kind == MailboxKind::shared) CHECK_OK(set_rights(cyrus, mailbox, user));
    if (is_new && mailbox.kind == MailboxKind::person) CHECK_OK(subscribe(user));
    step("cyrus: made ready");
    return mail::Store{name_, user, id, StoreState::ready, {}};
}

// The id of the new mailbox.
Result<std::string> Cyrus::create(Lease& cyrus, std::string const& user)
{
    auto const mailbox = cyrus.names().mailbox(user);
    ImapCommand command("CREATE");
    command.text(mailbox);
    if (!settings_.partition.empty()) command.word(settings_.partition);
    auto const reply = TRY(cyrus.ask(command));
    if (!reply.is_ok() && reply.text.find("already exists") == std::string::npos && reply.code.name != "ALREADYEXISTS")
        return cyrus_refused("CREATE", mailbox, reply);
    if (!reply.is_ok()) return take_unused(cyrus, user);
    auto const& said = reply.code.arguments;
    if (reply.code.name == "MAILBOXID" && said.size() > 2) return said.substr(1, said.size() - 2);
    auto id = TRY(cyrus_id(cyrus, mailbox));
    if (!id) return fail(Fault::unavailable, "Cyrus does not tell the id of " + mailbox + ", which it has just made");
    return *std::move(id);
}

// One that is there before it was made: ours, if we were stopped in between, and nobody's mail is in it. Mail of
// somebody before is never handed over.
Result<std::string> Cyrus::take_unused(Lease& cyrus, std::string const& user)
{
    auto const mailbox = cyrus.names().mailbox(user);
    auto const contents = TRY(cyrus_contents(cyrus, user));
    if (contents.was_used)
        return fail(Fault::unavailable, mailbox + " is in Cyrus already, with " + std::to_string(contents.messages) +
                                            " messages in " + std::to_string(contents.folders) +
                                            " folders, and is not this mailbox's");
    auto id = TRY(cyrus_id(cyrus, mailbox));
    if (!id) return fail(Fault::unavailable, mailbox + " is there and not there");
    if (TRY(settings_.is_anothers(*id)))
        return fail(Fault::unavailable, mailbox + " is still that of another who had this name, and has to go first");
    return *std::move(id);
}

// Makes sure that the mailbox with the known id has this name.
Result<void> Cyrus::bring_to(Lease& cyrus, Mailbox const& mailbox, std::string const& user)
{
    auto const& id = mailbox.store.generation;
    auto const wanted = cyrus.names().mailbox(user);
    auto const there = TRY(cyrus_id(cyrus, wanted));
    if (there == id) return {};
    if (there) return fail(Fault::unavailable, wanted + " is another mailbox's in Cyrus, and has to go first");
    for (auto const& known : {last_name(mailbox), mailbox.name, aside(mailbox)}) {
        auto const from = cyrus.names().mailbox(known);
        if (from == wanted || TRY(cyrus_id(cyrus, from)) != id) continue;
        CHECK_OK(rename(cyrus, from, wanted));
        step("cyrus: renamed");
        return {};
    }
    if (auto const elsewhere = TRY(cyrus_name(cyrus, cyrus.names().prefix + "*", id))) {
        CHECK_OK(rename(cyrus, *elsewhere, wanted));
        return {};
    }
    if (TRY(undelete(cyrus, id, user))) return {};
    return fail(Fault::unavailable, "the mailbox that was " + cyrus.names().mailbox(last_name(mailbox)) +
                                        " is not in Cyrus any more, with its mail (id " + escaped(id) + ")");
}

// Whether it was among those that wait for cyr_expire, and is back.
Result<bool> Cyrus::undelete(Lease& cyrus, std::string const& generation, std::string const& to)
{
    auto const& names = cyrus.names();
    auto const all = TRY(cyrus_ids(cyrus, names.deleted + names.separator + "*"));
    auto const inbox = std::ranges::find_if(all, [&](auto const& one) { return one.second == generation; });
    if (inbox == all.end()) return false;
    auto const place = names.place(inbox->first);
    if (!place || !place->folder.empty()) return false;
    CHECK_OK(rename(cyrus, inbox->first, names.mailbox(to)));
    for (auto const& [name, id] : all) {
        auto const folder = names.place(name);
        if (!folder || folder->user != place->user || folder->moment != place->moment || folder->folder.empty())
            continue;
        CHECK_OK(rename(cyrus, name, names.mailbox(to, folder->folder)));
    }
    return true;
}

Result<void> Cyrus::make_folders(Lease& cyrus, std::string const& user)
{
    if (settings_.folders.empty()) return {};
    std::vector<ImapCommand> commands;
    for (auto const& folder : settings_.folders) {
        ImapCommand command("CREATE");
        command.text(cyrus.names().mailbox(user, folder));
        auto const use = special_use(folder);
        if (!use.empty()) command.word("(USE (" + use + "))");
        commands.push_back(std::move(command));
    }
    auto const replies = TRY(cyrus.ask_all(commands));
    for (std::size_t i = 0; i < replies.size(); ++i) {
        bool const is_there = replies[i].text.find("already exists") != std::string::npos;
        if (!replies[i].is_ok() && !is_there)
            return cyrus_refused("CREATE", cyrus.names().mailbox(user, settings_.folders[i]), replies[i]);
    }
    return {};
}

Result<void> Cyrus::subscribe(std::string const& user)
{
    if (settings_.folders.empty()) return {};
    auto owner = TRY(admin_.open_as(user));
    std::vector<ImapCommand> commands;
    commands.push_back(ImapCommand("SUBSCRIBE").text("INBOX"));
    for (auto const& folder : settings_.folders)
        commands.push_back(ImapCommand("SUBSCRIBE").text(owner.prefix + folder));
    for (auto const& reply : TRY(owner.client.ask_all(commands)))
        if (!reply.is_ok()) return cyrus_refused("SUBSCRIBE", user, reply);
    return owner.client.sign_out();
}

// The mailbox has its limits as they count, the domain's default already applied. A new one may have others, of an
// attempt before.
Result<void> Cyrus::set_quota(Lease& cyrus, Mailbox const& mailbox, std::string const& user)
{
    auto const name = cyrus.names().mailbox(user);
    auto const wanted = cyrus_limits(mailbox.quota_bytes, mailbox.quota_messages);
    if (cyrus_limits(TRY(cyrus_quota(cyrus, name))) == wanted) return {};
    return cyrus_done(cyrus, "SETQUOTA", name, ImapCommand("SETQUOTA").text(name).word(wanted));
}

// Of the owner, where somebody took them away; and of a shared one exactly those of its members.
Result<std::vector<CyrusGrant>> Cyrus::wrong_rights(Lease& cyrus, Mailbox const& mailbox, std::string const& user)
{
    bool const is_shared = mailbox.kind == MailboxKind::shared;
    std::map<std::string, std::string> wanted{{user, std::string(cyrus_owner_rights)}};
    if (is_shared) {
        for (auto const& member : mailbox.members)
            if (auto rights = cyrus_rights(member.rights); !member.name.empty() && !rights.empty())
                wanted[member.name] = std::move(rights);
    }
    std::vector<std::string> folders{cyrus.names().mailbox(user)};
    if (is_shared)
        for (auto const& [name, id] : TRY(cyrus_ids(cyrus, cyrus.names().folders(user)))) folders.push_back(name);
    std::vector<CyrusGrant> wrong;
    for (auto const& folder : folders) {
        auto held = TRY(cyrus_acl(cyrus, folder));
        for (auto const& [who, rights] : wanted) {
            // Cyrus adds the older rights c and d to those that they stand for.
            bool const is_so = has_rights(held[who], rights) && (who == user || has_rights(rights + "cd", held[who]));
            if (!is_so) wrong.push_back({folder, who, rights});
        }
        for (auto const& [who, rights] : held)
            if (is_shared && !rights.empty() && !wanted.contains(who) && who != "anyone" && who != settings_.admin)
                wrong.push_back({folder, who, {}});
    }
    return wrong;
}

Result<void> Cyrus::set_rights(Lease& cyrus, Mailbox const& mailbox, std::string const& user)
{
    for (auto const& [folder, who, rights] : TRY(wrong_rights(cyrus, mailbox, user))) {
        auto const verb = rights.empty() ? "DELETEACL" : "SETACL";
        auto command = ImapCommand(verb).text(folder).text(who);
        if (!rights.empty()) command.text(rights);
        CHECK_OK(cyrus_done(cyrus, verb, folder, command));
    }
    return {};
}

// A deleted one: where it was.
Result<mail::Store> Cyrus::put_back(Mailbox const& mailbox)
{
    auto cyrus = TRY(admin_.open());
    CHECK_OK(bring_to(cyrus, mailbox, mailbox.store.name));
    return mailbox.store;
}

Result<mail::Store> Cyrus::set_aside(Mailbox const& mailbox)
{
    if (!has_mail(mailbox) || mailbox.store.generation.empty()) return mailbox.store;
    auto cyrus = TRY(admin_.open());
    auto const to = aside(mailbox);
    CHECK_OK(bring_to(cyrus, mailbox, to));
    auto store = mailbox.store;
    store.name = to;
    return store;
}

// Only the one that it is by its id. With delayed deletion it goes where cyr_expire finds it in its time.
Result<void> Cyrus::retire(Mailbox const& mailbox)
{
    auto const& id = mailbox.store.generation;
    if (!has_mail(mailbox) || id.empty()) return {};
    auto cyrus = TRY(admin_.open());
    for (auto const& known : {last_name(mailbox), mailbox.name, aside(mailbox)}) {
        auto const name = cyrus.names().mailbox(known);
        if (TRY(cyrus_id(cyrus, name)) != id) continue;
        return remove_at(cyrus, name);
    }
    return {};  // gone already
}

// The administrator has no right to that in people's mailboxes, and may give it to itself.
Result<void> Cyrus::remove_at(Lease& cyrus, std::string const& mailbox)
{
    CHECK_OK(
        cyrus_done(cyrus, "SETACL", mailbox, ImapCommand("SETACL").text(mailbox).text(settings_.admin).text("lcx")));
    return cyrus_done(cyrus, "DELETE", mailbox, ImapCommand("DELETE").text(mailbox));
}

// Of what it has without a limit no count is kept.
Result<mail::Fullness> Cyrus::usage(std::string const& name)
{
    auto cyrus = TRY(admin_.open());
    auto const quota = TRY(cyrus_quota(cyrus, cyrus.names().mailbox(name)));
    if (quota.counts_bytes && quota.counts_messages)
        return mail::Fullness{std::max<std::int64_t>(quota.used_kilobytes * 1024 - 1023, 0), quota.used_messages};
    auto const contents = TRY(cyrus_contents(cyrus, name));
    return mail::Fullness{contents.bytes, contents.messages};
}

}  // namespace provost::targets
