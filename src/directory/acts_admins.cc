// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "directory/acts.h"
#include "directory/description.h"
#include "directory/rules.h"

namespace provost::directory {
namespace {

constexpr Need seeing{Right::run, Ground::site, false};
constexpr Need changing{Right::run, Ground::site, true};

// What the audit can still hold with "admin:" before it.
constexpr std::size_t longest_name = 200;

Result<std::string> parse_name(std::string_view text)
{
    auto name = TRY(mail::parse_login(text, "name"));
    if (name.size() > longest_name) return refuse(Fault::invalid, "name", name, "has more than 200 octets");
    return name;
}

Result<mail::Admin> existing(store::Reading& record, std::string_view name)
{
    auto found = record.admin(name);
    if (!found) return refuse(Fault::not_found, "name", name, "is not an admin here");
    return std::move(*found);
}

Result<void> apply(AdminChange const& change, store::Reading& record, mail::Admin& admin)
{
    auto const set = [](auto const& wanted, auto& value) {
        if (wanted) value = *wanted;
    };
    set(change.role, admin.role);
    set(change.description, admin.description);
    set(change.enabled, admin.enabled);
    set(change.expires, admin.expires);
    bool const has_domains = admin.role == mail::Role::help_desk || admin.role == mail::Role::domain_admin;
    if (change.domains) admin.domains = TRY(domains_named(*change.domains, record));
    // Those of another role before are meant no more.
    else if (change.role && !has_domains) admin.domains = {};
    if (!change.mailbox) return {};
    admin.mailbox.reset();
    if (change.mailbox->empty()) return {};
    auto const name = TRY(mail::parse_login(*change.mailbox, "mailbox"));
    auto const found = record.mailbox(name);
    if (!found) return refuse(Fault::conflict, "mailbox", name, "is not a mailbox here");
    if (found->mailbox.kind == mail::MailboxKind::shared)
        return refuse(Fault::conflict, "mailbox", name, "is a shared mailbox, which nobody signs in to");
    admin.mailbox = mail::Named<MailboxId>{found->mailbox.id, name};
    return {};
}

Result<void> check(mail::Admin const& admin)
{
    CHECK_OK(check_text(admin.description, "description"));
    auto const& domains = admin.domains;
    auto const role = std::string(word(admin.role));
    switch (admin.role) {
        case mail::Role::owner:
            if (!admin.mailbox) return fail(Fault::invalid, "mailbox: an owner needs the mailbox it owns", "mailbox");
            break;
        case mail::Role::help_desk:
            if (!domains.all && domains.some.empty())
                return fail(Fault::invalid, "domains: a help-desk needs at least one, or all", "domains");
            return {};
        case mail::Role::domain_admin:
            if (domains.all) return refuse(Fault::invalid, "domains", "all", "is what a site-admin has; list them");
            if (domains.some.empty())
                return fail(Fault::invalid, "domains: a domain-admin needs at least one", "domains");
            return {};
        case mail::Role::site_admin:
            break;
    }
    if (domains.all || !domains.some.empty())
        return fail(Fault::invalid, "domains: are for help-desk and domain-admin, not for " + role, "domains");
    return {};
}

}  // namespace

Result<Done> Acts::add_admin(Request const& request, std::string_view name, AdminChange const& change)
{
    auto key = TRY(parse_name(name));
    mail::Admin admin{.id = AdminId::make(), .name = std::move(key)};
    admin.created = now();
    return run(request, changing, admin.name, [&](auto& writing, auto&) -> Result<void> {
        auto fresh = admin;
        if (writing.admin(fresh.name)) return refuse(Fault::conflict, "name", fresh.name, "is an admin already");
        CHECK_OK(apply(change, writing, fresh));
        CHECK_OK(check(fresh));
        writing.put(fresh);
        auto const [before, after] = difference({}, describe(fresh));
        writing.audit_act("admin.add", fresh.name, before, after);
        return {};
    });
}

Result<Done> Acts::set_admin(Request const& request, std::string_view name, AdminChange const& change)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    return run(request, changing, key, [&](auto& writing, auto&) -> Result<void> {
        auto const found = TRY(existing(writing, key));
        auto changed = found;
        CHECK_OK(apply(change, writing, changed));
        CHECK_OK(check(changed));
        writing.put(changed);
        auto const [before, after] = difference(describe(found), describe(changed));
        writing.audit_act("admin.set", key, before, after);
        return {};
    });
}

Result<Done> Acts::delete_admin(Request const& request, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    return run(request, changing, key, [&](auto& writing, auto&) -> Result<void> {
        auto const found = TRY(existing(writing, key));
        writing.remove(found.id);
        auto const [before, after] = difference(describe(found), {});
        writing.audit_act("admin.delete", key, before, after);
        return {};
    });
}

Result<mail::Admin> Acts::admin(Caller const& caller, std::string_view name)
{
    auto const key = TRY(mail::parse_login(name, "name"));
    mail::Admin out;
    auto const looked = read(caller, seeing, key, [&](auto& reading, auto&) -> Result<void> {
        out = TRY(existing(reading, key));
        return {};
    });
    CHECK_OK(looked);
    return out;
}

Result<std::vector<mail::Admin>> Acts::admins(Caller const& caller, std::string_view mask)
{
    std::vector<mail::Admin> out;
    auto const looked = read(caller, seeing, {}, [&](auto& reading, auto&) -> Result<void> {
        out = reading.admins(mask);
        return {};
    });
    CHECK_OK(looked);
    return out;
}

}  // namespace provost::directory
