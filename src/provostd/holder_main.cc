// SPDX-License-Identifier: Apache-2.0
// provost-holder: holds the listening sockets of the daemon where there is no systemd.
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "net/holder.h"

namespace {

constexpr int usage_error = 2;
constexpr char const* usage =
    "Usage: provost-holder --sockets FILE [--user USER] -- COMMAND [ARGUMENT...]\n"
    "\n"
    "Binds the sockets that FILE lists and runs COMMAND with them, as systemd's socket activation would.\n"
    "FILE has a line for each: 'name path owner group mode' or 'name tcp:host:port'; '-' is no change of owner.\n"
    "SIGTERM ends both, SIGHUP is passed on, SIGUSR1 restarts COMMAND while the sockets stay.\n";

std::optional<std::string> content_of(std::string const& path)
{
    std::ifstream file(path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) return std::nullopt;
    return text.str();
}

int complain(std::string const& words)
{
    std::cerr << "provost-holder: " << words << "\n";
    return usage_error;
}

}  // namespace

int main(int argc, char** argv)
{
    provost::net::HolderPlan plan;
    std::string sockets;
    int i = 1;
    for (; i < argc && std::string_view(argv[i]) != "--"; ++i) {
        std::string_view const word = argv[i];
        if (word == "--help") {
            std::cout << usage;
            return 0;
        }
        if ((word != "--sockets" && word != "--user") || i + 1 == argc) return complain(std::string(usage));
        (word == "--sockets" ? sockets : plan.user) = argv[++i];
    }
    for (++i; i < argc; ++i) plan.command.emplace_back(argv[i]);
    if (sockets.empty() || plan.command.empty()) return complain(std::string(usage));

    auto const text = content_of(sockets);
    if (!text) return complain("cannot read " + sockets);
    auto listed = provost::net::parse_held_sockets(*text);
    if (!listed) return complain(sockets + ": " + listed.error().message);
    plan.sockets = *std::move(listed);
    return provost::net::hold(plan);
}
