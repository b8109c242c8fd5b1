// SPDX-License-Identifier: Apache-2.0
#include "reconcile/written_store.h"

#include <boost/json.hpp>

namespace provost::reconcile {
namespace {

std::string described(mail::Store const& store)
{
    return boost::json::serialize(boost::json::object{{"target", store.target},
                                                      {"name", store.name},
                                                      {"generation", store.generation},
                                                      {"state", mail::word(store.state)},
                                                      {"reason", store.reason}});
}

}  // namespace

Result<void> write_store(store::Store& record, mail::Mailbox const& seen, mail::Store const& is)
{
    if (seen.store == is) return {};
    auto const written = record.act({"system:reconcile", "local"}, [&](store::Writing& writing) -> Result<void> {
        auto latest = writing.mailbox_by_id(seen.id.text());
        if (!latest || latest->mailbox.store == is) return fail(Fault::not_found, "nothing to write down");
        auto const before = described(latest->mailbox.store);
        latest->mailbox.store = is;
        // It was renamed meanwhile: what was made ready is not where it is to be, and the work of that is there.
        if (latest->mailbox.name != seen.name) latest->mailbox.store.state = mail::StoreState::preparing;
        writing.put(latest->mailbox);
        writing.audit_act("mailbox.store", latest->mailbox.name, before, described(is));
        return {};
    });
    if (!written && written.error().fault != Fault::not_found) return tl::make_unexpected(written.error());
    return {};
}

}  // namespace provost::reconcile
