// SPDX-License-Identifier: Apache-2.0
#include "faults/faulty/control.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace provost::faulty {
namespace {

constexpr char const* file_variable = "PROVOST_FAULTY";

thread_local bool fails_from_here = false;

Control* mapped()
{
    auto const* file = std::getenv(file_variable);
    if (file == nullptr) return nullptr;
    auto const fd = ::open(file, O_RDWR | O_CLOEXEC);
    if (fd < 0) return nullptr;
    auto* const at = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
    return at == MAP_FAILED ? nullptr : static_cast<Control*>(at);
}

// Not by a function's static variable: clocks are read before and while the program is made ready.
Control* the_control = nullptr;

// Threads may count a step for the first time at once: then it stands there twice, and the reader adds them up.
void count(Control& all, std::string_view name)
{
    for (auto& each : all.steps) {
        if (each.name[0] == '\0') name.copy(each.name, sizeof each.name - 1);
        if (name != each.name) continue;
        ++each.times;
        return;
    }
}

bool is_on(std::string_view part, int descriptor)
{
    char place[512];
    auto const link = "/proc/self/fd/" + std::to_string(descriptor);
    auto const size = ::readlink(link.c_str(), place, sizeof place);
    return size > 0 && std::string_view(place, static_cast<std::size_t>(size)).find(part) != std::string_view::npos;
}

}  // namespace

__attribute__((constructor)) void begin() { the_control = mapped(); }

Control* control() { return the_control; }

bool fails(Call call, int descriptor)
{
    auto* const all = control();
    if (all == nullptr || (all->calls & call) == 0) return false;
    if (all->action == fail_from_here && !fails_from_here) return false;
    auto const before = errno;
    bool const concerned = descriptor < 0 || is_on(all->path, descriptor);
    errno = before;
    if (!concerned || all->spared-- > 0 || all->most-- <= 0) return false;
    ++all->struck;
    errno = all->error;
    return true;
}

}  // namespace provost::faulty

extern "C" void provost_step(char const* name)
{
    using namespace provost::faulty;
    auto* const all = control();
    if (all == nullptr) return;
    count(*all, name);
    if (all->action == pass_on || std::string_view(name) != all->step || --all->left != 0) return;
    switch (all->action) {
        case kill_here:
            ++all->struck;
            ::kill(::getpid(), SIGKILL);
            break;
        case stop_here:
            ++all->struck;
            ::kill(::getpid(), SIGSTOP);
            break;
        default:
            fails_from_here = true;
    }
}
