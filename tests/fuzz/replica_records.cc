// SPDX-License-Identifier: Apache-2.0
// The local copy's records: damage is found or harmless, and what was read is written as it was read.
#include <stdexcept>

#include "fuzz/target.h"
#include "replica/records.h"

using namespace provost;
using namespace provost::replica;

namespace {

std::size_t size_of(mail::TextList list)
{
    std::size_t bytes = 0;
    for (auto text : list) bytes += text.size() + 2;
    return bytes;
}

template <class Read>
void reading(Read read)
{
    try {
        read();
    } catch (std::runtime_error const&) {
        // Told as damage.
    }
}

void check_entry(std::string_view record)
{
    auto const entry = decode_entry("name@example.test", record);
    if (entry.kind == mail::Entry::Kind::alias) {
        HOLDS(size_of(entry.alias.targets) <= record.size());
    } else {
        HOLDS(size_of(entry.mailbox.forwards) + size_of(entry.mailbox.senders) <= record.size());
    }
}

void check_mailbox(std::string_view record)
{
    auto const tail = decode_tail(record);
    HOLDS(tail.credentials.size() <= record.size() / 6);
    auto const changed = with_domain_quota(record, 4711);
    HOLDS(changed.has_value() == tail.quota_of_domain);
    if (!changed) return;
    HOLDS(decode_entry("name", *changed).mailbox.quota_bytes == 4711);
    HOLDS(decode_tail(*changed).credentials.size() == tail.credentials.size());
    HOLDS(with_domain_quota(*changed, 4711) == changed);
}

}  // namespace

FUZZ_TARGET(replica_records, input)
{
    reading([&] { HOLDS(size_of(decode_domain(input).catch_all) <= input.size()); });
    reading([&] { check_entry(input); });
    reading([&] { check_mailbox(input); });
    reading([&] {
        auto const admin = decode_admin(input);
        // Its domains are written in the order of their ids.
        HOLDS(encode(decode_admin(encode(admin))) == encode(admin));
    });
    reading([&] {
        auto const token = decode_token(input);
        HOLDS(token.hash.size() == 32);
        HOLDS(encode(decode_token(encode(token))) == encode(token));
    });
    reading([&] {
        auto const position = decode_position(input);
        HOLDS(encode(decode_position(encode(position))) == encode(position));
    });
    reading([&] { HOLDS(encode(decode_place(input)) == input); });
    auto const owner = decode_owner(input);
    HOLDS(encode(owner) == input);
}
