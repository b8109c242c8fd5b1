// SPDX-License-Identifier: Apache-2.0
// What the copy should hold, made from the record: all of it, or what some changes touch.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "replica/environment.h"
#include "replica/records.h"
#include "replica/snapshot.h"
#include "store/store.h"

namespace provost::replica {

using Sink = std::function<void(Table, std::string_view key, std::string_view value)>;

// Every row of every table but meta and usage, in no order.
void every_row(store::Reading& record, Sink const& sink);

// The rows of usage: as they stand in the copy there was, which hears of every change and no later than the record, or
// else as the record has them.
void every_usage(store::Reading& record, Rows const* before, Sink const& sink);

// What some changes make of the copy. Read from the record at one snapshot, applied to the copy in one transaction.
struct Batch {
    struct Row {
        Table table = Table::entry;
        std::string key;
        std::string value;
    };
    std::vector<std::string> touched;               // keys of Table::id; what stands there goes first
    std::vector<Row> rows;                          // what is put then
    std::map<std::string, std::int64_t> quotas_of;  // mailbox name -> the new default quota of its domain
    store::Position position;
};

// What the copy knows of domains before a batch.
class DomainsBefore {
public:
    virtual ~DomainsBefore() = default;
    virtual std::optional<std::string> name_of(std::string_view domain_id) const = 0;
    virtual std::int64_t default_quota_of(std::string_view domain) const = 0;  // -1 where there is no such domain
};

Batch batch_of(store::Reading& record, std::vector<store::Change> const& changes, DomainsBefore const& before);
void apply(WriteTransaction& copy, Batch const& batch);

}  // namespace provost::replica
