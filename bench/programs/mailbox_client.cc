// SPDX-License-Identifier: Apache-2.0
// mailbox_client SOCKET WRITERS COUNT PREFIX QUOTA: so many writers at once add COUNT mailboxes PREFIX-N@example.test
// in all, with this quota and without a password, over the API; meanwhile each is looked at, in turn, until its store
// is ready. Prints how many were added, refused and made ready, and how long it took until the last one was.
#include <atomic>
#include <thread>

#include "api_wire.h"

namespace {

using namespace bench;

constexpr std::chrono::milliseconds look_again{5};
constexpr double patience = 300;  // seconds for one store

std::string name_of(char const* prefix, int number)
{
    return std::string(prefix) + '-' + std::to_string(number) + "@example.test";
}

struct Counted {
    std::atomic<int> next = 0;
    std::atomic<int> added = 0;
    std::atomic<int> refused = 0;
};

void write(char** argv, Counted& counted)
{
    Api api(argv[1]);
    for (int i = counted.next++; i < std::atoi(argv[3]); i = counted.next++) {
        auto const body = R"({"name":")" + name_of(argv[4], i) + R"(","quota":")" + argv[5] + R"("})";
        bool const added = api.post("/api/v1/mailboxes", body).is_done();
        (added ? counted.added : counted.refused) += 1;
    }
}

bool is_ready(ApiReply const& reply)
{
    auto const store = reply.body.find(R"("store":)");
    return reply.is_done() && store != std::string::npos &&
           reply.body.find(R"("state":"ready")", store) != std::string::npos;
}

// How many are ready in the end.
int look(char** argv)
{
    Api api(argv[1]);
    int ready = 0;
    for (int i = 0; i < std::atoi(argv[3]); ++i) {
        auto const began = Clock::now();
        bool is = false;
        while (!is && seconds_since(began) < patience) {
            is = is_ready(api.get("/api/v1/mailboxes/" + name_of(argv[4], i)));
            if (!is) std::this_thread::sleep_for(look_again);
        }
        if (!is) break;
        ++ready;
    }
    return ready;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 2;
    Counted counted;
    int ready = 0;
    auto const began = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < std::atoi(argv[2]); ++writer) threads.emplace_back([&] { write(argv, counted); });
        threads.emplace_back([&] { ready = look(argv); });
    }
    std::printf("{\"added\": %d, \"refused\": %d, \"ready\": %d, \"seconds\": %.6f}\n", counted.added.load(),
                counted.refused.load(), ready, seconds_since(began));
}
