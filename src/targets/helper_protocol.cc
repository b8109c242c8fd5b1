// SPDX-License-Identifier: Apache-2.0
#include "targets/helper_protocol.h"

#include <algorithm>

#include "base/text.h"
#include "targets/cyrus_names.h"

namespace provost::targets {
namespace {

constexpr std::string_view remove_home = "remove-home ";
constexpr std::string_view look_at_sessions = "cyrus-sessions ";
constexpr std::string_view end_sessions = "end-cyrus-sessions ";
constexpr std::string_view yes = "OK ";
constexpr std::string_view no = "NO ";
constexpr std::string_view later = "TEMP ";

// Words of an error hold no foreign bytes that are not escaped; other programs' words may have several lines.
std::string one_line(std::string words)
{
    for (auto& c : words) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    words.resize(std::min(words.size(), longest_helper_answer - later.size() - 1));
    return words;
}

// A domain may have any bytes as far as Cyrus's rules for names go.
bool is_one_line(std::string_view user)
{
    return std::ranges::all_of(user, [](char c) { return c >= 0x20 && c < 0x7F; });
}

}  // namespace

std::string helper_line(HelperRequest const& request)
{
    if (auto const* home = std::get_if<RemoveHome>(&request))
        return std::string(remove_home) + home->mailbox.text() + "\n";
    auto const& sessions = std::get<CyrusSessions>(request);
    return std::string(sessions.end ? end_sessions : look_at_sessions) + sessions.user + "\n";
}

Result<HelperRequest> parse_helper_line(std::string_view line)
{
    if (line.starts_with(remove_home)) {
        auto const id = line.substr(remove_home.size());
        if (is_uuid(id)) return RemoveHome{MailboxId(std::string(id))};
        return refuse(Fault::invalid, "remove-home", id, "is not the id of a mailbox");
    }
    for (auto const verb : {look_at_sessions, end_sessions}) {
        if (!line.starts_with(verb)) continue;
        auto const user = line.substr(verb.size());
        CHECK_OK(check_cyrus_user(user));
        if (!is_one_line(user)) return refuse(Fault::invalid, "user", user, "is not the name of a user");
        return CyrusSessions{std::string(user), verb == end_sessions};
    }
    return refuse(Fault::invalid, "request", line,
                  "is not: remove-home UUID, cyrus-sessions USER or end-cyrus-sessions USER");
}

std::string helper_answer(Result<std::string> const& outcome)
{
    if (outcome) return outcome->empty() ? "OK\n" : "OK " + one_line(*outcome) + "\n";
    auto const word = outcome.error().fault == Fault::unavailable ? later : no;
    return std::string(word) + one_line(outcome.error().message) + "\n";
}

Result<std::string> parse_helper_answer(std::string_view line)
{
    if (line == "OK") return std::string();
    if (line.starts_with(yes)) return std::string(line.substr(yes.size()));
    if (line.starts_with(no)) return fail(Fault::denied, "the root helper refuses: " + escaped(line.substr(no.size())));
    if (line.starts_with(later)) {
        return fail(Fault::unavailable, "the root helper: " + escaped(line.substr(later.size())));
    }
    return fail(Fault::unavailable, "the root helper answers what is not understood: '" + escaped(line) + "'");
}

std::string sessions_text(std::vector<OpenSession> const& sessions)
{
    std::string text;
    for (auto const& session : sessions) {
        auto const one = (text.empty() ? "" : " ") + session.service + ":" + session.id;
        if (yes.size() + text.size() + one.size() + 1 > longest_helper_answer) break;
        text += one;
    }
    return text;
}

Result<std::vector<OpenSession>> parse_sessions(std::string_view text, std::string const& user)
{
    std::vector<OpenSession> found;
    if (text.empty()) return found;
    for (auto const one : split(text, ' ')) {
        auto const colon = one.rfind(':');
        if (colon == 0 || colon == std::string_view::npos || !to_integer(one.substr(colon + 1)))
            return fail(Fault::unavailable, "the root helper names a session that is none: '" + escaped(one) + "'");
        found.push_back({user, std::string(one.substr(0, colon)), {}, std::string(one.substr(colon + 1))});
    }
    return found;
}

}  // namespace provost::targets
