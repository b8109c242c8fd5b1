// SPDX-License-Identifier: Apache-2.0
// crypt_loop FILE SECONDS THREADS: how many passwords bare crypt_r checks, and nothing else. FILE has lines
// "PASSWORD<tab>HASH". Prints {"checked", "wrong", "seconds"}.
#include <atomic>
#include <memory>
#include <thread>

#include <crypt.h>

#include "wire.h"

using namespace bench;

int main(int argc, char** argv)
{
    if (argc != 4) return 2;
    auto const pairs = pairs_in(argv[1]);
    double const seconds = std::atof(argv[2]);
    std::atomic<std::uint64_t> checked = 0;
    std::atomic<std::uint64_t> wrong = 0;
    auto const began = Clock::now();
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < std::atoi(argv[3]); ++thread)
            threads.emplace_back([&, thread] {
                auto const data = std::make_unique<crypt_data>();
                Random random(static_cast<std::uint64_t>(thread) + 1);
                while (seconds_since(began) < seconds) {
                    auto const& [password, hash] = pairs[random.below(pairs.size())];
                    auto const* made = ::crypt_r(password.c_str(), hash.c_str(), data.get());
                    (made != nullptr && hash == made ? checked : wrong) += 1;
                }
            });
    }
    std::printf("{\"checked\": %llu, \"wrong\": %llu, \"seconds\": %.6f}\n", static_cast<unsigned long long>(checked),
                static_cast<unsigned long long>(wrong), seconds_since(began));
}
