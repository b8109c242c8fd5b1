// SPDX-License-Identifier: Apache-2.0
#include "sql/connection.h"

#include "base/text.h"

namespace provost::sql {

std::int64_t Row::integer(std::size_t i) const
{
    auto const& value = columns_.at(i);
    if (auto const* number = std::get_if<std::int64_t>(&value)) return *number;
    // Some client libraries hand numbers over as text.
    if (auto const* text = std::get_if<std::string>(&value))
        if (auto const number = to_integer(*text)) return *number;
    throw Broken("column " + std::to_string(i) + " is not a number");
}

std::string const& Row::text(std::size_t i) const
{
    auto const* text = std::get_if<std::string>(&columns_.at(i));
    if (text == nullptr) throw Broken("column " + std::to_string(i) + " is not text");
    return *text;
}

std::optional<std::int64_t> Row::integer_or_null(std::size_t i) const
{
    return is_null(i) ? std::nullopt : std::optional(integer(i));
}

std::optional<Time> Row::time_or_null(std::size_t i) const
{
    return is_null(i) ? std::nullopt : std::optional(from_millis(integer(i)));
}

Transaction::~Transaction()
{
    if (!open_) return;
    try {
        connection_.query("ROLLBACK");
    } catch (std::exception const&) {
        // The engine has undone it itself, or the connection is lost: usable() tells.
    }
}

void Transaction::commit()
{
    connection_.commit();
    open_ = false;
}

}  // namespace provost::sql
