// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "directory/act_parts.h"
#include "directory/acts.h"
#include "directory/domain_parts.h"

namespace provost::directory {
namespace {

Need seeing(Ground ground) { return {Right::see, ground, false}; }

// The mailbox of the caller's own is in his list, whatever its domain.
void add_own(store::Reading& reading, Authority const& authority, std::string_view mask, std::string_view after,
             int limit, std::vector<mail::Mailbox>& found)
{
    auto const& own = authority.reach().mailbox;
    if (own.empty() || authority.scope().has(own) || own <= after || !matches_mask(mask, own)) return;
    auto const place = std::ranges::lower_bound(found, own, {}, &mail::Mailbox::name);
    auto const full = found.size() >= static_cast<std::size_t>(limit);
    if (full && place == found.end()) return;
    auto record = reading.mailbox(own);
    if (!record) return;
    found.insert(place, std::move(record->mailbox));
    if (full) found.pop_back();
}

}  // namespace

Result<DomainDetails> Acts::domain(Caller const& caller, std::string_view name)
{
    auto const key = TRY(mail::DomainName::parse(name, "name"));
    std::optional<DomainDetails> out;
    auto const looked = read(caller, seeing(Ground::domain), key.text(), [&](auto& reading, auto&) -> Result<void> {
        auto found = reading.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        out = DomainDetails{std::move(*found), reading.counts(key.text())};
        return {};
    });
    CHECK_OK(looked);
    return std::move(*out);
}

Result<std::vector<DomainDetails>> Acts::domains(Caller const& caller, std::string_view mask)
{
    std::vector<DomainDetails> out;
    auto const looked = read(caller, seeing(Ground::some), {}, [&](auto& reading, auto& authority) -> Result<void> {
        for (auto& domain : reading.domains(mask)) {
            if (!authority.sees_domain(domain.name.text())) continue;
            auto counts = reading.counts(domain.name.text());
            out.push_back({std::move(domain), counts});
        }
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<MailboxDetails> Acts::mailbox(Caller const& caller, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    MailboxDetails out;
    auto const looked = read(caller, seeing(Ground::mailbox), key, [&](auto& reading, auto& authority) -> Result<void> {
        auto found = reading.mailbox(key);
        if (!found) {
            auto deleted = deleted_for(reading, authority, key);
            if (!deleted.empty()) found = std::move(deleted.front());
        }
        if (!found) return refuse(Fault::not_found, "name", key, "is not a mailbox here");
        out.mailbox = std::move(found->mailbox);
        out.credentials = std::move(found->credentials);
        for (auto& credential : out.credentials) credential.hash.clear();
        out.revision = found->revision;
        out.usage = reading.usage(out.mailbox.id.text());
        out.last_logins = reading.last_logins(out.mailbox.id.text());
        for (auto const& alias : reading.aliases_with_target(key))
            if (authority.sees(alias.address.text())) out.aliases.push_back(alias.address.text());
        out.effective_quota = out.mailbox.quota_bytes;
        if (auto const domain = reading.domain(domain_part(key)))
            out.effective_quota = out.mailbox.quota_bytes.or_else(domain->limits.default_quota);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<mail::Mailbox>> Acts::mailboxes(Caller const& caller, std::string_view mask, std::string_view after,
                                                   int limit)
{
    std::vector<mail::Mailbox> out;
    auto const looked = read(caller, seeing(Ground::some), {}, [&](auto& reading, auto& authority) -> Result<void> {
        out = reading.mailboxes(mask, after, limit, authority.scope());
        add_own(reading, authority, mask, after, limit, out);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<mail::Mailbox>> Acts::deleted_mailboxes(Caller const& caller, std::string_view mask,
                                                           store::NameAndId const& after, int limit)
{
    std::vector<mail::Mailbox> out;
    auto const looked = read(caller, seeing(Ground::some), {}, [&](auto& reading, auto& authority) -> Result<void> {
        out = reading.deleted_mailboxes(mask, after, limit, authority.scope());
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<mail::Alias> Acts::alias(Caller const& caller, std::string_view address)
{
    auto const key = TRY(mail::Address::parse(address));
    std::optional<mail::Alias> out;
    auto const looked = read(caller, seeing(Ground::alias), key.text(), [&](auto& reading, auto&) -> Result<void> {
        out = reading.alias(key.text());
        if (!out) return refuse(Fault::not_found, "address", key.text(), "is not an alias here");
        return {};
    });
    CHECK_OK(looked);
    return std::move(*out);
}

Result<std::vector<mail::Alias>> Acts::aliases(Caller const& caller, std::string_view mask, std::string_view after,
                                               int limit)
{
    std::vector<mail::Alias> out;
    auto const looked = read(caller, seeing(Ground::some), {}, [&](auto& reading, auto& authority) -> Result<void> {
        out = reading.aliases(mask, after, limit, authority.scope());
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<store::AuditEntry>> Acts::audit(Caller const& caller, std::string_view mask, store::Revision before,
                                                   int limit)
{
    std::vector<store::AuditEntry> out;
    Need const need{Right::administer, Ground::some, false};
    auto const looked = read(caller, need, {}, [&](auto& reading, auto& authority) -> Result<void> {
        out = reading.audit(mask, before, limit, authority.scope());
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<store::Work>> Acts::pending_work(Caller const& caller, store::WorkPlace const& after, int limit)
{
    std::vector<store::Work> out;
    auto const looked = read(caller, {Right::run, Ground::site, false}, {}, [&](auto& reading, auto&) -> Result<void> {
        out = reading.pending_work(after, limit);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<Done> Acts::retry_work(Request const& request, std::string_view id)
{
    Done done;
    done.dry_run = request.dry_run;
    done.subject = id;
    auto const no_such = refuse(Fault::not_found, "id", id, "is no work that is still to be done");
    auto const looked =
        read(request.by, {Right::run, Ground::site, true}, {}, [&](auto& reading, auto&) -> Result<void> {
            if (!reading.work_by_id(id)) return no_such;
            auto const standing = reading.position().revision;
            CHECK_OK(check_revision(request, standing));
            if (!request.dry_run) done.revision = standing;
            return {};
        });
    CHECK_OK(looked);
    if (request.dry_run) return done;
    // Not inside the reading: whoever waits to write holds no connection that others could read with.
    auto const hastened = reach([&](store::Store& record) -> Result<void> {
        if (!record.hasten_work(id, house_.clock())) return no_such;
        return {};
    });
    CHECK_OK(hastened);
    done.answering = true;
    house_.wake_work();
    return done;
}

std::string Acts::writing_trouble()
{
    auto const record = house_.record();
    return record ? (*record)->writing_trouble() : record.error().message;
}

Result<store::Position> Acts::position()
{
    store::Position out;
    auto const looked = look([&](store::Reading& reading) -> Result<void> {
        out = reading.position();
        return {};
    });
    CHECK_OK(looked);
    return out;
}

}  // namespace provost::directory
