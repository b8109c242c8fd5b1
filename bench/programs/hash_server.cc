// SPDX-License-Identifier: Apache-2.0
// hash_server SOCKET FILE: the least that a server of Postfix's socket map has to do, and so the ceiling for every
// other: one thread, epoll, a table in memory, no rules and no state. FILE has lines "KEY<tab>VALUE"; the map's name is
// ignored.
#include <sys/epoll.h>

#include "wire.h"

namespace {

using namespace bench;

// Open addressing, at most half full; built once.
class Table {
public:
    explicit Table(std::vector<std::pair<std::string, std::string>> pairs) : pairs_(std::move(pairs))
    {
        std::size_t size = 2;
        while (size < pairs_.size() * 2) size *= 2;
        slots_.assign(size, empty);
        for (std::size_t i = 0; i < pairs_.size(); ++i) {
            auto at = hash(pairs_[i].first) & (size - 1);
            while (slots_[at] != empty) at = (at + 1) & (size - 1);
            slots_[at] = static_cast<std::uint32_t>(i);
        }
    }

    std::string const* find(std::string_view key) const
    {
        for (auto at = hash(key) & (slots_.size() - 1); slots_[at] != empty; at = (at + 1) & (slots_.size() - 1))
            if (pairs_[slots_[at]].first == key) return &pairs_[slots_[at]].second;
        return nullptr;
    }

private:
    static constexpr std::uint32_t empty = 0xffffffff;

    // FNV-1a, stirred once more since the lowest bits choose the place.
    static std::size_t hash(std::string_view key)
    {
        std::uint64_t value = 14695981039346656037U;
        for (char const c : key) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
        return static_cast<std::size_t>(value ^ value >> 32U);
    }

    std::vector<std::pair<std::string, std::string>> pairs_;
    std::vector<std::uint32_t> slots_;
};

struct Connection {
    int fd;
    std::string in;
};

void append_answer(std::string& out, std::string const* value)
{
    auto const size = value != nullptr ? value->size() + 3 : 9;
    out += std::to_string(size);
    out += value != nullptr ? ":OK " : ":NOTFOUND ";
    if (value != nullptr) out += *value;
    out += ',';
}

// False where the conversation is over.
bool serve(Connection& peer, Table const& table)
{
    if (!read_some(peer.fd, peer.in)) return false;
    std::string out;
    std::string_view rest = peer.in;
    for (;;) {
        std::size_t length = 0;
        std::size_t digits = 0;
        while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9')
            length = length * 10 + static_cast<std::size_t>(rest[digits++] - '0');
        if (digits + 2 + length > rest.size()) break;
        auto const request = rest.substr(digits + 1, length);
        append_answer(out, table.find(request.substr(std::min(request.find(' '), request.size() - 1) + 1)));
        rest.remove_prefix(digits + 2 + length);
    }
    peer.in.erase(0, peer.in.size() - rest.size());
    return write_all(peer.fd, out);
}

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    Table const table(pairs_in(argv[2]));
    ::unlink(argv[1]);
    int const listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = address_of(argv[1]);
    if (::bind(listener, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(listener, 128) != 0) fail("listen");
    int const epoll = ::epoll_create1(EPOLL_CLOEXEC);
    auto const watch = [epoll](int fd, void* whom) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = whom;
        if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
    };
    watch(listener, nullptr);
    for (;;) {
        epoll_event events[64];
        int const ready = ::epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; ++i) {
            auto* const peer = static_cast<Connection*>(events[i].data.ptr);
            if (peer == nullptr) {
                int const fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                if (fd >= 0) watch(fd, new Connection{fd, {}});
            } else if (!serve(*peer, table)) {
                ::close(peer->fd);
                delete peer;
            }
        }
    }
}
