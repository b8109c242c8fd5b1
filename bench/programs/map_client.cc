// SPDX-License-Identifier: Apache-2.0
// map_client SOCKET MAP KEYS CONNECTIONS IN_FLIGHT SECONDS: asks a socket map for the keys of a file, in any order, so
// many at a time on each connection, for so long. Prints {"answers", "found", "other", "seconds"}.
#include <poll.h>

#include "wire.h"

namespace {

using namespace bench;

struct Connection {
    int fd = -1;
    std::string in = {};
    std::string out = {};
};

struct Counted {
    std::uint64_t found = 0;
    std::uint64_t other = 0;
};

std::vector<std::string> requests_for(std::string const& map, std::string const& keys)
{
    std::vector<std::string> requests;
    for (auto const& [key, value] : pairs_in(keys)) {
        auto const payload = map + ' ' + key;
        requests.push_back(std::to_string(payload.size()) + ':' + payload + ',');
    }
    if (requests.empty()) fail(keys + " is empty");
    return requests;
}

// Takes whole answers from what has come; returns how many there were.
std::size_t take_answers(std::string& in, Counted& counted)
{
    std::size_t answers = 0;
    std::string_view rest = in;
    for (;;) {
        auto const colon = rest.find(':');
        if (colon == std::string_view::npos) break;
        std::size_t length = 0;
        for (auto const c : rest.substr(0, colon)) length = length * 10 + static_cast<std::size_t>(c - '0');
        if (colon + 2 + length > rest.size()) break;
        bool const found = rest.substr(colon + 1, 3) == "OK ";
        (found ? counted.found : counted.other) += 1;
        rest.remove_prefix(colon + 2 + length);
        ++answers;
    }
    in.erase(0, in.size() - rest.size());
    return answers;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 7) return 2;
    auto const requests = requests_for(argv[2], argv[3]);
    auto const in_flight = static_cast<std::size_t>(std::atoi(argv[5]));
    double const seconds = std::atof(argv[6]);
    std::vector<Connection> connections(static_cast<std::size_t>(std::atoi(argv[4])));
    std::vector<pollfd> watched;
    Random random(1);
    auto const ask = [&](Connection& connection, std::size_t count) {
        connection.out.clear();
        for (std::size_t i = 0; i < count; ++i) connection.out += requests[random.below(requests.size())];
        if (!write_all(connection.fd, connection.out)) fail("send");
    };
    for (auto& connection : connections) {
        connection.fd = connect_to(argv[1]);
        if (connection.fd < 0) fail(argv[1]);
        watched.push_back({connection.fd, POLLIN, 0});
    }
    Counted counted;
    auto const began = Clock::now();
    for (auto& connection : connections) ask(connection, in_flight);
    while (seconds_since(began) < seconds) {
        if (::poll(watched.data(), static_cast<nfds_t>(watched.size()), 10'000) <= 0) fail("no answer within 10 s");
        for (std::size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].revents == 0) continue;
            if (!read_some(watched[i].fd, connections[i].in)) fail("the server has ended the conversation");
            auto const answers = take_answers(connections[i].in, counted);
            if (answers > 0) ask(connections[i], answers);
        }
    }
    auto const took = seconds_since(began);
    std::printf("{\"answers\": %llu, \"found\": %llu, \"other\": %llu, \"seconds\": %.6f}\n",
                static_cast<unsigned long long>(counted.found + counted.other),
                static_cast<unsigned long long>(counted.found), static_cast<unsigned long long>(counted.other), took);
}
