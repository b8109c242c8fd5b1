// SPDX-License-Identifier: Apache-2.0
#include "targets/helper_protocol.h"

#include <algorithm>

#include "base/text.h"

namespace provost::targets {
namespace {

constexpr std::string_view remove_home = "remove-home ";
constexpr std::string_view no = "NO ";
constexpr std::string_view later = "TEMP ";

// Words of an error hold no foreign bytes that are not escaped; other programs' words may have several lines.
std::string one_line(std::string words)
{
    for (auto& c : words) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    }
    words.resize(std::min(words.size(), longest_helper_answer - later.size() - 1));
    return words;
}

}  // namespace

std::string helper_line(HelperRequest const& request)
{
    return std::string(remove_home) + request.mailbox.text() + "\n";
}

Result<HelperRequest> parse_helper_line(std::string_view line)
{
    if (line.starts_with(remove_home)) {
        auto const id = line.substr(remove_home.size());
        if (is_uuid(id)) return RemoveHome{MailboxId(std::string(id))};
        return refuse(Fault::invalid, "remove-home", id, "is not the id of a mailbox");
    }
    return refuse(Fault::invalid, "request", line, "is not: remove-home UUID");
}

std::string helper_answer(Result<void> const& outcome)
{
    if (outcome) return "OK\n";
    auto const word = outcome.error().fault == Fault::unavailable ? later : no;
    return std::string(word) + one_line(outcome.error().message) + "\n";
}

Result<void> parse_helper_answer(std::string_view line)
{
    if (line == "OK") return {};
    if (line.starts_with(no)) return fail(Fault::denied, "the root helper refuses: " + escaped(line.substr(no.size())));
    if (line.starts_with(later)) {
        return fail(Fault::unavailable, "the root helper: " + escaped(line.substr(later.size())));
    }
    return fail(Fault::unavailable, "the root helper answers what is not understood: '" + escaped(line) + "'");
}

}  // namespace provost::targets
