// SPDX-License-Identifier: Apache-2.0
// storm_client SOCKET USERS CONNECTIONS WITHIN PATIENCE: every user signs in once, at a moment of his own within so
// many seconds, whether others were answered or not. Who is told to come again, or is cut off, does so a second later;
// who was not answered when PATIENCE seconds have passed is counted as such. USERS has lines "LOGIN<tab>PASSWORD".
// Prints how many answers of each kind there were, and how long users waited until they were in.
#include <map>
#include <poll.h>

#include "auth_wire.h"

namespace {

using namespace bench;

constexpr std::chrono::milliseconds again{1000};

class Storm {
public:
    Storm(std::string path, std::vector<User> users, int connections, double within, double patience)
        : path_(std::move(path)), users_(std::move(users)), patience_(patience)
    {
        began_ = Clock::now();
        Random random(3);
        for (std::size_t i = 0; i < users_.size(); ++i) {
            auto const at = began_ + std::chrono::microseconds(random.below(static_cast<std::size_t>(within * 1e6)));
            came_.push_back(at);
            due_.emplace(at, i);
        }
        connections_.resize(static_cast<std::size_t>(connections));
    }

    void run()
    {
        while (in_ + refused_ < users_.size() && seconds_since(began_) < patience_) {
            connect_again();
            send_due();
            listen();
        }
    }

    void print()
    {
        std::printf("%s, \"cut_off\": %llu, \"unanswered\": %llu, \"seconds\": %.6f}\n",
                    told_as_json(counts_, std::move(milliseconds_)).c_str(), static_cast<unsigned long long>(cut_off_),
                    static_cast<unsigned long long>(users_.size() - in_ - refused_), seconds_since(began_));
    }

private:
    struct Connection {
        int fd = -1;
        std::string in = {};
        std::string out = {};
        std::uint32_t last = 0;
        std::map<std::uint32_t, std::size_t> asked = {};  // user by id
    };

    void connect_again()
    {
        for (std::size_t i = 0; i < connections_.size(); ++i)
            if (connections_[i].fd < 0) connections_[i].fd = begin_conversation(path_, static_cast<int>(i) + 1);
    }

    void send_due()
    {
        auto const now = Clock::now();
        while (!due_.empty() && due_.begin()->first <= now) {
            auto& connection = connections_[turn_++ % connections_.size()];
            if (connection.fd < 0) return;  // nobody is there: all wait for the next try
            auto const user = due_.begin()->second;
            due_.erase(due_.begin());
            append_request(connection.out, ++connection.last, users_[user]);
            connection.asked.emplace(connection.last, user);
        }
        for (auto& connection : connections_) {
            if (connection.fd >= 0 && !connection.out.empty() && !write_all(connection.fd, connection.out))
                end(connection);
            connection.out.clear();
        }
    }

    void listen()
    {
        std::vector<pollfd> watched;
        for (auto const& connection : connections_) watched.push_back({connection.fd, POLLIN, 0});
        ::poll(watched.data(), static_cast<nfds_t>(watched.size()), 1);
        for (std::size_t i = 0; i < watched.size(); ++i) {
            if (watched[i].revents == 0) continue;
            auto& connection = connections_[i];
            if (!read_some(connection.fd, connection.in)) end(connection);
            else each_line(connection.in, [&](std::string_view line) { hear(connection, read_answer(line)); });
        }
    }

    void hear(Connection& connection, Answer answer)
    {
        auto const found = connection.asked.find(answer.id);
        if (found == connection.asked.end()) return;
        auto const user = found->second;
        connection.asked.erase(found);
        ++counts_[static_cast<std::size_t>(answer.told)];
        auto const now = Clock::now();
        if (answer.told == Told::temporary) {
            due_.emplace(now + again, user);
            return;
        }
        if (answer.told != Told::accepted) {
            ++refused_;
            return;
        }
        ++in_;
        milliseconds_.push_back(std::chrono::duration<double, std::milli>(now - came_[user]).count());
    }

    void end(Connection& connection)
    {
        ::close(connection.fd);
        cut_off_ += connection.asked.size();
        for (auto const& [id, user] : connection.asked) due_.emplace(Clock::now() + again, user);
        connection = Connection();
    }

    std::string path_;
    std::vector<User> users_;
    double patience_;
    Clock::time_point began_;
    std::vector<Clock::time_point> came_;  // by user
    std::multimap<Clock::time_point, std::size_t> due_;
    std::vector<Connection> connections_;
    std::size_t turn_ = 0;
    std::size_t in_ = 0;
    std::size_t refused_ = 0;
    std::uint64_t cut_off_ = 0;
    std::uint64_t counts_[told_count] = {};
    std::vector<double> milliseconds_;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 6) return 2;
    Storm storm(argv[1], users_in(argv[2]), std::atoi(argv[3]), std::atof(argv[4]), std::atof(argv[5]));
    storm.run();
    storm.print();
}
