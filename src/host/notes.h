// SPDX-License-Identifier: Apache-2.0
// What would be different for the people a machine serves mail already, in sentences for its administrator.
#pragma once

#include <string>
#include <vector>

#include "host/dovecot_now.h"
#include "host/files.h"
#include "host/postfix_copy.h"

namespace provost::host {

// `pending`: the edits that are not so yet.
std::vector<std::string> postfix_notes(Root const& root, PostfixNow const& now, std::vector<PostfixEdit> const& pending,
                                       PostfixOptions const& options);

// Nothing where Dovecot asks us already.
std::vector<std::string> dovecot_notes(DovecotNow const& now, std::string const& login_argument);

}  // namespace provost::host
