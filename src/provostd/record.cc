// SPDX-License-Identifier: Apache-2.0
#include "provostd/record.h"

#include "base/log.h"

namespace provost::daemon {

Result<store::Store*> Record::get()
{
    if (auto* const ready = ready_.load(std::memory_order_acquire)) return ready;
    return attempt_.with([&](Attempt& last) -> Result<store::Store*> {
        if (last.store) return last.store.get();
        auto const time = std::chrono::steady_clock::now();
        if (time - last.at < pause && last.at != std::chrono::steady_clock::time_point())
            return fail(Fault::unavailable, last.trouble);
        std::string trouble;
        try {
            auto opened = open_();
            if (opened) {
                last.store = std::move(*opened);
                ready_.store(last.store.get(), std::memory_order_release);
                log::info("RECORD_OPENED");
                return last.store.get();
            }
            trouble = opened.error().message;
        } catch (std::exception const& thrown) {
            trouble = std::string("the database cannot be used at the moment: ") + thrown.what();
        }
        if (trouble != last.trouble) log::warning("RECORD_AWAY", {{"reason", trouble}});
        last.trouble = std::move(trouble);
        last.at = std::chrono::steady_clock::now();
        return fail(Fault::unavailable, last.trouble);
    });
}

}  // namespace provost::daemon
