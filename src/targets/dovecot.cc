// SPDX-License-Identifier: Apache-2.0
#include "targets/dovecot.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "base/text.h"
#include "base/time.h"
#include "mail/home.h"

namespace provost::targets {
namespace {

// What else runs in somebody's name: a delivery that was accepted is finished, and doveadm is the administrator.
bool is_of_a_person(std::string_view service)
{
    return service != "lmtp" && service != "lda" && service != "doveadm" && service != "quota-status";
}

std::string take(DoveadmRow const& row, std::string_view field, std::string_view older_field)
{
    auto found = row.find(field);
    if (found == row.end()) found = row.find(older_field);
    return found == row.end() ? std::string() : found->second;
}

// Dovecot has no way to write a literal *: the nearest mask has ? there.
std::string mask_for(std::string name)
{
    std::replace(name.begin(), name.end(), '*', '?');
    return name;
}

}  // namespace

Result<mail::Store> Dovecot::place(mail::Mailbox const& mailbox) const
{
    auto const& known = mailbox.store.name;
    return mail::Store{name_, known.empty() ? mail::home_of(mailbox.id) : known, {}, mail::StoreState::ready, {}};
}

// Only a home that is where its id says: whoever keeps it elsewhere removes it.
Result<void> Dovecot::retire(mail::Mailbox const& mailbox)
{
    auto const home = mail::home_of(mailbox.id);
    if (!mailbox.store.name.empty() && mailbox.store.name != home)
        return refuse(Fault::conflict, "store", mailbox.store.name, "is not " + home + ", which alone is removed");
    return remove_home_(mailbox.id);
}

// A row for each resource; storage is in KiB, rounded up.
Result<mail::Fullness> Dovecot::usage(std::string const& name)
{
    auto const answer = TRY(doveadm_.ask(quota_request(name)));
    CHECK_OK(judge_exit_code("quota get", answer.exit_code));
    std::optional<std::int64_t> kilobytes;
    std::optional<std::int64_t> messages;
    for (auto const& row : answer.rows) {
        auto const type = take(row, "type", "");
        if (type == "STORAGE") kilobytes = to_integer(take(row, "value", ""));
        if (type == "MESSAGE") messages = to_integer(take(row, "value", ""));
    }
    if (!kilobytes || !messages) return fail(Fault::unavailable, "doveadm quota get did not tell how full it is");
    return mail::Fullness{std::max<std::int64_t>(*kilobytes * 1024 - 1023, 0), *messages};
}

// Asked without a mask, since a mask holds one name only, and may match more than it.
Result<std::vector<OpenSession>> Dovecot::every_session() const
{
    auto const answer = TRY(doveadm_.ask(who_request()));
    CHECK_OK(judge_exit_code("who", answer.exit_code));
    std::vector<OpenSession> open;
    for (auto const& row : answer.rows) {
        OpenSession session{take(row, "username", "user"), take(row, "service", "proto"), take(row, "ip", "ips"),
                            take(row, "pid", "pids")};
        if (session.name.empty()) return fail(Fault::unavailable, "doveadm who named a session without its user");
        if (is_of_a_person(session.service)) open.push_back(std::move(session));
    }
    return open;
}

Result<std::vector<OpenSession>> Dovecot::sessions(std::vector<std::string> const& names)
{
    std::unordered_set<std::string_view> const wanted(names.begin(), names.end());
    auto open = TRY(every_session());
    open.erase(std::remove_if(open.begin(), open.end(), [&](auto const& s) { return !wanted.count(s.name); }),
               open.end());
    return open;
}

Result<void> Dovecot::kick(std::string const& name, std::vector<OpenSession> const& open) const
{
    auto const is_own = [&](auto const& session) { return session.name == name; };
    if (std::none_of(open.begin(), open.end(), is_own)) return {};
    bool const is_mask = name.find_first_of("*?") != std::string::npos;
    auto const mask = mask_for(name);
    auto const is_other = [&](auto const& session) { return !is_own(session) && matches_mask(mask, session.name); };
    if (is_mask && std::any_of(open.begin(), open.end(), is_other)) {
        return refuse(Fault::conflict, "name", name,
                      "is a mask to doveadm kick, and others whose names match it are signed in");
    }
    auto const answer = TRY(doveadm_.ask(kick_request(mask)));
    // 2.3 says so where 2.4 counts 0: the session ended by itself meanwhile.
    if (answer.exit_code != doveadm_nobody) CHECK_OK(judge_exit_code("kick", answer.exit_code));
    return {};
}

Result<void> Dovecot::end_sessions(std::vector<std::string> const& names)
{
    auto const open = TRY(every_session());
    Result<void> outcome;
    Stopwatch const watch;
    for (auto const& name : names) {
        if (watch.elapsed() > patience_)
            return fail(Fault::unavailable,
                        "doveadm did not end all sessions within " + std::to_string(patience_.count()) + " ms");
        auto kicked = kick(name, open);
        if (!kicked && outcome) outcome = std::move(kicked);
    }
    return outcome;
}

}  // namespace provost::targets
