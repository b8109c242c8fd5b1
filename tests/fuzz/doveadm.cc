// SPDX-License-Identifier: Apache-2.0
// Answers of Dovecot's doveadm API.
#include "targets/doveadm.h"

#include "base/text.h"
#include "fuzz/target.h"

using namespace provost;
using namespace provost::targets;

FUZZ_TARGET(doveadm, input)
{
    auto const answer = parse_doveadm_answer(input);
    if (!answer) {
        HOLDS(is_utf8(answer.error().message));
        HOLDS(answer.error().message.size() < 2000);
        return;
    }
    for (auto const& row : answer->rows) HOLDS(row.size() <= input.size());
    auto const judged = judge_exit_code("who", answer->exit_code);
    HOLDS(judged.has_value() == (answer->exit_code == 0));
}
