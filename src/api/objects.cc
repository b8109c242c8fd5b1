// SPDX-License-Identifier: Apache-2.0
#include "api/objects.h"

#include <functional>

#include "base/text.h"
#include "mail/fields.h"

namespace provost::api {
namespace {

using directory::AliasChange;
using directory::DomainChange;
using directory::MailboxChange;

// Ties a declared field to the member it changes and to what is shown of it.
template <class Change, class Object>
struct Bound {
    std::string_view name;
    std::function<Result<void>(json::value const&, Change&)> take;
    std::function<json::value(Object const&)> show;
};

template <class Object, class Change, class T, class Show>
Bound<Change, Object> bound(std::string_view name, std::optional<T> Change::*member, Show show)
{
    return {name,
            [name, member](json::value const& value, Change& change) -> Result<void> {
                (change.*member).emplace(TRY(From<T>::read(value, name)));
                return {};
            },
            show};
}

template <class Object, class Change, class Show>
Bound<Change, Object> bound_limit(std::string_view name, Result<Limit> (*read)(json::value const&, std::string_view),
                                  std::optional<Limit> Change::*member, Show show)
{
    return {name,
            [name, member, read](json::value const& value, Change& change) -> Result<void> {
                (change.*member).emplace(TRY(read(value, name)));
                return {};
            },
            show};
}

using D = mail::Domain;
std::vector<Bound<DomainChange, D>> const& domain_table()
{
    using C = DomainChange;
    static std::vector<Bound<C, D>> const table{
        bound<D>("kind", &C::kind, [](D const& d) { return shown(mail::word(d.kind)); }),
        bound<D>("description", &C::description, [](D const& d) { return shown(d.description); }),
        bound<D>("enabled", &C::enabled, [](D const& d) { return shown(d.enabled); }),
        bound<D>("expires", &C::expires, [](D const& d) { return shown(d.expires); }),
        bound<D>("maps_to", &C::maps_to, [](D const& d) { return shown(d.maps_to); }),
        bound<D>("transport", &C::transport, [](D const& d) { return shown(d.transport); }),
        bound<D>("catch_all", &C::catch_all, [](D const& d) { return shown(d.catch_all); }),
        bound<D>("archive_to", &C::archive_to, [](D const& d) { return shown(d.archive_to); }),
        bound_limit<D>("max_mailboxes", read_count, &C::mailboxes,
                       [](D const& d) { return shown(d.limits.mailboxes); }),
        bound_limit<D>("max_aliases", read_count, &C::aliases, [](D const& d) { return shown(d.limits.aliases); }),
        bound_limit<D>("max_aliases_per_mailbox", read_count, &C::aliases_per_mailbox,
                       [](D const& d) { return shown(d.limits.aliases_per_mailbox); }),
        bound_limit<D>("max_external_aliases", read_count, &C::external_aliases,
                       [](D const& d) { return shown(d.limits.external_aliases); }),
        bound_limit<D>("max_quota", read_size, &C::quota_per_mailbox,
                       [](D const& d) { return shown(d.limits.quota_per_mailbox); }),
        bound_limit<D>("default_quota", read_size, &C::default_quota,
                       [](D const& d) { return shown(d.limits.default_quota); }),
        bound_limit<D>("total_quota", read_size, &C::total_quota,
                       [](D const& d) { return shown(d.limits.total_quota); }),
    };
    return table;
}

using M = mail::Mailbox;
std::vector<Bound<MailboxChange, M>> const& mailbox_table()
{
    using C = MailboxChange;
    static std::vector<Bound<C, M>> const table{
        bound<M>("kind", &C::kind, [](M const& m) { return shown(mail::word(m.kind)); }),
        bound<M>("logins", &C::logins, [](M const& m) { return shown(m.logins); }),
        bound<M>("display_name", &C::display_name, [](M const& m) { return shown(m.display_name); }),
        bound<M>("state", &C::state, [](M const& m) { return shown(mail::word(m.state)); }),
        bound<M>("suspension", &C::suspension, [](M const& m) { return shown(mail::word(m.suspension)); }),
        bound<M>("expires", &C::expires, [](M const& m) { return shown(m.expires); }),
        bound_limit<M>("quota", read_size, &C::quota_bytes, [](M const& m) { return shown(m.quota_bytes); }),
        bound_limit<M>("quota_messages", read_count, &C::quota_messages,
                       [](M const& m) { return shown(m.quota_messages); }),
        bound<M>("forwards", &C::forwards, [](M const& m) { return shown(m.forwards); }),
        bound<M>("keep_copy", &C::keep_copy, [](M const& m) { return shown(m.keep_copy); }),
        bound<M>("services", &C::services, [](M const& m) { return shown(m.services); }),
        bound<M>("transport", &C::transport, [](M const& m) { return shown(m.transport); }),
        bound<M>("recovery_address", &C::recovery_address, [](M const& m) { return shown(m.recovery_address); }),
        bound<M>("members", &C::members, [](M const& m) { return shown(m.members); }),
    };
    return table;
}

using A = mail::Alias;
std::vector<Bound<AliasChange, A>> const& alias_table()
{
    using C = AliasChange;
    static std::vector<Bound<C, A>> const table{
        bound<A>("targets", &C::targets, [](A const& a) { return shown(a.targets); }),
        bound<A>("description", &C::description, [](A const& a) { return shown(a.description); }),
        bound<A>("enabled", &C::enabled, [](A const& a) { return shown(a.enabled); }),
        bound<A>("expires", &C::expires, [](A const& a) { return shown(a.expires); }),
        bound<A>("targets_may_send", &C::targets_may_send, [](A const& a) { return shown(a.targets_may_send); }),
        bound<A>("posting", &C::posting, [](A const& a) { return shown(mail::word(a.posting)); }),
        bound<A>("posters", &C::posters, [](A const& a) { return shown(a.posters); }),
    };
    return table;
}

using P = mail::Admin;
std::vector<Bound<directory::AdminChange, P>> const& admin_table()
{
    using C = directory::AdminChange;
    static std::vector<Bound<C, P>> const table{
        bound<P>("role", &C::role, [](P const& p) { return shown(mail::word(p.role)); }),
        bound<P>("domains", &C::domains, [](P const& p) { return shown(p.domains); }),
        bound<P>("description", &C::description, [](P const& p) { return shown(p.description); }),
        bound<P>("enabled", &C::enabled, [](P const& p) { return shown(p.enabled); }),
        bound<P>("expires", &C::expires, [](P const& p) { return shown(p.expires); }),
        bound<P>("mailbox", &C::mailbox,
                 [](P const& p) { return shown(p.mailbox ? std::string_view(p.mailbox->name) : ""); }),
    };
    return table;
}

template <class Fields>
std::vector<std::string> names_of(Fields const& fields, bool adding)
{
    std::vector<std::string> names;
    for (auto const& field : fields)
        if (adding || !field.on_add_only) names.emplace_back(field.name);
    return names;
}

template <class Change, class Object, class Fields>
Result<Change> change_from(json::object const& body, bool adding, Fields const& fields,
                           std::vector<Bound<Change, Object>> const& table)
{
    auto rest = body;
    Change change;
    for (auto const& field : fields) {
        auto const* value = rest.if_contains(field.name);
        if (!value) continue;
        if (field.on_add_only && !adding)
            return refuse(Fault::invalid, field.name, json::serialize(*value), "can only be said when it is added");
        for (auto const& entry : table)
            if (entry.name == field.name) CHECK_OK(entry.take(*value, change));
        rest.erase(field.name);
    }
    CHECK_OK(nothing_else(rest, names_of(fields, adding)));
    return change;
}

// Takes a member out of `body`, where it is there.
template <class T>
Result<void> take(json::object& body, std::string_view name, T& value)
{
    if (auto const* said = body.if_contains(name)) value = TRY(From<T>::read(*said, name));
    body.erase(name);
    return {};
}

template <class Change, class Object>
void show_fields(json::object& out, Object const& object, std::vector<Bound<Change, Object>> const& table)
{
    for (auto const& entry : table) out[entry.name] = entry.show(object);
}

json::object to_json(mail::Credential const& credential)
{
    return {{"id", credential.id.text()},
            {"kind", mail::word(credential.kind)},
            {"label", shown(credential.label)},
            {"services", shown(credential.services)},
            {"networks", shown(credential.networks)},
            {"expires", shown(credential.expires)},
            {"created", shown(credential.created)}};
}

json::object to_json(directory::Proof const& proof)
{
    json::array doors;
    for (auto const& door : proof.doors)
        doors.push_back(json::object{{"door", door.door},
                                     {"before", shown(door.before)},
                                     {"after", shown(door.after)},
                                     {"said", shown(escaped(door.said))},
                                     {"took_ms", door.took.count()},
                                     {"proved", door.proved}});
    return {{"complete", proof.complete},
            {"sessions_ended", proof.sessions_ended},
            {"sessions_took_ms", proof.sessions_took.count()},
            {"sessions_trouble", shown(proof.sessions_trouble)},
            {"doors", std::move(doors)},
            {"took_ms", proof.took.count()}};
}

}  // namespace

json::object to_json(mail::Domain const& domain)
{
    json::object out{{"name", domain.name.text()}};
    show_fields(out, domain, domain_table());
    out["id"] = domain.id.text();
    out["created"] = shown(domain.created);
    return out;
}

json::object to_json(mail::Mailbox const& mailbox)
{
    json::object out{{"name", mailbox.name}};
    show_fields(out, mailbox, mailbox_table());
    out["former_names"] = shown(mailbox.former_names);
    bool const is_deleted = mailbox.state == mail::MailboxState::deleted;
    out["state_before"] = is_deleted ? shown(mail::word(mailbox.state_before)) : nullptr;
    out["restorable_until"] = shown(mailbox.restorable_until);
    out["recovery_confirmed"] = mailbox.recovery_confirmed;
    out["store"] = json::object{{"target", shown(mailbox.store.target)},
                                {"name", shown(mailbox.store.name)},
                                {"state", mail::word(mailbox.store.state)},
                                {"reason", shown(mailbox.store.reason)}};
    out["id"] = mailbox.id.text();
    out["created"] = shown(mailbox.created);
    return out;
}

json::object to_json(mail::Alias const& alias)
{
    json::object out{{"address", alias.address.text()}};
    show_fields(out, alias, alias_table());
    out["id"] = alias.id.text();
    out["created"] = shown(alias.created);
    return out;
}

json::object to_json(mail::Admin const& admin)
{
    json::object out{{"name", admin.name}};
    show_fields(out, admin, admin_table());
    out["id"] = admin.id.text();
    out["created"] = shown(admin.created);
    return out;
}

json::object to_json(directory::TokenDetails const& details)
{
    auto const& token = details.token;
    json::object out{{"id", token.id.text()},
                     {"admin", details.admin},
                     {"label", shown(token.label)},
                     {"role", mail::word(token.role)},
                     {"domains", shown(token.domains)},
                     {"read_only", token.read_only},
                     {"expires", shown(token.expires)},
                     {"networks", shown(token.networks)},
                     {"created", shown(token.created)},
                     {"last_used", nullptr},
                     {"last_from", nullptr}};
    if (details.last_use) {
        out["last_used"] = shown(details.last_use->at);
        out["last_from"] = shown(details.last_use->from);
    }
    return out;
}

json::object to_json(directory::DomainDetails const& details)
{
    auto out = to_json(details.domain);
    out["counts"] = json::object{{"mailboxes", details.counts.mailboxes},
                                 {"aliases", details.counts.aliases},
                                 {"external_aliases", details.counts.external_aliases},
                                 {"quota_sum", details.counts.quota_sum}};
    return out;
}

json::object to_json(directory::MailboxDetails const& details)
{
    auto out = to_json(details.mailbox);
    out["effective_quota"] = shown(details.effective_quota);
    out["usage"] = nullptr;
    if (details.usage)
        out["usage"] = json::object{
            {"bytes", details.usage->bytes}, {"messages", details.usage->messages}, {"at", shown(details.usage->at)}};
    json::array logins;
    for (auto const& [service, at] : details.last_logins)
        logins.push_back(json::object{{"service", service}, {"at", shown(at)}});
    out["last_logins"] = std::move(logins);
    out["named_by"] = shown(details.aliases);
    json::array credentials;
    for (auto const& credential : details.credentials) credentials.push_back(to_json(credential));
    out["credentials"] = std::move(credentials);
    out["revision"] = details.revision;
    return out;
}

json::object to_json(directory::Done const& done)
{
    json::object out{{"subject", done.subject},     {"revision", nullptr},        {"dry_run", done.dry_run},
                     {"answering", done.answering}, {"notes", shown(done.notes)}, {"proof", nullptr}};
    if (done.revision != 0) out["revision"] = done.revision;
    if (done.proof) out["proof"] = to_json(*done.proof);
    return out;
}

Result<DomainChange> domain_change(json::object const& body, bool adding)
{
    return change_from<DomainChange>(body, adding, mail::domain_fields, domain_table());
}

Result<MailboxChange> mailbox_change(json::object const& body, bool adding)
{
    return change_from<MailboxChange>(body, adding, mail::mailbox_fields, mailbox_table());
}

Result<AliasChange> alias_change(json::object const& body, bool adding)
{
    return change_from<AliasChange>(body, adding, mail::alias_fields, alias_table());
}

Result<directory::AdminChange> admin_change(json::object const& body)
{
    return change_from<directory::AdminChange>(body, true, mail::admin_fields, admin_table());
}

Result<directory::NewToken> new_token(json::object& body)
{
    directory::NewToken wanted;
    wanted.admin = TRY(take_text(body, "admin"));
    wanted.label = TRY(take_text(body, "label"));
    CHECK_OK(take(body, "role", wanted.role));
    CHECK_OK(take(body, "domains", wanted.domains));
    CHECK_OK(take(body, "read_only", wanted.read_only));
    CHECK_OK(take(body, "expires", wanted.expires));
    CHECK_OK(take(body, "networks", wanted.networks));
    auto known = names_of(mail::token_fields, true);
    known.emplace_back("admin");
    CHECK_OK(nothing_else(body, known));
    return wanted;
}

Result<std::optional<directory::NewPassword>> take_password(json::object& body)
{
    auto const* password = body.if_contains("password");
    auto const* hash = body.if_contains("hash");
    if (!password && !hash) return std::optional<directory::NewPassword>();
    if (password && hash) return fail(Fault::invalid, "hash: give a password or a hash, not both", "hash");
    directory::NewPassword taken;
    if (password) taken.password = TRY(read_secret(*password, "password"));
    if (hash) taken.hash = TRY(read_secret(*hash, "hash")).reveal();
    body.erase("password");
    body.erase("hash");
    return std::optional<directory::NewPassword>(std::move(taken));
}

Result<std::string> take_text(json::object& body, std::string_view name)
{
    auto const* value = body.if_contains(name);
    if (!value) return std::string();
    auto text = TRY(From<std::string>::read(*value, name));
    body.erase(name);
    return text;
}

Result<bool> take_flag(json::object& body, std::string_view name)
{
    auto const* value = body.if_contains(name);
    if (!value) return false;
    auto const flag = TRY(From<bool>::read(*value, name));
    body.erase(name);
    return flag;
}

Result<void> nothing_else(json::object const& body, std::vector<std::string> const& known)
{
    if (body.empty()) return {};
    auto const name = std::string_view(body.begin()->key());
    auto const near = nearest(name, known);
    auto const hint = near ? "; did you mean " + *near + "?" : std::string();
    return fail(Fault::invalid, "'" + escaped(name) + "' is not a known member" + hint, std::string(name));
}

}  // namespace provost::api
