// SPDX-License-Identifier: Apache-2.0
// write_client SOCKET WRITERS EACH PREFIX MAP: so many writers at once each add EACH aliases PREFIX-W-N@example.test
// over the API, one after the other. MAP is the socket map's socket: whoever was told that it is done asks there at
// once. Prints how many were added, refused, and not found by the map, and how long it took from asking to an answer
// with it.
#include <mutex>
#include <thread>

#include "api_wire.h"

namespace {

using namespace bench;

struct Counted {
    std::uint64_t added = 0;
    std::uint64_t refused = 0;
    std::uint64_t not_answered_with = 0;
    std::vector<double> milliseconds = {};
};

bool map_has(int fd, std::string const& address)
{
    auto const payload = "aliases " + address;
    if (!write_all(fd, std::to_string(payload.size()) + ':' + payload + ',')) return false;
    std::string in;
    while (in.find(',') == std::string::npos)
        if (!read_some(fd, in)) return false;
    return in.find(":OK ") != std::string::npos;
}

Counted write(char** argv, int writer)
{
    Counted counted;
    Api api(argv[1]);
    int const map = connect_to(argv[5]);
    if (map < 0) fail(argv[5]);
    for (int i = 0; i < std::atoi(argv[3]); ++i) {
        auto const address =
            std::string(argv[4]) + '-' + std::to_string(writer) + '-' + std::to_string(i) + "@example.test";
        auto const body = R"({"address":")" + address + R"(","targets":["somebody@example.net"]})";
        auto const began = Clock::now();
        bool const added = api.post("/api/v1/aliases", body).is_done();
        (added ? counted.added : counted.refused) += 1;
        if (!added) continue;
        if (!map_has(map, address)) ++counted.not_answered_with;
        counted.milliseconds.push_back(seconds_since(began) * 1000);
    }
    return counted;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 2;
    std::mutex mutex;
    Counted all;
    auto const began = Clock::now();
    {
        std::vector<std::jthread> writers;
        for (int writer = 0; writer < std::atoi(argv[2]); ++writer)
            writers.emplace_back([&, writer] {
                auto const counted = write(argv, writer);
                std::lock_guard const lock(mutex);
                all.added += counted.added;
                all.refused += counted.refused;
                all.not_answered_with += counted.not_answered_with;
                all.milliseconds.insert(all.milliseconds.end(), counted.milliseconds.begin(),
                                        counted.milliseconds.end());
            });
    }
    auto const took = seconds_since(began);
    std::sort(all.milliseconds.begin(), all.milliseconds.end());
    std::printf(
        "{\"added\": %llu, \"refused\": %llu, \"not_answered_with\": %llu, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
        "\"seconds\": %.6f}\n",
        static_cast<unsigned long long>(all.added), static_cast<unsigned long long>(all.refused),
        static_cast<unsigned long long>(all.not_answered_with), percentile(all.milliseconds, 0.5),
        percentile(all.milliseconds, 0.99), took);
}
