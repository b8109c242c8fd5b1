// SPDX-License-Identifier: Apache-2.0
// saslauthd_client SOCKET USERS CLIENTS SECONDS: so many clients sign users in by saslauthd's protocol, each on a
// connection of its own, one sign-in after the other, for so long; with 0 seconds each user once, in order. USERS has
// lines "LOGIN@REALM<tab>PASSWORD". Prints how many were told what, and how long it took them.
#include <atomic>
#include <mutex>
#include <thread>

#include "wire.h"

namespace {

using namespace bench;

// As libsasl2 sends it: login, password, service and realm, each after its size.
std::string request(std::string const& user, std::string const& password)
{
    auto const at = user.rfind('@');
    if (at == std::string::npos) fail(user + " has no realm");
    std::string out;
    for (auto const& field : {user.substr(0, at), password, std::string("imap"), user.substr(at + 1)}) {
        out += static_cast<char>(field.size() >> 8U);
        out += static_cast<char>(field.size() & 255U);
        out += field;
    }
    return out;
}

struct Counted {
    std::uint64_t accepted = 0;
    std::uint64_t wrong = 0;
    std::uint64_t other = 0;
    std::vector<double> milliseconds = {};
};

void sign_in(std::string const& socket, std::string const& asked, Counted& counted)
{
    auto const began = Clock::now();
    int const fd = connect_to(socket);
    if (fd < 0) fail(socket);
    std::string in;
    if (write_all(fd, asked))
        while ((in.size() < 2 ||
                in.size() < 2U + (static_cast<unsigned char>(in[0]) << 8U) + static_cast<unsigned char>(in[1])) &&
               read_some(fd, in)) {
        }
    ::close(fd);
    auto const said = std::string_view(in).substr(std::min<std::size_t>(in.size(), 2));
    (said.starts_with("OK") ? counted.accepted : said.starts_with("NO") ? counted.wrong : counted.other) += 1;
    counted.milliseconds.push_back(seconds_since(began) * 1000);
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 5) return 2;
    std::vector<std::string> requests;
    for (auto const& [user, password] : pairs_in(argv[2])) requests.push_back(request(user, password));
    if (requests.empty()) fail(std::string(argv[2]) + " is empty");
    double const seconds = std::atof(argv[4]);
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    Counted all;
    auto const began = Clock::now();
    {
        std::vector<std::jthread> clients;
        for (int client = 0; client < std::atoi(argv[3]); ++client)
            clients.emplace_back([&, client] {
                Counted counted;
                Random random(static_cast<std::uint64_t>(client) + 1);
                if (seconds <= 0)
                    for (auto i = next++; i < requests.size(); i = next++) sign_in(argv[1], requests[i], counted);
                else
                    while (seconds_since(began) < seconds)
                        sign_in(argv[1], requests[random.below(requests.size())], counted);
                std::lock_guard const lock(mutex);
                all.accepted += counted.accepted;
                all.wrong += counted.wrong;
                all.other += counted.other;
                all.milliseconds.insert(all.milliseconds.end(), counted.milliseconds.begin(),
                                        counted.milliseconds.end());
            });
    }
    auto const took = seconds_since(began);
    std::sort(all.milliseconds.begin(), all.milliseconds.end());
    std::printf(
        "{\"accepted\": %llu, \"wrong\": %llu, \"other\": %llu, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
        "\"seconds\": %.6f}\n",
        static_cast<unsigned long long>(all.accepted), static_cast<unsigned long long>(all.wrong),
        static_cast<unsigned long long>(all.other), percentile(all.milliseconds, 0.5),
        percentile(all.milliseconds, 0.99), took);
}
