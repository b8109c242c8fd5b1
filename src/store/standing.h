// SPDX-License-Identifier: Apache-2.0
// Where a database stands, for who looks at one from outside.
#pragma once

#include "sql/connection.h"
#include "store/backup.h"

namespace provost::store {

Standing standing_of(sql::Connection& connection);

}  // namespace provost::store
