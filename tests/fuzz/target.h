// SPDX-License-Identifier: Apache-2.0
// A parser of bytes from outside, and what must hold whatever the bytes are. libFuzzer makes them up (libfuzzer.cc),
// and each ./check reads those that are kept in corpus/ (replay.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace provost::fuzz {

struct Target {
    char const* name;
    void (*run)(std::string_view input);
};

// Those that are linked into this program.
inline std::vector<Target>& targets()
{
    static std::vector<Target> all;
    return all;
}

struct Registration {
    explicit Registration(Target target) { targets().push_back(target); }
};

[[noreturn]] inline void broken(char const* what, char const* file, int line)
{
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    std::abort();
}

// What chooses comes from the front of the input, so that it stays where it is when the rest is changed.
class Input {
public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    std::uint8_t byte()
    {
        if (rest_.empty()) return 0;
        auto const first = static_cast<std::uint8_t>(rest_[0]);
        rest_.remove_prefix(1);
        return first;
    }
    bool flag() { return (byte() & 1U) != 0; }
    std::size_t below(std::size_t count) { return byte() % count; }
    // Up to the next `end`, which is taken too; all that is left where there is none.
    std::string_view until(char end)
    {
        auto const at = rest_.find(end);
        auto const part = rest_.substr(0, at);
        rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at + 1);
        return part;
    }
    std::string_view text(std::size_t most)
    {
        auto const part = rest_.substr(0, most);
        rest_.remove_prefix(part.size());
        return part;
    }
    std::string_view rest() const { return rest_; }
    bool empty() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

}  // namespace provost::fuzz

// Aborts, which is how both a fuzzer and a test learn of it.
#define HOLDS(condition)                                                         \
    do {                                                                         \
        if (!(condition)) provost::fuzz::broken(#condition, __FILE__, __LINE__); \
    } while (false)

#define FUZZ_TARGET(name, input)                                                 \
    static void name(std::string_view input);                                    \
    static provost::fuzz::Registration const name##_registration({#name, name}); \
    static void name(std::string_view input)
