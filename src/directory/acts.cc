// SPDX-License-Identifier: Apache-2.0
#include "directory/acts.h"

#include "base/log.h"
#include "base/step.h"
#include "directory/access.h"
#include "directory/act_parts.h"
#include "directory/record_view.h"
#include "sql/connection.h"

namespace provost::directory {
namespace {

// How long an act waits for this node to answer with it. Longer means the follower is in trouble, which is said.
constexpr std::chrono::milliseconds answering_deadline{5000};

tl::unexpected<Error> record_away(std::exception const& trouble)
{
    return fail(Fault::unavailable,
                std::string("the database cannot be used at the moment, nothing was changed: ") + trouble.what());
}

tl::unexpected<Error> in_doubt(std::exception const& trouble)
{
    return fail(
        Fault::unavailable,
        std::string("the database failed in the middle of it, this may have been done or not: ") + trouble.what());
}

// What the caller may in this transaction, whatever he might when he came: what is disabled before an act is committed
// has no part in it.
Result<Authority> authority_now(store::Reading& record, Caller const& caller)
{
    if (caller.token.empty()) return caller.authority;
    auto const token = record.token_by_id(caller.token);
    auto const admin = token ? record.admin_by_id(token->admin.text()) : std::nullopt;
    RecordView const view(record);
    auto authority = admin ? authority_of(*admin, *token, view, now()) : std::nullopt;
    if (!authority) return fail(Fault::denied, "the token has ended meanwhile");
    return *std::move(authority);
}

}  // namespace

Result<void> check_revision(Request const& request, store::Revision standing)
{
    if (!request.if_revision || standing <= *request.if_revision) return {};
    return fail(Fault::conflict,
                "if_revision: the directory stands at a later revision than " + std::to_string(*request.if_revision),
                "if_revision");
}

Acts::Acts(House house) : house_(std::move(house)) {}

Result<Done> Acts::run(Request const& request, Need const& need, std::string name, Act const& act)
{
    auto* const record = TRY(house_.record());
    auto const guarded = [&](store::Writing& writing) -> Result<void> {
        auto const authority = TRY(authority_now(writing, request.by));
        CHECK_OK(authority.check(need, name));
        // Its own revision is counted already.
        CHECK_OK(check_revision(request, writing.position().revision - 1));
        return act(writing, authority);
    };
    Done done;
    done.dry_run = request.dry_run;
    done.subject = name;
    try {
        if (request.dry_run) {
            CHECK_OK(record->rehearse(request.by.actor, guarded));
            return done;
        }
        done.revision = TRY(record->act(request.by.actor, guarded)).revision;
    } catch (sql::Conflict const& trouble) {
        return fail(Fault::conflict, trouble.what());
    } catch (sql::Busy const& trouble) {
        return record_away(trouble);
    } catch (sql::InDoubt const& trouble) {
        return in_doubt(trouble);
    } catch (sql::Unreachable const& trouble) {
        return record_away(trouble);
    }
    done.answering = house_.answer_from(done.revision, answering_deadline);
    step("act: answered from");
    if (!done.answering) {
        done.notes.emplace_back("recorded, but this node does not answer with it yet: see provost status");
        log::warning("REPLICA_LATE", {{"revision", std::to_string(done.revision)}});
    }
    return done;
}

Result<void> Acts::look(std::function<Result<void>(store::Reading&)> const& use)
{
    return reach([&](store::Store& record) {
        Result<void> outcome;
        record.read([&](store::Reading& reading) { outcome = use(reading); });
        return outcome;
    });
}

Result<void> Acts::reach(std::function<Result<void>(store::Store&)> const& use)
{
    auto* const record = TRY(house_.record());
    try {
        return use(*record);
    } catch (sql::Busy const& trouble) {
        return record_away(trouble);
    } catch (sql::Unreachable const& trouble) {
        return record_away(trouble);
    }
}

Result<void> Acts::read(Caller const& caller, Need const& need, std::string_view name, Use const& use)
{
    return look([&](store::Reading& reading) -> Result<void> {
        auto const authority = TRY(authority_now(reading, caller));
        CHECK_OK(authority.check(need, name));
        return use(reading, authority);
    });
}

void Acts::take_away(Done& done, ProofOfOff::Attempt* attempt, std::string const& work_id)
{
    if (attempt == nullptr) {
        done.notes.emplace_back("no proof was made: this node has no doors to knock at");
        return;
    }
    try {
        done.proof = attempt->finish();
    } catch (std::exception const& trouble) {
        // What was done stays done, and is said; the work that it left behind ends the sessions.
        log::warning("PROOF_NOT_MADE", {{"error", trouble.what()}});
        done.proof = Proof{};
        done.proof->sessions_trouble = std::string("no proof could be made: ") + trouble.what();
    }
    step("act: proved");
    if (!done.answering) done.proof->complete = false;
    if (!done.proof->sessions_trouble.empty()) {
        done.notes.push_back((house_.sees_sessions ? "sessions could not be ended yet, this is tried again: " : "") +
                             done.proof->sessions_trouble);
        return;
    }
    if (!work_id.empty()) finish({work_id});
}

void Acts::finish(std::vector<std::string> const& work_ids)
{
    auto const record = house_.record();
    if (!record) return;
    for (auto const& id : work_ids) {
        try {
            (*record)->finish_work(id);
        } catch (std::exception const& trouble) {
            // The work stays and is found done when the reconciler looks.
            log::warning("WORK_NOT_FINISHED", {{"work", id}, {"error", trouble.what()}});
        }
    }
}

}  // namespace provost::directory
