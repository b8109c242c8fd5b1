// SPDX-License-Identifier: Apache-2.0
#include "directory/sight.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "mail/answers.h"

namespace provost::directory {

mail::Expansion as_seen(mail::Expansion whole, std::string_view address, Authority const& authority)
{
    if (authority.reach().everywhere) return whole;
    mail::Expansion seen;
    seen.too_large = whole.too_large;
    if (whole.loop) seen.loop = authority.shown(*whole.loop);
    std::vector<std::string> open{std::string(address)};
    std::set<std::string> met(open.begin(), open.end());
    while (!open.empty()) {
        auto const current = open.back();
        open.pop_back();
        auto const ends_here =
            std::find(whole.recipients.begin(), whole.recipients.end(), current) != whole.recipients.end();
        if (ends_here || !authority.sees(current)) seen.recipients.push_back(current);
        if (!authority.sees(current)) continue;
        auto const is_current = [&](auto const& step) { return step.subject == current; };
        auto const step = std::find_if(whole.steps.begin(), whole.steps.end(), is_current);
        if (step == whole.steps.end()) continue;
        seen.steps.push_back(*step);
        for (auto next = step->leads_to.rbegin(); next != step->leads_to.rend(); ++next)
            if (met.insert(*next).second) open.push_back(*next);
    }
    return seen;
}

Result<void> check_key(Authority const& authority, std::string_view key)
{
    auto const at = key.rfind('@');
    auto const domain = folded(at == std::string_view::npos ? key : key.substr(at + 1));
    if (!authority.sees_domain(domain)) return refuse(Fault::not_found, "key", key, "is not in a domain here");
    return {};
}

Result<void> check_login(Authority const& authority, replica::Replica& replica, char delimiter, std::string_view login)
{
    auto name = mail::login_from_wire(login).value_or(std::string(login));
    if (!authority.runs_site()) {
        replica::Held const held(replica);
        auto const facts = mail::Answers(*held, now(), delimiter).login(login);
        if (facts) name = facts->name;
    }
    return authority.check({Right::help, Ground::mailbox, true}, name);
}

}  // namespace provost::directory
