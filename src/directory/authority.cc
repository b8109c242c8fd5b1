// SPDX-License-Identifier: Apache-2.0
#include "directory/authority.h"

#include <algorithm>

namespace provost::directory {
namespace {

constexpr char const* not_kept = "is in a domain that is not kept here";

mail::Role least_role(Right right)
{
    switch (right) {
        case Right::see:
        case Right::help:
            return mail::Role::owner;
        case Right::administer:
            return mail::Role::domain_admin;
        case Right::run:
            break;
    }
    return mail::Role::site_admin;
}

tl::unexpected<Error> denied() { return fail(Fault::denied, "this is more than you may do"); }

}  // namespace

Authority Authority::site_admin() { return {mail::Role::site_admin, {.everywhere = true}, false}; }

Authority::Authority(mail::Role role, Reach reach, bool read_only)
    : is_somebody_(true), read_only_(read_only), role_(role), reach_(std::move(reach))
{
    std::sort(reach_.domains.begin(), reach_.domains.end());
    // Two roles have no say in where they hold.
    if (role == mail::Role::site_admin) reach_.everywhere = true;
    if (role == mail::Role::owner) reach_ = {.mailbox = std::move(reach_.mailbox)};
}

bool Authority::may(Right right, bool changes) const
{
    return is_somebody_ && role_ >= least_role(right) && !(changes && read_only_);
}

bool Authority::sees_domain(std::string_view domain) const
{
    return is_somebody_ &&
           (reach_.everywhere || std::binary_search(reach_.domains.begin(), reach_.domains.end(), domain));
}

bool Authority::is_over(std::string_view name) const
{
    auto const at = name.rfind('@');
    // A bare name is a program's, such as the one that administers a mail store: no help desk's and no domain's.
    return at == std::string_view::npos ? runs_site() : sees_domain(name.substr(at + 1));
}

bool Authority::sees(std::string_view name) const { return is_over(name) || owns(name); }

std::string Authority::shown(std::string_view name) const
{
    return sees(name) ? std::string(name) : "an address of another domain";
}

Result<void> Authority::check(Need const& need, std::string_view name) const
{
    if (!may(need.right, need.changes)) return denied();
    bool const is_owners = need.right == Right::see || need.right == Right::help;
    switch (need.ground) {
        case Ground::site:
            if (!runs_site()) return denied();
            return {};
        case Ground::some:
            return {};
        case Ground::domain:
            if (!sees_domain(name)) return refuse(Fault::not_found, "name", name, "is not a domain here");
            return {};
        case Ground::mailbox:
            if (!sees(name)) return refuse(Fault::not_found, "name", name, "is not a mailbox here");
            if (!is_over(name) && !is_owners) return denied();
            return {};
        case Ground::new_mailbox:
            if (!is_over(name)) return refuse(Fault::not_found, "name", name, not_kept);
            return {};
        case Ground::alias:
            if (!is_over(name)) return refuse(Fault::not_found, "address", name, "is not an alias here");
            return {};
        case Ground::address:
            break;
    }
    if (!(need.right == Right::see ? sees(name) : is_over(name)))
        return refuse(Fault::not_found, "address", name, not_kept);
    return {};
}

bool Authority::covers(mail::Admin const& admin) const
{
    if (!is_somebody_ || role_ < admin.role) return false;
    if (reach_.everywhere) return true;
    auto const& theirs = admin.domains.some;
    return !admin.domains.all &&
           std::all_of(theirs.begin(), theirs.end(), [&](auto const& domain) { return sees_domain(domain.name); });
}

Result<void> Authority::check_field(bool said, std::string_view field) const
{
    if (!said || runs_site()) return {};
    return fail(Fault::denied, std::string(field) + ": is for site admins to say", std::string(field));
}

store::Scope Authority::scope() const { return {reach_.everywhere, reach_.domains}; }

}  // namespace provost::directory
