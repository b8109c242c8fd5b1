// SPDX-License-Identifier: Apache-2.0
// auth_client SOCKET USERS CONNECTIONS IN_FLIGHT SECONDS: signs users in over Dovecot's auth protocol, so many at a
// time on each connection, in any order, for so long; with 0 seconds each of them once, in order. USERS has lines
// "LOGIN<tab>PASSWORD". Prints how many were told what, and how long it took them.
#include <poll.h>

#include "auth_wire.h"

namespace {

using namespace bench;

class Load {
public:
    Load(std::string path, std::vector<User> users, std::size_t in_flight, double seconds)
        : path_(std::move(path)), users_(std::move(users)), in_flight_(in_flight), seconds_(seconds)
    {
    }

    void run(int connections)
    {
        for (int i = 0; i < connections; ++i) {
            connections_.push_back({begin_conversation(path_, i + 1)});
            if (connections_.back().fd < 0) fail(path_);
            watched_.push_back({connections_.back().fd, POLLIN, 0});
        }
        began_ = Clock::now();
        for (auto& connection : connections_) {
            for (std::size_t i = 0; i < in_flight_; ++i) ask(connection);
            send(connection);
        }
        while (waiting_ > 0) {
            if (::poll(watched_.data(), static_cast<nfds_t>(watched_.size()), 20'000) <= 0)
                fail("no answer within 20 s");
            for (std::size_t i = 0; i < watched_.size(); ++i)
                if (watched_[i].revents != 0) hear(connections_[i]);
        }
        took_ = seconds_since(began_);
    }

    void print()
    {
        std::printf("%s, \"seconds\": %.6f}\n", told_as_json(counts_, std::move(milliseconds_)).c_str(), took_);
    }

private:
    struct Connection {
        int fd;
        std::string in = {};
        std::string out = {};
        std::uint32_t last = 0;
        std::vector<Clock::time_point> asked = {Clock::time_point()};  // by id
    };

    void ask(Connection& connection)
    {
        bool const each_once = seconds_ <= 0;
        if (each_once ? next_ >= users_.size() : seconds_since(began_) >= seconds_) return;
        auto const& user = each_once ? users_[next_++] : users_[random_.below(users_.size())];
        append_request(connection.out, ++connection.last, user);
        connection.asked.push_back(Clock::now());
        ++waiting_;
    }

    static void send(Connection& connection)
    {
        if (!write_all(connection.fd, connection.out)) fail("send");
        connection.out.clear();
    }

    void hear(Connection& connection)
    {
        if (!read_some(connection.fd, connection.in)) fail("the server has ended the conversation");
        auto const now = Clock::now();
        each_line(connection.in, [&](std::string_view line) {
            auto const answer = read_answer(line);
            if (answer.id == 0 || answer.id > connection.last) return;
            ++counts_[static_cast<std::size_t>(answer.told)];
            milliseconds_.push_back(
                std::chrono::duration<double, std::milli>(now - connection.asked[answer.id]).count());
            --waiting_;
            ask(connection);
        });
        send(connection);
    }

    std::string path_;
    std::vector<User> users_;
    std::size_t in_flight_;
    double seconds_;
    Random random_{7};
    std::size_t next_ = 0;
    std::size_t waiting_ = 0;
    Clock::time_point began_ = {};
    double took_ = 0;
    std::vector<Connection> connections_;
    std::vector<pollfd> watched_;
    std::uint64_t counts_[told_count] = {};
    std::vector<double> milliseconds_;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 2;
    Load load(argv[1], users_in(argv[2]), static_cast<std::size_t>(std::atoi(argv[4])), std::atof(argv[5]));
    load.run(std::atoi(argv[3]));
    load.print();
}
