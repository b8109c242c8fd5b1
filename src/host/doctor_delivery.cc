// SPDX-License-Identifier: Apache-2.0
#include "host/doctor_delivery.h"

#include <algorithm>
#include <optional>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "host/doors.h"
#include "host/inbox.h"
#include "host/smtp_client.h"

namespace provost::host {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds patience{10'000};  // for each thing a server says
constexpr std::chrono::seconds on_the_way{30};         // for a letter; Postfix tries at once
constexpr std::chrono::milliseconds pause{20};
constexpr auto header = "X-Provost-Doctor";

constexpr auto see_logs = "look at the logs of Postfix, of the server of the mailboxes and of provostd";

class Delivery {
public:
    Delivery(Examination const& exam, std::string const& domain)
        : exam_(exam), word_(to_hex(random_bytes(4))), address_("provost-doctor-" + word_ + "@" + domain)
    {
    }

    void run()
    {
        find_doors();
        if (!step(
                "probe mailbox", "made " + address_, [&] { return make(); },
                "pick another domain with --domain, or leave this out with --no-delivery"))
            return;
        if (submission_ && imap_) go_round();
        auto const deleted = step(
            "probe deleted", address_, [&] { return act("DELETE", ""); },
            "delete it: provost mailbox delete " + address_);
        if (!deleted) return;
        // Nobody wants its letter back, and each run would leave a mailbox that is kept for [restore] keep_deleted.
        step(
            "probe purged", address_, [&] { return act("POST", "/purge"); },
            "purge it: provost mailbox purge " + address_);
    }

private:
    // One line; whether it came to its end.
    template <class Step>
    bool step(std::string const& check, std::string const& what, Step take, std::string const& cure)
    {
        Stopwatch const watch;
        auto const done = take();
        auto const took = fmt::format("{} ms", watch.elapsed().count());
        if (done) exam_.well(check, what + ", " + took);
        else exam_.ill(Health::red, check, done.error().message + ", after " + took, cure);
        return done.has_value();
    }

    void find_doors()
    {
        using targets::DoorKind;
        for (auto const& door : doors_of(exam_.site.settings.doors)) {
            auto& slot = door.kind == DoorKind::submission ? submission_ : imap_;
            auto const fits = door.kind == DoorKind::submission || door.kind == DoorKind::imap;
            if (fits && !slot) slot = door;
        }
        for (auto const& [door, name] : {std::pair(&submission_, "submission"), std::pair(&imap_, "imap")}) {
            if (*door) continue;
            exam_.ill(Health::skipped, "delivery", fmt::format("[doors] of the settings has no {}", name),
                      "say there where users " + std::string(name == std::string_view("imap") ? "read" : "send"));
        }
    }

    void go_round()
    {
        auto const sent = step(
            "submission", "sent a letter as " + address_, [&] { return send(); }, see_logs);
        if (sent)
            step(
                "delivery", "read it by IMAP", [&] { return arrive(); },
                see_logs + std::string(", and `postqueue -p`"));
        auto const off = step(
            "probe disabled", address_, [&] { return act("POST", "/disable"); }, see_logs);
        if (!off) return;
        for (auto const& door : {*imap_, *submission_}) {
            step(
                "refused at " + door.name, "as it should be", [&] { return be_refused(door); },
                "somebody else than Provost lets users in there: run `provost setup`");
        }
    }

    Result<void> make()
    {
        TRY(exam_.ask("POST", "/mailboxes", {{"name", address_}, {"password", std::string(password_.reveal())}}));
        return {};
    }

    Result<void> act(std::string const& method, std::string const& verb)
    {
        // The address is of letters, digits, dots and dashes; only its @ has to be escaped.
        auto path = "/mailboxes/" + address_ + verb;
        path.replace(path.find('@'), 1, "%40");
        TRY(exam_.ask(method, path, {}));
        return {};
    }

    Result<void> send()
    {
        auto const& door = *submission_;
        auto const implicit = door.tls == targets::DoorTls::implicit;
        auto client = TRY(SmtpClient::connect(door.host, door.port, implicit, patience));
        TRY(client.ehlo());
        if (!implicit) {
            CHECK_OK(client.start_tls());
            TRY(client.ehlo());
        }
        CHECK_OK(client.sign_in(address_, password_));
        auto const letter = fmt::format(
            "From: <{0}>\r\nTo: <{0}>\r\nSubject: provost doctor\r\nMessage-ID: <{1}@provost-doctor.invalid>\r\n"
            "{2}: {1}\r\nAuto-Submitted: auto-generated\r\n\r\nThis letter shows that mail arrives.",
            address_, word_, header);
        TRY(client.send_letter(address_, address_, letter));
        return {};
    }

    // Postfix hands it over when it is taken; how long that takes is what is asked here.
    Result<void> arrive()
    {
        auto const& door = *imap_;
        auto inbox = TRY(
            Inbox::open(door.host, door.port, door.tls == targets::DoorTls::implicit, address_, password_, patience));
        Stopwatch const watch;
        for (;;) {
            auto const arrived = TRY(inbox.has_letter(header, word_));
            if (arrived) return {};
            if (watch.elapsed() > on_the_way) return fail(Fault::unavailable, "the letter has not arrived");
            std::this_thread::sleep_for(pause);
        }
    }

    Result<void> be_refused(targets::Door const& door)
    {
        auto const result = targets::knock(door, address_, password_, patience);
        if (result.knock == targets::Knock::refused) return {};
        return fail(Fault::conflict, fmt::format("{}: {}", targets::word(result.knock), result.said));
    }

    Examination const& exam_;
    std::string word_;
    std::string address_;
    Secret password_{random_token(18)};
    std::optional<targets::Door> submission_, imap_;
};

// The first domain whose mailboxes are here; empty where there is none.
Result<std::string> first_domain(Examination const& exam)
{
    auto const page = TRY(exam.ask("GET", "/domains", {}));
    auto const* items = page.if_contains("items");
    if (!items || !items->is_array()) return fail(Fault::unavailable, "provostd answered without a list");
    for (auto const& item : items->get_array()) {
        auto const is = [&](std::string_view name, json::value const& wanted) {
            auto const* value = item.is_object() ? item.get_object().if_contains(name) : nullptr;
            return value && *value == wanted;
        };
        if (is("kind", "hosted") && is("enabled", true)) return std::string(item.at("name").as_string());
    }
    return std::string();
}

}  // namespace

void try_delivery(Examination const& exam, std::string const& domain)
{
    auto const chosen = domain.empty() ? first_domain(exam) : Result<std::string>(domain);
    if (!chosen) return exam.ill(Health::red, "delivery", chosen.error().message, "start provostd");
    if (chosen->empty()) {
        return exam.ill(Health::skipped, "delivery", "the directory hosts no domain yet", "provost domain add NAME");
    }
    Delivery(exam, *chosen).run();
}

}  // namespace provost::host
