// SPDX-License-Identifier: Apache-2.0
// Lines for the administrator: one event a line, a stable identifier, fields as key="value", all escaped.
//   log::info("MAILBOX_DISABLED", {{"address", address}, {"revision", "17"}});
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace provost::log {

enum class Level { info, warning, error };
using Field = std::pair<std::string_view, std::string>;

// No file: standard error. A file that cannot be opened leaves lines where they went before, and is told there.
void start(Level least, std::string const& file = {});
void write(Level level, std::string_view id, std::initializer_list<Field> fields);
void reopen();  // after the file was rotated

inline void info(std::string_view id, std::initializer_list<Field> fields = {}) { write(Level::info, id, fields); }
inline void warning(std::string_view id, std::initializer_list<Field> fields = {})
{
    write(Level::warning, id, fields);
}
inline void error(std::string_view id, std::initializer_list<Field> fields = {}) { write(Level::error, id, fields); }

}  // namespace provost::log
