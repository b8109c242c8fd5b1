// SPDX-License-Identifier: Apache-2.0
// How deleted mailboxes come back.
#include "base/text.h"
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/domain_parts.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

// That the name can be had, in words that tell what to do where it cannot.
Result<void> check_place(Deed const& deed, mail::Mailbox const& mailbox, std::string const& name,
                         std::string_view field)
{
    Rules rules(deed.writing, deed.authority, deed.now, deed.delimiter);
    auto const free = rules.check_name(name, field, "mailbox:" + mailbox.id.text());
    if (!free)
        return fail(free.error().fault, free.error().message + "; restore it under another address (--as)",
                    std::string(field));
    auto const domain = domain_part(name);
    if (domain.empty() || deed.writing.domain(domain)) return {};
    return refuse(Fault::conflict, field, name,
                  "is in a domain that is not kept here: add the domain first, or restore the mailbox under another "
                  "address (--as)");
}

}  // namespace

Result<Done> Acts::restore_mailbox(Request const& request, std::string_view name, Restoring const& wish)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    auto target = key;
    if (wish.as) target = TRY(mail::parse_login(*wish.as, "as"));
    Notes notes;
    mail::Mailbox led;
    auto const need = administering(Ground::new_mailbox);
    auto ran = run(request, need, key, [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        CHECK_OK(authority.check(need, target));
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        auto const found = TRY(restorable_mailbox(writing, authority, key, wish.id));
        CHECK_OK(check_not_above(writing, authority, found.mailbox));
        CHECK_OK(check_place(deed, found.mailbox, target, wish.as ? "as" : "name"));
        auto restored = found.mailbox;
        come_back(writing, restored, target, notes);
        CHECK_OK(write(deed, restored, &found.mailbox));
        audit_change(writing, "mailbox.restore", found.mailbox, restored);
        note_expiry(restored, deed.now, notes);
        led = restored;
        if (target == key) return {};
        for (auto const& alias : writing.aliases_with_target(key))
            if (authority.sees(alias.address.text()))
                notes.push_back("alias " + alias.address.text() + " still names " + key);
        return {};
    });
    auto done = TRY(std::move(ran));
    done.subject = target;
    append(done.notes, notes);
    await_store(done, led);
    return done;
}

// The deleted mailbox that a new one of this name is to be, or none for one that starts empty.
Result<std::optional<store::MailboxRecord>> Acts::old_mailbox(store::Reading& record, Authority const& authority,
                                                              std::string const& name, std::optional<OldMailbox> wish,
                                                              Notes& notes)
{
    std::optional<store::MailboxRecord> old;
    if (record.owner_of_name(name)) return old;
    auto found = restorable_mailbox(record, authority, name, {});
    if (!found) {
        if (wish != OldMailbox::adopt) return old;
        return tl::make_unexpected(found.error());
    }
    auto const until = to_rfc3339(*found->mailbox.restorable_until);
    if (!wish)
        return refuse(Fault::conflict, "old_mailbox", name,
                      "was deleted, and is kept with its mail until " + until +
                          ": say whether the new one is to have it (--adopt) or starts empty (--set-aside)");
    if (*wish == OldMailbox::adopt) {
        old = std::move(*found);
    } else {
        notes.push_back("it starts empty; the mail of the one that was deleted is kept apart until " + until);
    }
    return old;
}

Result<void> Acts::adopt(Deed const& deed, store::MailboxRecord const& old, MailboxChange const& change,
                         std::optional<mail::Credential> const& credential, Notes& notes, mail::Mailbox& led)
{
    auto& writing = deed.writing;
    auto const kind = old.mailbox.kind;
    if (change.kind && *change.kind != kind)
        return refuse(Fault::conflict, "kind", word(*change.kind),
                      std::string("is not what the deleted mailbox is: ") + word(kind));
    CHECK_OK(check_not_above(writing, deed.authority, old.mailbox));
    auto adopted = old.mailbox;
    come_back(writing, adopted, adopted.name, notes);
    adopted.state = mail::MailboxState::active;
    if (adopted.expires && *adopted.expires <= deed.now) adopted.expires.reset();
    // It is the last owner's: whoever reads it could have a new password sent there.
    if (adopted.recovery_address && !change.recovery_address)
        notes.push_back("its recovery address " + adopted.recovery_address->text() +
                        " was the last owner's, and was removed");
    adopted.recovery_address.reset();
    adopted.recovery_confirmed = false;
    CHECK_OK(apply(change, writing, deed.authority, adopted));
    CHECK_OK(write(deed, adopted, &old.mailbox));
    led = adopted;
    // Whoever had the old passwords is not who has the mailbox from now on.
    for (auto const& known : old.credentials) writing.remove_credential(adopted.id, known.id);
    CHECK_OK(put_credential(writing, adopted, credential));
    for (auto admin : writing.admins_of_mailbox(adopted.id.text())) {
        if (!admin.enabled) continue;
        admin.enabled = false;
        writing.put(admin);
        notes.push_back("admin " + admin.name + " was disabled: the mailbox is another's");
    }
    audit_change(writing, "mailbox.adopt", old.mailbox, adopted);
    notes.emplace_back("it has the mail of the one that was deleted, and none of its passwords");
    return {};
}

}  // namespace provost::directory
