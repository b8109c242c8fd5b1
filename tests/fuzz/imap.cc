// SPDX-License-Identifier: Apache-2.0
// What an IMAP server says, in responses with their literals: what is understood is within bounds, and what was read is
// read again from what it is written as.
#include <algorithm>

#include "fuzz/target.h"
#include "net/imap_command.h"
#include "net/imap_reply.h"

using namespace provost;
using namespace provost::net;

namespace {

// The next response, as the client puts it together; cut off where the input ends.
std::string response_of(fuzz::Input& from)
{
    std::string response;
    for (;;) {
        auto line = from.until('\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        response += line;
        auto const size = imap_literal_after(line);
        if (!size || from.empty()) return response;
        response += "\r\n";
        response += from.text(*size);
    }
}

std::size_t count(std::vector<ImapValue> const& values, std::size_t depth)
{
    HOLDS(values.empty() || depth <= imap_deepest);
    auto all = values.size();
    for (auto const& each : values) {
        HOLDS(each.kind == ImapValue::Kind::list || each.items.empty());
        HOLDS(each.kind != ImapValue::Kind::nil || each.text.empty());
        HOLDS(each.kind != ImapValue::Kind::atom || (!each.text.empty() && each.is_word(each.text)));
        all += count(each.items, depth + 1);
    }
    return all;
}

void write(std::string& to, std::vector<ImapValue> const& values)
{
    for (auto const& each : values) {
        if (&each != values.data()) to += ' ';
        switch (each.kind) {
            case ImapValue::Kind::nil:
                to += "NIL";
                break;
            case ImapValue::Kind::atom:
                to += each.text;
                break;
            case ImapValue::Kind::string:
                to += "{" + std::to_string(each.text.size()) + "}\r\n" + each.text;
                break;
            case ImapValue::Kind::list:
                to += '(';
                write(to, each.items);
                to += ')';
                break;
        }
    }
}

void check(ImapUntagged const& said)
{
    HOLDS(!said.name.empty() && said.name.find_first_of(" \r\n") == said.name.npos);
    HOLDS(count(said.values, 0) <= imap_most_values + 1);
    HOLDS(size_of(said) >= sizeof said);
    if (said.is_status()) {
        HOLDS(said.values.empty());
        return;
    }
    HOLDS(said.text.empty() && said.code == ImapCode());
    std::string written = "* " + said.name + " ";
    write(written, said.values);
    auto const again = parse_imap(written);
    HOLDS(again && std::get<ImapUntagged>(*again) == said);
}

// Whatever a server says of a command with a secret, none of it is told.
void check_words(std::string const& said)
{
    constexpr std::string_view hidden = "hunter2";
    auto const words = ImapCommand("LOGIN").text("jane").secret(Secret(std::string(hidden))).without_secrets(said);
    HOLDS(words.find(hidden) == words.npos);
    HOLDS(words == said || said.find(hidden) != said.npos);
}

}  // namespace

FUZZ_TARGET(imap, input)
{
    fuzz::Input from(input);
    while (!from.empty()) {
        auto const bytes = response_of(from);
        auto const response = parse_imap(bytes);
        if (!response) {
            HOLDS(response.error().fault == Fault::unavailable);
            HOLDS(!response.error().message.empty() && response.error().message.size() < 100);
            continue;
        }
        if (auto const* said = std::get_if<ImapUntagged>(&*response)) check(*said);
        if (auto const* said = std::get_if<ImapTagged>(&*response)) {
            HOLDS(!said->tag.empty() && said->tag.size() + said->reply.text.size() < bytes.size());
            check_words(said->reply.text);
        }
        if (auto const* said = std::get_if<ImapGoOn>(&*response)) HOLDS(said->text.size() < bytes.size());
    }
}
