// SPDX-License-Identifier: Apache-2.0
// For tests: a record in memory that can go away, and a server whose sessions end when they are told to.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "base/awaited.h"
#include "base/text.h"
#include "store/store.h"
#include "targets/target.h"

namespace provost::reconcile {

// What the tests look at; the record itself is used by one thread at a time.
struct Page {
    std::map<std::string, mail::Domain> domains;
    std::map<std::string, mail::Mailbox> mailboxes;
    std::vector<store::Lapse> alias_lapses;
    std::vector<store::Work> work;
    std::vector<std::string> finished;
    std::vector<store::AuditEntry> audit;
    std::vector<std::pair<std::string, store::Usage>> usages;
    std::vector<store::Store::SignIn> sign_ins;
    std::vector<store::TokenUse> token_uses;
    int batches = 0;
    int prunes = 0;
    int expiry_reads = 0;
    std::int64_t old_changes = 0;
    Time pruned_before = {};
    bool is_away = false;    // refused before it is asked
    bool is_broken = false;  // throws when it is asked
};

class TestWriting : public store::Writing {
public:
    explicit TestWriting(Page& page) : page_(page) {}

    store::Position position() override { return {}; }
    std::optional<mail::Domain> domain(std::string_view name) override
    {
        for (auto const& [id, domain] : page_.domains)
            if (domain.name.text() == name) return domain;
        return std::nullopt;
    }
    std::optional<mail::Domain> domain_by_id(std::string_view id) override
    {
        auto const found = page_.domains.find(std::string(id));
        return found == page_.domains.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<mail::Domain> domains(std::string_view) override { return {}; }
    std::optional<store::MailboxRecord> mailbox(std::string_view) override { return {}; }
    std::vector<store::MailboxRecord> deleted_mailboxes(std::string_view name) override
    {
        std::vector<store::MailboxRecord> found;
        for (auto const& [id, mailbox] : page_.mailboxes)
            if (mailbox.name == name && mailbox.state == mail::MailboxState::deleted) found.push_back({mailbox, {}, 0});
        return found;
    }
    std::optional<store::MailboxRecord> mailbox_by_id(std::string_view id) override
    {
        auto const found = page_.mailboxes.find(std::string(id));
        if (found == page_.mailboxes.end()) return std::nullopt;
        return store::MailboxRecord{found->second, {}, 0};
    }
    std::optional<std::string> owner_of_name(std::string_view name) override
    {
        for (auto const& [id, mailbox] : page_.mailboxes)
            if (mailbox.name == name && mailbox.state != mail::MailboxState::deleted) return "mailbox:" + id;
        return std::nullopt;
    }
    std::vector<mail::Mailbox> mailboxes(std::string_view mask, std::string_view after, int limit,
                                         store::Scope const&) override
    {
        std::vector<mail::Mailbox> found;
        for (auto const& [id, mailbox] : page_.mailboxes) {
            if (matches_mask(mask, mailbox.name) && mailbox.name > after) found.push_back(mailbox);
        }
        std::sort(found.begin(), found.end(), [](auto const& a, auto const& b) { return a.name < b.name; });
        if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
        return found;
    }
    std::vector<mail::Mailbox> deleted_mailboxes(std::string_view, store::NameAndId const&, int,
                                                 store::Scope const&) override
    {
        return {};
    }
    std::optional<mail::Alias> alias(std::string_view) override { return {}; }
    std::optional<mail::Alias> alias_by_id(std::string_view) override { return {}; }
    std::vector<mail::Alias> aliases(std::string_view, std::string_view, int, store::Scope const&) override
    {
        return {};
    }
    std::vector<mail::Alias> aliases_with_target(std::string_view) override { return {}; }
    store::Referrers referrers(std::string_view, char) override { return {}; }
    store::Referrers referrers_into(std::string_view) override { return {}; }
    std::optional<mail::Admin> admin(std::string_view) override { return {}; }
    std::optional<mail::Admin> admin_by_id(std::string_view) override { return {}; }
    std::vector<mail::Admin> admins(std::string_view) override { return {}; }
    std::vector<mail::Admin> admins_of_mailbox(std::string_view) override { return {}; }
    std::optional<mail::Token> token_by_id(std::string_view) override { return {}; }
    std::vector<mail::Token> tokens_of(std::string_view) override { return {}; }
    std::optional<store::TokenUse> last_use(std::string_view) override { return {}; }
    store::DomainCounts counts(std::string_view) override { return {}; }
    std::optional<store::Usage> usage(std::string_view) override { return {}; }
    std::vector<std::pair<std::string, Time>> last_logins(std::string_view) override { return {}; }
    std::vector<store::AuditEntry> audit(std::string_view, store::Revision, int, store::Scope const&) override
    {
        return {};
    }

    std::vector<store::Work> work_about(std::string_view subject) override
    {
        std::vector<store::Work> found;
        for (auto const& work : page_.work)
            if (work.subject == subject) found.push_back(work);
        return found;
    }
    std::optional<store::Work> work_by_id(std::string_view) override { return {}; }
    std::vector<store::Work> pending_work(store::WorkPlace const&, int) override { return page_.work; }
    Time latest_act() override { return {}; }

    std::vector<store::Lapse> expiring(store::Lapse const& after, Time until, int limit) override
    {
        ++page_.expiry_reads;
        auto found = page_.alias_lapses;
        for (auto const& [id, domain] : page_.domains) {
            if (domain.expires) found.push_back({*domain.expires, id, store::Kind::domain});
        }
        for (auto const& [id, mailbox] : page_.mailboxes) {
            if (mailbox.expires) found.push_back({*mailbox.expires, id, store::Kind::mailbox});
        }
        auto const is_outside = [&](auto const& lapse) {
            return lapse.at > until || std::tie(lapse.at, lapse.id) <= std::tie(after.at, after.id);
        };
        found.erase(std::remove_if(found.begin(), found.end(), is_outside), found.end());
        return first(std::move(found), limit);
    }
    std::vector<store::Lapse> past_restoring(Time until, int limit) override
    {
        std::vector<store::Lapse> found;
        for (auto const& [id, mailbox] : page_.mailboxes) {
            if (mailbox.restorable_until && *mailbox.restorable_until <= until) {
                found.push_back({*mailbox.restorable_until, id, store::Kind::mailbox});
            }
        }
        return first(std::move(found), limit);
    }
    std::optional<std::vector<store::Change>> changes(store::Position const&, int) override { return {}; }
    void every_domain(std::function<void(mail::Domain const&)> const&) override {}
    void every_mailbox(std::function<void(store::MailboxRecord const&)> const&) override {}
    void every_alias(std::function<void(mail::Alias const&)> const&) override {}
    void every_usage(std::function<void(std::string_view, store::Usage const&)> const&) override {}

    void put(mail::Domain const& domain) override { page_.domains.insert_or_assign(domain.id.text(), domain); }
    void put(mail::Mailbox const& mailbox) override { page_.mailboxes[mailbox.id.text()] = mailbox; }
    void put(mail::Alias const&) override {}
    void put(mail::Admin const&) override {}
    void put(mail::Token const&) override {}
    void put_credential(MailboxId const&, mail::Credential const&) override {}
    void remove_credential(MailboxId const&, CredentialId const&) override {}
    void remove(DomainId const&) override {}
    void remove(MailboxId const& id) override { page_.mailboxes.erase(id.text()); }
    void remove(AliasId const&) override {}
    void remove(AdminId const&) override {}
    void remove(TokenId const&) override {}
    void audit_act(std::string_view act, std::string_view subject, std::string_view before,
                   std::string_view after) override
    {
        page_.audit.push_back(
            {0, {}, {}, std::string(act), std::string(subject), std::string(before), std::string(after)});
    }
    void add_work(store::Work const& work) override { page_.work.push_back(work); }

private:
    static std::vector<store::Lapse> first(std::vector<store::Lapse> lapses, int limit)
    {
        std::sort(lapses.begin(), lapses.end(),
                  [](auto const& a, auto const& b) { return std::tie(a.at, a.id) < std::tie(b.at, b.id); });
        if (lapses.size() > static_cast<std::size_t>(limit)) lapses.resize(static_cast<std::size_t>(limit));
        return lapses;
    }
    Page& page_;
};

class TestRecord : public store::Store {
    // First, since those who use it have to know its type.
    template <class Use>
    auto use(Use use_page)
    {
        return page.with([&](Page& p) {
            if (p.is_broken) throw std::runtime_error("database is locked");
            return use_page(p);
        });
    }

public:
    Awaited<Page> page;

    std::function<Result<store::Store*>()> way()
    {
        return [this]() -> Result<store::Store*> {
            if (page.with([](Page& p) { return p.is_away; })) return fail(Fault::unavailable, "the record is away");
            return this;
        };
    }

    Result<store::Position> act(store::Actor const& actor,
                                std::function<Result<void>(store::Writing&)> const& act) override
    {
        return use([&](Page& p) -> Result<store::Position> {
            auto draft = p;
            TestWriting writing(draft);
            CHECK_OK(act(writing));
            if (!draft.audit.empty()) draft.audit.back().actor = actor;
            p = std::move(draft);
            return store::Position{};
        });
    }
    Result<void> rehearse(store::Actor const&, std::function<Result<void>(store::Writing&)> const&) override
    {
        return {};
    }
    void read(std::function<void(store::Reading&)> const& look) override
    {
        use([&](Page& p) {
            TestWriting reading(p);
            look(reading);
        });
    }
    void observe_usage(std::vector<std::pair<std::string, store::Usage>> const& by_name) override
    {
        use([&](Page& p) {
            ++p.batches;
            p.usages.insert(p.usages.end(), by_name.begin(), by_name.end());
        });
    }
    void observe_sign_ins(std::vector<SignIn> const& list) override
    {
        use([&](Page& p) { p.sign_ins.insert(p.sign_ins.end(), list.begin(), list.end()); });
    }
    void observe_token_uses(std::vector<store::TokenUse> const& list) override
    {
        use([&](Page& p) { p.token_uses.insert(p.token_uses.end(), list.begin(), list.end()); });
    }
    std::vector<store::Work> take_work(Time time, std::chrono::milliseconds lease, int most) override
    {
        return use([&](Page& p) {
            // What has waited longest comes first, so that work that is soon due again starves nothing.
            std::vector<store::Work*> due;
            for (auto& work : p.work)
                if (work.due <= time) due.push_back(&work);
            std::ranges::stable_sort(due, {}, &store::Work::due);
            if (due.size() > static_cast<std::size_t>(most)) due.resize(static_cast<std::size_t>(most));
            std::vector<store::Work> taken;
            for (auto* const work : due) {
                taken.push_back(*work);
                work->due = time + lease;
            }
            return taken;
        });
    }
    void finish_work(std::string_view id) override
    {
        use([&](Page& p) {
            p.finished.emplace_back(id);
            p.work.erase(std::remove_if(p.work.begin(), p.work.end(), [&](auto const& work) { return work.id == id; }),
                         p.work.end());
        });
    }
    void postpone_work(std::string_view id, Time due, std::string_view error) override
    {
        use([&](Page& p) {
            for (auto& work : p.work) {
                if (work.id != id) continue;
                work.due = due;
                work.last_error = error;
                ++work.attempts;
            }
        });
    }
    bool hasten_work(std::string_view id, Time due) override
    {
        return use([&](Page& p) {
            for (auto& work : p.work)
                if (work.id == id) work.due = due;
            return true;
        });
    }
    std::int64_t prune_changes(Time before) override
    {
        return use([&](Page& p) {
            ++p.prunes;
            p.pruned_before = before;
            return std::exchange(p.old_changes, 0);
        });
    }

    // Whether the record comes to be so, in good time.
    bool comes_to(std::function<bool(Page const&)> const& so) { return page.wait_for(std::chrono::seconds(20), so); }
};

class TestTarget : public targets::Target {
public:
    struct State {
        std::vector<targets::OpenSession> open;
        std::vector<std::string> retired;
        std::vector<std::string> aside;                         // by id
        std::vector<mail::Mailbox> ensured;                     // as they were to be
        std::function<void(mail::Mailbox const&)> on_ensure{};  // while a store is made
        std::string generation;                                 // of the stores that it makes
        std::map<std::string, mail::Fullness> used;             // by name
        std::string trouble;
        std::string trouble_ending;  // of end_sessions() alone
        int looks = 0;
        int ends = 0;
    };

    std::string const& name() const override { return name_; }
    Result<mail::Store> place(mail::Mailbox const& mailbox) const override
    {
        return mail::Store{"dovecot", "home/" + mailbox.id.text(), "", mail::StoreState::ready, ""};
    }
    Result<mail::Store> set_aside(mail::Mailbox const& mailbox) override
    {
        return state.with([&](State& s) -> Result<mail::Store> {
            if (!s.trouble.empty()) return fail(Fault::unavailable, s.trouble);
            s.aside.push_back(mailbox.id.text());
            auto store = mailbox.store;
            store.name = "aside/" + mailbox.id.text();
            return store;
        });
    }
    Result<mail::Store> ensure(mail::Mailbox const& mailbox) override
    {
        return state.with([&](State& s) -> Result<mail::Store> {
            if (!s.trouble.empty()) return fail(Fault::unavailable, s.trouble);
            s.ensured.push_back(mailbox);
            if (s.on_ensure) s.on_ensure(mailbox);
            return mail::Store{"dovecot", "home/" + mailbox.id.text(), s.generation, mail::StoreState::ready, ""};
        });
    }
    Result<void> retire(mail::Mailbox const& mailbox) override
    {
        return state.with([&](State& s) -> Result<void> {
            if (!s.trouble.empty()) return fail(Fault::unavailable, s.trouble);
            s.retired.push_back(mailbox.id.text());
            return {};
        });
    }
    Result<mail::Fullness> usage(std::string const& name) override
    {
        return state.with([&](State& s) -> Result<mail::Fullness> {
            ++s.looks;
            if (!s.trouble.empty()) return fail(Fault::unavailable, s.trouble);
            return s.used.at(name);
        });
    }
    Result<std::vector<targets::OpenSession>> sessions(std::vector<std::string> const& names) override
    {
        return state.with([&](State& s) -> Result<std::vector<targets::OpenSession>> {
            ++s.looks;
            if (!s.trouble.empty()) return fail(Fault::unavailable, s.trouble);
            std::vector<targets::OpenSession> found;
            for (auto const& session : s.open) {
                if (std::find(names.begin(), names.end(), session.name) != names.end()) found.push_back(session);
            }
            return found;
        });
    }
    Result<void> end_sessions(std::vector<std::string> const& names) override
    {
        return state.with([&](State& s) -> Result<void> {
            ++s.ends;
            if (!s.trouble_ending.empty()) return fail(Fault::conflict, s.trouble_ending);
            auto const is_meant = [&](auto const& session) {
                return std::find(names.begin(), names.end(), session.name) != names.end();
            };
            s.open.erase(std::remove_if(s.open.begin(), s.open.end(), is_meant), s.open.end());
            return {};
        });
    }
    void open(std::string const& user)
    {
        state.with([&](State& s) { s.open.push_back({user, "imap", "::1", std::to_string(s.open.size())}); });
    }
    bool comes_to(std::function<bool(State const&)> const& so) { return state.wait_for(std::chrono::seconds(20), so); }

    Awaited<State> state;

private:
    std::string name_ = "dovecot";
};

}  // namespace provost::reconcile
