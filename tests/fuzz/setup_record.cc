// SPDX-License-Identifier: Apache-2.0
// What setup keeps of the files it changed, by which undo writes to /etc as root.
#include "fuzz/target.h"
#include "host/record.h"

using namespace provost;
using namespace provost::host;

FUZZ_TARGET(setup_record, input)
{
    auto const record = parse_record(input);
    if (!record) return;
    for (auto const& entry : record->entries) HOLDS(entry.path.starts_with('/'));
    auto const text = record_text(*record);
    auto const again = parse_record(text);
    HOLDS(again);
    HOLDS(record_text(*again) == text);
    HOLDS(again->phase == record->phase && again->folders == record->folders);
    HOLDS(again->entries.size() == record->entries.size());
    for (std::size_t i = 0; i < again->entries.size(); ++i) {
        HOLDS(again->entries[i].first == record->entries[i].first);
        HOLDS(again->entries[i].before == record->entries[i].before);
    }
}
