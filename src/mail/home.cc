// SPDX-License-Identifier: Apache-2.0
#include "mail/home.h"

#include <algorithm>

namespace provost::mail {

std::string home_of(MailboxId const& id)
{
    auto const& text = id.text();
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 2)) + "/" + text;
}

}  // namespace provost::mail
