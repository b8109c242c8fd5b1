// SPDX-License-Identifier: Apache-2.0
// The client's side of Dovecot's auth protocol, as far as a load needs it.
#pragma once

#include "wire.h"

namespace bench {

enum class Told : std::uint8_t { accepted, wrong, temporary, off, other };
inline constexpr std::size_t told_count = 5;
inline constexpr char const* told_words[told_count] = {"accepted", "wrong", "temporary", "off", "other"};

struct Answer {
    std::uint32_t id = 0;
    Told told = Told::other;
};

inline Answer read_answer(std::string_view line)
{
    auto const tab = line.find('\t');
    auto const verb = line.substr(0, tab);
    Answer answer{.id = 0, .told = Told::other};
    if (tab == std::string_view::npos) return answer;
    answer.id = static_cast<std::uint32_t>(std::strtoul(line.data() + tab + 1, nullptr, 10));
    auto const has = [&](std::string_view word) { return line.find(word) != std::string_view::npos; };
    if (verb == "OK") answer.told = Told::accepted;
    else if (verb == "FAIL" && (has("\ttemp") || has("\tcode=temp_fail"))) answer.told = Told::temporary;
    else if (verb == "FAIL" && has("user_disabled")) answer.told = Told::off;
    else if (verb == "FAIL") answer.told = Told::wrong;
    return answer;
}

// Calls `use` with each whole line that has come.
template <class Use>
void each_line(std::string& in, Use use)
{
    std::size_t from = 0;
    for (;;) {
        auto const end = in.find('\n', from);
        if (end == std::string::npos) break;
        in[end] = '\0';
        use(std::string_view(in).substr(from, end - from));
        from = end + 1;
    }
    in.erase(0, from);
}

struct User {
    std::string after_id;  // of the AUTH line
};

// Each comes from an address of its own, as users do.
inline std::vector<User> users_in(std::string const& file)
{
    std::vector<User> users;
    for (auto const& [login, password] : pairs_in(file)) {
        auto const number = users.size();
        std::string plain(1, '\0');
        plain.append(login).append(1, '\0').append(password);
        users.push_back({"\tPLAIN\tservice=imap\tsecured\tnologin\tlip=192.0.2.1\trip=10." +
                         std::to_string(number >> 16U & 255U) + '.' + std::to_string(number >> 8U & 255U) + '.' +
                         std::to_string(number & 255U) + "\tresp=" + base64(plain) + "\n"});
    }
    if (users.empty()) fail(file + " is empty");
    return users;
}

inline void append_request(std::string& out, std::uint32_t id, User const& user)
{
    out += "AUTH\t";
    out += std::to_string(id);
    out += user.after_id;
}

// Connects and passes the greetings; -1 where nobody listens, or the other side ends.
inline int begin_conversation(std::string const& path, int process)
{
    int const fd = connect_to(path);
    if (fd < 0) return fd;
    bool done = false;
    std::string in;
    if (write_all(fd, "VERSION\t1\t2\nCPID\t" + std::to_string(process) + "\n"))
        while (!done && read_some(fd, in)) each_line(in, [&](std::string_view line) { done = done || line == "DONE"; });
    if (done) return fd;
    ::close(fd);
    return -1;
}

// "{"accepted": 1, ..., "p50_ms": 2.5, "p99_ms": 7.1" and whatever follows.
inline std::string told_as_json(std::uint64_t const (&counts)[told_count], std::vector<double> milliseconds)
{
    std::sort(milliseconds.begin(), milliseconds.end());
    std::string out = "{";
    for (std::size_t i = 0; i < told_count; ++i)
        out += std::string("\"") + told_words[i] + "\": " + std::to_string(counts[i]) + ", ";
    char numbers[160];
    std::snprintf(numbers, sizeof numbers, "\"p50_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f",
                  percentile(milliseconds, 0.5), percentile(milliseconds, 0.99), percentile(milliseconds, 1));
    return out + numbers;
}

}  // namespace bench
