// SPDX-License-Identifier: Apache-2.0
#include "net/signals.h"

#include <cerrno>
#include <poll.h>
#include <pthread.h>
#include <stdexcept>
#include <sys/signalfd.h>

namespace provost::net {

Signals::Signals(std::initializer_list<int> numbers)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    for (auto number : numbers) sigaddset(&wanted, number);
    ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
    fd_ = Fd(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_) throw std::runtime_error("no signalfd");
}

Signals::~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int Signals::wait()
{
    for (;;) {
        if (auto number = wait_for(std::chrono::hours(1))) return *number;
    }
}

std::optional<int> Signals::wait_for(std::chrono::milliseconds limit)
{
    auto const end = std::chrono::steady_clock::now() + limit;
    for (;;) {
        signalfd_siginfo info{};
        if (::read(fd_.get(), &info, sizeof info) == sizeof info) return static_cast<int>(info.ssi_signo);
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd waited{fd_.get(), POLLIN, 0};
        ::poll(&waited, 1, static_cast<int>(left.count()));
    }
}

}  // namespace provost::net
