// SPDX-License-Identifier: Apache-2.0
// How a domain goes, with everything in it, and what names it elsewhere follows.
#include <algorithm>

#include "base/text.h"
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/description.h"
#include "directory/domain_parts.h"
#include "directory/references.h"

namespace provost::directory {
namespace {

using mail::DomainName;

constexpr int most_listed = 10;  // names of a sort in one sentence

std::string listed(std::vector<std::string> const& names)
{
    auto const shown = std::min<std::size_t>(names.size(), most_listed);
    auto out = joined({names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown)}, ", ");
    if (names.size() > shown) out += " and " + std::to_string(names.size() - shown) + " more";
    return out;
}

// What stands in the way of deleting it alone; empty where nothing does.
std::string contents_of(store::Reading& record, Authority const& authority, DomainName const& domain,
                        store::Referrers const& elsewhere)
{
    std::vector<std::string> parts;
    auto const counts = record.counts(domain.text());
    auto const add = [&](std::int64_t count, char const* one, char const* many, std::vector<std::string> const& first) {
        if (count == 0) return;
        auto text = counted(static_cast<std::size_t>(count), one, many) + " (" + joined(first, ", ");
        if (static_cast<std::size_t>(count) > first.size()) text += ", ...";
        parts.push_back("has " + text + ")");
    };
    std::vector<std::string> first;
    auto const in_it = "*@" + domain.text();
    for (auto const& mailbox : record.mailboxes(in_it, "", most_listed)) first.push_back(mailbox.name);
    add(counts.mailboxes, "mailbox", "mailboxes", first);
    first.clear();
    for (auto const& alias : record.aliases(in_it, "", most_listed)) first.push_back(alias.address.text());
    add(counts.aliases, "alias", "aliases", first);
    if (auto const names = names_of(elsewhere, authority); !names.empty())
        parts.push_back("is named by " + listed(names));
    return joined(parts, ", ");
}

class Deletion {
public:
    Deletion(Deed const& deed, std::chrono::milliseconds keep, Notes& notes)
        : deed_(deed), writing_(deed.writing), keep_(keep), notes_(notes)
    {
    }

    void run(mail::Domain const& domain, store::Referrers const& elsewhere)
    {
        std::size_t aliases = 0;
        every_mailbox(writing_, domain.name, [&](auto const& mailbox) { take_away(mailbox); });
        every_alias(writing_, domain.name, [&](mail::Alias const& alias) {
            writing_.remove(alias.id);
            audit_difference(writing_, "alias.delete", alias.address.text(), describe(alias), {});
            ++aliases;
        });
        follow(deed_, elsewhere, instead_of(domain.name, std::nullopt),
               "no longer names anybody in " + domain.name.text(), notes_);
        if (aliases > 0) notes_.push_back(counted(aliases, "alias was", "aliases were") + " removed");
        if (!session_names.empty())
            notes_.push_back("its mailboxes can be had back until " + to_rfc3339(until_) +
                             ", once the domain is added again");
    }

    std::vector<std::string> session_names;

private:
    void take_away(mail::Mailbox const& mailbox)
    {
        append(session_names, directory::session_names(mailbox));
        auto changed = mailbox;
        go_away(writing_, changed, deed_.now, keep_);
        until_ = *changed.restorable_until;
        writing_.put(changed);
        audit_change(writing_, "mailbox.delete", mailbox, changed);
    }

    Deed const& deed_;
    store::Writing& writing_;
    std::chrono::milliseconds keep_;
    Notes& notes_;
    Time until_ = {};
};

}  // namespace

Result<Done> Acts::delete_domain(Request const& request, std::string_view name, bool with_contents)
{
    auto const key = TRY(DomainName::parse(name, "name"));
    Notes notes;
    std::vector<std::string> names;
    std::vector<std::string> work;
    auto ran = run(request, running(Ground::domain), key.text(), [&](auto& writing, auto& authority) -> Result<void> {
        notes.clear();
        Deed const deed{writing, authority, house_.clock(), house_.delimiter, house_.target};
        auto const found = writing.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        auto elsewhere = from_elsewhere(writing, key);
        // A login names nobody there, and stays.
        std::erase_if(elsewhere.mailboxes,
                      [how = instead_of(key, std::nullopt)](mail::Mailbox mailbox) { return !rewrite(mailbox, how); });
        auto const contents = contents_of(writing, authority, key, elsewhere);
        if (!with_contents && !contents.empty())
            return refuse(Fault::conflict, "name", key.text(),
                          contents + ": it can be deleted with its contents (--with-contents)");
        for (auto const& other : elsewhere.domains)
            if (other.maps_to == key)
                return refuse(Fault::conflict, "name", key.text(),
                              "is what " + other.name.text() + " maps to: delete that, or map it elsewhere, first");
        Deletion deletion(deed, house_.keep_deleted, notes);
        deletion.run(*found, elsewhere);
        names = deletion.session_names;
        work = leave_endings(deed, *found, names);
        writing.remove(found->id);
        audit_difference(writing, "domain.delete", key.text(), describe(*found), {});
        return {};
    });
    auto done = TRY(std::move(ran));
    append(done.notes, notes);
    if (!request.dry_run) end_all(done, names, work);
    return done;
}

// Whoever has one of these names can no longer sign in by it: what is open is all there is.
void Acts::end_all(Done& done, std::vector<std::string> const& names, std::vector<std::string> const& work)
{
    if (names.empty()) return;
    if (house_.proof == nullptr) {
        done.notes.emplace_back("open sessions of its mailboxes are being ended");
        return;
    }
    done.proof = house_.proof->end_sessions(names);
    if (!done.proof->sessions_trouble.empty()) {
        done.notes.push_back("sessions could not be ended yet, this is tried again: " + done.proof->sessions_trouble);
        return;
    }
    finish(work);
}

}  // namespace provost::directory
