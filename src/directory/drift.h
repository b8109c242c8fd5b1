// SPDX-License-Identifier: Apache-2.0
// What mail stores have otherwise than the directory says, and its repair: for whoever asks, without saying who does
// it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace provost::directory {

struct Drift {
    std::string mailbox;  // its name
    std::string id;       // of the mailbox; of a stranger the store's own
    std::string target;
    std::string
        kind;  // "renamed", "deleted", "missing", "replaced", "quota", "rights", "target", "session", "stranger"
    std::string what;    // what is
    std::string repair;  // what a repair does about it; empty where nothing is done by itself
};

struct DriftPage {
    std::vector<Drift> found;
    std::size_t looked_at = 0;        // mailboxes
    std::optional<std::string> next;  // where to look on
};

class DriftFinder {
public:
    virtual ~DriftFinder() = default;

    // Of the mailboxes whose names fit, after a place that another page named. Deleted ones come last.
    virtual Result<DriftPage> look(std::string_view mask, std::string_view after, int limit) = 0;
    // Mends one mailbox's store, by its id; answers with what is still otherwise. A dry run mends nothing.
    virtual Result<std::vector<Drift>> repair(std::string_view id, bool dry_run) = 0;

    // Mailboxes in the stores that are nobody's here. Nothing is done about them by itself.
    virtual Result<std::vector<Drift>> strangers() = 0;
    virtual Result<void> remove_stranger(std::string_view id, bool dry_run) = 0;
};

}  // namespace provost::directory
