// SPDX-License-Identifier: Apache-2.0
// What the command hears from a daemon, maybe another's, maybe none: the pages of a list, parted by NUL.
#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "fuzz/target.h"
#include "provost/client.h"
#include "provost/show.h"

using namespace provost;
using namespace provost::cli;

namespace {

// What is shown must not drive the terminal.
bool is_tame(std::string_view text)
{
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7F;
           });
}

}  // namespace

FUZZ_TARGET(cli_answers, input)
{
    fuzz::Input from(input);
    auto const status = from.flag() ? 200 : 404;
    std::vector<std::string> pages;
    while (!from.empty()) pages.emplace_back(from.until('\0'));
    std::size_t calls = 0;
    Client const client(
        [&](net::HttpCall const&) -> Result<net::HttpResponse> {
            HOLDS(calls <= pages.size() + 1);
            auto const& page = pages.empty() ? std::string() : pages[std::min(calls, pages.size() - 1)];
            ++calls;
            net::HttpResponse response;
            response.status = status;
            response.body = page;
            return response;
        },
        Door{.socket = {}, .url = "https://provost.example.test"});
    auto const items = client.all("/mailboxes", {});
    if (items) {
        HOLDS(is_tame(laid_out(rows_of(*items, {{"NAME", "name"}, {"QUOTA", "quota"}}, Output::table), 60)));
    }
    auto const object = client.get("/mailboxes/x");
    if (!object) return;
    try {
        HOLDS(is_tame(proof_text(*object, false)));
    } catch (std::exception const&) {
        // Told as such, and the command ends with 75.
    }
}
