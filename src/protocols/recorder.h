// SPDX-License-Identifier: Apache-2.0
// Keeps what mail servers report, how full mailboxes are and who signed in when, until somebody writes it down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "base/metrics.h"
#include "base/time.h"
#include "mail/model.h"

namespace provost::protocols {

// From any thread. Of one name only the last value is kept; of new names, past the limit, none: observations may be
// lost, and each is told again.
class Recorder {
public:
    static constexpr std::size_t most_names =
        100'000;  // of each kind; some 20 MB, and 100 MB where all are as long as can be

    // `mailbox_of` answers the id of the mailbox that is called so now, empty where there is none. Asked for usage
    // only.
    Recorder(Metrics& metrics, std::function<std::string(std::string_view name)> mailbox_of);

    struct Usage {
        std::int64_t bytes = 0;
        std::int64_t messages = 0;
        Time at;                   // when we were told
        std::string mailbox = {};  // whose name it was then
    };
    void observe_usage(std::string_view name, std::int64_t bytes, std::int64_t messages, Time at);
    void observe_login(mail::Service service, std::string_view name, Time at);

    struct Login {
        mail::Service service;
        std::string name;  // as it was used at login
        Time at;
    };
    struct Taken {
        std::vector<std::pair<std::string, Usage>> usage;
        std::vector<Login> logins;
    };
    // What has come since the last call.
    Taken take();

private:
    struct Kept {
        std::map<std::string, Usage, std::less<>> usage;
        std::map<std::pair<std::string, mail::Service>, Time> logins;
    };
    std::function<std::string(std::string_view)> mailbox_of_;
    Guarded<Kept> kept_;
    Counter& dropped_;
};

}  // namespace provost::protocols
