// SPDX-License-Identifier: Apache-2.0
#include "replica/compare.h"

#include <set>

#include "base/text.h"
#include "replica/image.h"
#include "replica/snapshot.h"

namespace provost::replica {
namespace {

constexpr Table compared[] = {Table::domain,  Table::entry, Table::login, Table::id,
                              Table::deleted, Table::admin, Table::token};

class Comparison {
public:
    Comparison(Rows const& copy, std::size_t most) : copy_(copy), most_(most) {}

    void run(store::Reading& record)
    {
        every_row(record, [&](Table table, std::string_view key, std::string_view value) {
            ++expected_[static_cast<std::size_t>(table)];
            auto const found = copy_.row(table, key);
            if (!found) differ(table, key, "is missing from the copy");
            else if (*found != value) differ(table, key, "is another in the copy");
        });
        for (auto const table : compared)
            if (copy_.row_count(table) != expected_[static_cast<std::size_t>(table)]) find_excess(record, table);
        // How full a mailbox is the copy may know before the record does, or better: only whose it is can be wrong.
        copy_.every_row(Table::usage, [&](std::string_view key, std::string_view) {
            if (!copy_.row(Table::id, key)) differ(Table::usage, key, "is of nobody");
        });
    }
    std::vector<std::string> take() { return std::move(differences_); }

private:
    void find_excess(store::Reading& record, Table table)
    {
        std::set<std::string, std::less<>> expected;
        every_row(record, [&](Table of, std::string_view key, std::string_view) {
            if (of == table) expected.emplace(key);
        });
        copy_.every_row(table, [&](std::string_view key, std::string_view) {
            if (!expected.contains(key)) differ(table, key, "is in the copy only");
        });
    }
    void differ(Table table, std::string_view key, char const* how)
    {
        if (differences_.size() < most_)
            differences_.push_back(std::string(table_names[static_cast<std::size_t>(table)]) + " " + escaped(key) +
                                   " " + how);
    }

    Rows const& copy_;
    std::size_t most_;
    std::size_t expected_[table_count] = {};
    std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> replica_equals_store(store::Store& record, Replica& replica, std::size_t most)
{
    std::vector<std::string> differences;
    record.read([&](store::Reading& reading) {
        Held const held(replica);
        auto const theirs = reading.position();
        auto const mine = held->position();
        if (mine != theirs) {
            differences = {"the copy stands at revision " + std::to_string(mine.revision) + ", the record at " +
                           std::to_string(theirs.revision) +
                           (mine.revision == theirs.revision ? " of another history" : "")};
            return;
        }
        Comparison comparison(dynamic_cast<Rows const&>(*held), most);
        comparison.run(reading);
        differences = comparison.take();
    });
    return differences;
}

}  // namespace provost::replica
