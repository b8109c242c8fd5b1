// SPDX-License-Identifier: Apache-2.0
#include "directory/acts.h"

namespace provost::directory {

Result<DomainDetails> Acts::domain(std::string_view name)
{
    auto const key = TRY(mail::DomainName::parse(name, "name"));
    std::optional<DomainDetails> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        auto found = reading.domain(key.text());
        if (!found) return refuse(Fault::not_found, "name", key.text(), "is not a domain here");
        out = DomainDetails{std::move(*found), reading.counts(key.text())};
        return {};
    });
    CHECK_OK(looked);
    return std::move(*out);
}

Result<std::vector<DomainDetails>> Acts::domains(std::string_view mask)
{
    std::vector<DomainDetails> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        for (auto& domain : reading.domains(mask)) {
            auto counts = reading.counts(domain.name.text());
            out.push_back({std::move(domain), counts});
        }
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<MailboxDetails> Acts::mailbox(std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    MailboxDetails out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        auto found = reading.mailbox(key);
        if (!found) found = reading.mailbox(key, true);
        if (!found) return refuse(Fault::not_found, "name", key, "is not a mailbox here");
        out.mailbox = std::move(found->mailbox);
        out.credentials = std::move(found->credentials);
        for (auto& credential : out.credentials) credential.hash.clear();
        out.revision = found->revision;
        out.usage = reading.usage(out.mailbox.id.text());
        out.last_logins = reading.last_logins(out.mailbox.id.text());
        for (auto const& alias : reading.aliases_with_target(key)) out.aliases.push_back(alias.address.text());
        out.effective_quota = out.mailbox.quota_bytes;
        auto const at = key.rfind('@');
        auto const domain =
            at == std::string::npos ? std::nullopt : reading.domain(std::string_view(key).substr(at + 1));
        if (domain) out.effective_quota = out.mailbox.quota_bytes.or_else(domain->limits.default_quota);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<mail::Mailbox>> Acts::mailboxes(std::string_view mask, std::string_view after, int limit)
{
    std::vector<mail::Mailbox> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        out = reading.mailboxes(mask, after, limit);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<mail::Alias> Acts::alias(std::string_view address)
{
    auto const key = TRY(mail::Address::parse(address));
    std::optional<mail::Alias> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        out = reading.alias(key.text());
        if (!out) return refuse(Fault::not_found, "address", key.text(), "is not an alias here");
        return {};
    });
    CHECK_OK(looked);
    return std::move(*out);
}

Result<std::vector<mail::Alias>> Acts::aliases(std::string_view mask, std::string_view after, int limit)
{
    std::vector<mail::Alias> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        out = reading.aliases(mask, after, limit);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<store::AuditEntry>> Acts::audit(std::string_view mask, store::Revision before, int limit)
{
    std::vector<store::AuditEntry> out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        out = reading.audit(mask, before, limit);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<store::Work>> Acts::pending_work(int limit)
{
    auto* const record = TRY(house_.record());
    std::vector<store::Work> out;
    // Inside a reading for its translation of what a database can throw.
    auto const looked = read([&](store::Reading&) -> Result<void> {
        out = record->pending_work(limit);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

std::string Acts::writing_trouble()
{
    auto const record = house_.record();
    return record ? (*record)->writing_trouble() : record.error().message;
}

Result<store::Position> Acts::position()
{
    store::Position out;
    auto const looked = read([&](store::Reading& reading) -> Result<void> {
        out = reading.position();
        return {};
    });
    CHECK_OK(looked);
    return out;
}

}  // namespace provost::directory
