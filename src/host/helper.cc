// SPDX-License-Identifier: Apache-2.0
#include "host/helper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <poll.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "host/remove_home.h"

namespace provost::host {

namespace {

Result<void> check_peer(net::Fd const& peer, std::vector<uid_t> const& callers)
{
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(peer.get(), SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) {
        return fail(Fault::unavailable, "cannot tell who asks");
    }
    if (std::find(callers.begin(), callers.end(), who.uid) != callers.end()) return {};
    return refuse(Fault::denied, "user", std::to_string(who.uid), "may not ask");
}

// The line without its end; nothing when none came, or more than it.
std::optional<std::string> hear(net::Fd const& peer, std::chrono::milliseconds hearing)
{
    Stopwatch const watch;
    std::string text;
    std::array<char, targets::longest_helper_request + 1> piece{};
    while (text.find('\n') == std::string::npos && text.size() < piece.size()) {
        auto const left = hearing - watch.elapsed();
        pollfd waited{peer.get(), POLLIN, 0};
        if (left.count() <= 0) return std::nullopt;
        if (::poll(&waited, 1, static_cast<int>(left.count())) <= 0) continue;
        auto const got = ::recv(peer.get(), piece.data(), piece.size() - text.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return std::nullopt;
        text.append(piece.data(), static_cast<std::size_t>(got));
    }
    return text;
}

Result<std::string> answer_to(std::string_view text, HelperWork const& work)
{
    if (!text.ends_with('\n')) return refuse(Fault::invalid, "request", text, "is not one line");
    text.remove_suffix(1);
    auto const request = TRY(targets::parse_helper_line(text));
    auto const outcome = work(request);
    log::write(outcome ? log::Level::info : log::Level::warning, outcome ? "HELPER_DID" : "HELPER_DID_NOT",
               {{"request", std::string(text)}, {"reason", outcome ? "" : outcome.error().message}});
    return outcome;
}

}  // namespace

void converse(net::Fd const& peer, std::vector<uid_t> const& callers, HelperWork const& work,
              std::chrono::milliseconds hearing)
{
    Result<std::string> outcome;
    if (auto const allowed = check_peer(peer, callers)) {
        auto const text = hear(peer, hearing);
        if (!text) return;
        outcome = answer_to(*text, work);
    } else {
        log::warning("HELPER_REFUSED", {{"reason", allowed.error().message}});
        outcome = tl::make_unexpected(allowed.error());
    }
    auto const line = targets::helper_answer(outcome);
    static_cast<void>(::send(peer.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

HelperWork helper_work(config::Mail const& mail, std::optional<CyrusProcesses> const& cyrus)
{
    MailStore const store{mail.mail_root, static_cast<uid_t>(mail.uid), static_cast<gid_t>(mail.gid)};
    return [store, cyrus](targets::HelperRequest const& request) -> Result<std::string> {
        if (auto const* home = std::get_if<targets::RemoveHome>(&request)) {
            CHECK_OK(remove_home(store, home->mailbox, helper_patience));
            return std::string();
        }
        auto const& sessions = std::get<targets::CyrusSessions>(request);
        if (!cyrus) return fail(Fault::denied, "there is no Cyrus on this host");
        if (!sessions.end) return targets::sessions_text(TRY(cyrus_sessions(*cyrus, sessions.user)));
        CHECK_OK(end_cyrus_sessions(*cyrus, sessions.user));
        return std::string();
    };
}

}  // namespace provost::host
