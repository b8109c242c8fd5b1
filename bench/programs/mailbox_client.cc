// SPDX-License-Identifier: Apache-2.0
// mailbox_client SOCKET WRITERS COUNT PREFIX QUOTA: so many writers at once add COUNT mailboxes PREFIX-N@example.test
// in all, with this quota and without a password, over the API; meanwhile each is looked at, in turn, until its store
// is ready. Prints how many were added, refused and made ready, and how long it took until the last one was.
#include <atomic>
#include <thread>

#include "api_wire.h"

namespace {

using namespace bench;

constexpr std::chrono::milliseconds look_again{20};  // seldom, since it costs them time who make the stores
constexpr double patience = 300;                     // seconds for one store

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

bool becomes_ready(Api& api, std::string const& name)
{
    auto const began = Clock::now();
    while (!is_ready(api.get("/api/v1/mailboxes/" + name))) {
        if (seconds_since(began) > patience) return false;
        std::this_thread::sleep_for(look_again);
    }
    return true;
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 2;
    Counted counted;
    auto const began = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < std::atoi(argv[2]); ++writer) threads.emplace_back([&] { write(argv, counted); });
    }
    auto const written = seconds_since(began);
    int const count = std::atoi(argv[3]);
    Api api(argv[1]);
    int ready = becomes_ready(api, name_of(argv[4], count - 1)) ? 1 : 0;
    auto took = seconds_since(began);
    for (int i = 0; i < count - 1; ++i) {
        // What came last is done last, but for those that were written at one time with it.
        if (is_ready(api.get("/api/v1/mailboxes/" + name_of(argv[4], i)))) {
            ++ready;
            continue;
        }
        ready += becomes_ready(api, name_of(argv[4], i)) ? 1 : 0;
        took = seconds_since(began);
    }
    std::printf("{\"added\": %d, \"refused\": %d, \"ready\": %d, \"written_seconds\": %.6f, \"seconds\": %.6f}\n",
                counted.added.load(), counted.refused.load(), ready, written, took);
}
