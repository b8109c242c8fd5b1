// SPDX-License-Identifier: Apache-2.0
// imap_client PORT LOGIN PASSWORD_FILE CONNECTIONS COUNT PREFIX KILOBYTES: makes COUNT mailboxes
// user/PREFIX-N@example.test and gives each its limit (CREATE, then SETQUOTA, each when the one before was answered),
// by so many connections to 127.0.0.1 under STARTTLS, each signed in once. Prints how many were made and refused, and
// how long it took; the connections are there before the clock starts.
#include <arpa/inet.h>
#include <atomic>
#include <barrier>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <thread>

#include <openssl/ssl.h>

#include "wire.h"

namespace {

using namespace bench;

int connect_to_port(int port)
{
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int const on = 1;
    if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0 ||
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        fail("port " + std::to_string(port));
    return fd;
}

class Imap {
public:
    explicit Imap(int port) : fd_(connect_to_port(port))
    {
        line();  // its greeting
        if (!ask("STARTTLS")) fail("STARTTLS");
        context_.reset(::SSL_CTX_new(::TLS_client_method()));  // nobody's certificate is looked at on loopback
        tls_.reset(::SSL_new(context_.get()));
        if (::SSL_set_fd(tls_.get(), fd_) != 1 || ::SSL_connect(tls_.get()) != 1) fail("TLS");
    }
    Imap(Imap const&) = delete;
    Imap& operator=(Imap const&) = delete;
    ~Imap() { ::close(fd_); }

    // Whether the server said OK.
    bool ask(std::string const& command)
    {
        auto const tag = "a" + std::to_string(++last_) + " ";
        auto const bytes = tag + command + "\r\n";
        bool const is_sent =
            tls_ ? ::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0 : write_all(fd_, bytes);
        if (!is_sent) fail("the server has ended the conversation");
        for (;;) {
            auto const said = line();
            if (said.starts_with(tag)) return said.compare(tag.size(), 3, "OK ") == 0;
        }
    }

private:
    std::string line()
    {
        auto end = in_.find('\n');
        while (end == std::string::npos) {
            more();
            end = in_.find('\n');
        }
        auto said = in_.substr(0, end);
        in_.erase(0, end + 1);
        return said;
    }

    void more()
    {
        if (!tls_) {
            if (!read_some(fd_, in_)) fail("the server has ended the conversation");
            return;
        }
        char buffer[16 * 1024];
        int const got = ::SSL_read(tls_.get(), buffer, sizeof buffer);
        if (got <= 0) fail("the server has ended the conversation");
        in_.append(buffer, static_cast<std::size_t>(got));
    }

    struct Freed {
        void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
        void operator()(SSL* tls) const { ::SSL_free(tls); }
    };
    int fd_;
    std::unique_ptr<SSL_CTX, Freed> context_;
    std::unique_ptr<SSL, Freed> tls_;
    std::string in_;
    int last_ = 0;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 8) return 2;
    auto const password = pairs_in(argv[3]).front().first;
    int const connections = std::atoi(argv[4]);
    std::atomic<int> next = 0;
    std::atomic<int> made = 0;
    std::atomic<int> refused = 0;
    Clock::time_point began;
    std::barrier all_there(connections, [&]() noexcept { began = Clock::now(); });
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < connections; ++i)
            threads.emplace_back([&] {
                Imap imap(std::atoi(argv[1]));
                if (!imap.ask("LOGIN " + std::string(argv[2]) + " \"" + password + "\"")) fail("LOGIN");
                all_there.arrive_and_wait();
                for (int number = next++; number < std::atoi(argv[5]); number = next++) {
                    auto const mailbox =
                        "\"user/" + std::string(argv[6]) + '-' + std::to_string(number) + "@example.test\"";
                    bool const is_made =
                        imap.ask("CREATE " + mailbox) && imap.ask("SETQUOTA " + mailbox + " (STORAGE " + argv[7] + ")");
                    (is_made ? made : refused) += 1;
                }
            });
    }
    std::printf("{\"made\": %d, \"refused\": %d, \"seconds\": %.6f}\n", made.load(), refused.load(),
                seconds_since(began));
}
