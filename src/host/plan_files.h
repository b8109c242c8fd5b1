// SPDX-License-Identifier: Apache-2.0
// The files of a plan of setup: how each is to be, where that is not how it is.
#pragma once

#include <string>

#include "host/setup.h"

namespace provost::host {

inline void change(SetupPlan& plan, std::string const& path, FileState const& now, FileState next)
{
    if (now != next) plan.files.push_back({path, now, std::move(next)});
}

// How a file of ours is to be: root's, and for everybody's eyes or for nobody else's.
inline FileState ours(std::string text, mode_t mode = 0644) { return {true, std::move(text), 0, 0, mode}; }

inline Result<void> change_ours(Root const& root, SetupPlan& plan, std::string const& path, FileState next)
{
    auto const now = TRY(root.state(path));
    change(plan, path, now, std::move(next));
    return {};
}

// Another text for a file that is somebody else's, and stays so.
inline void change_text(SetupPlan& plan, std::string const& path, FileState const& now, std::string text)
{
    auto next = now.there ? now : ours({});
    next.content = std::move(text);
    change(plan, path, now, std::move(next));
}

}  // namespace provost::host
