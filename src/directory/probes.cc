// SPDX-License-Identifier: Apache-2.0
#include "directory/probes.h"

#include <algorithm>

#include <sodium/utils.h>

#include "base/random.h"
#include "directory/network.h"

namespace provost::directory {
namespace {

constexpr std::chrono::seconds lifetime{60};
constexpr std::string_view mark = "probe-";  // no need to look for a probe in any other password

// A knock comes from loopback. saslauthd's protocol does not tell where from.
bool may_be_ours(std::string_view address) { return address.empty() || is_loopback(address); }

class Made final : public Logins::Probe {
public:
    Made(std::shared_ptr<Guarded<Probes::State>> state, std::uint64_t number, Secret password)
        : state_(std::move(state)), number_(number), password_(std::move(password))
    {
    }
    ~Made() override
    {
        state_->with([&](Probes::State& state) {
            std::erase_if(state.live, [&](Probes::Live const& live) { return live.number == number_; });
        });
    }
    Secret const& password() const override { return password_; }

private:
    std::shared_ptr<Guarded<Probes::State>> state_;
    std::uint64_t number_;
    Secret password_;
};

}  // namespace

std::unique_ptr<Logins::Probe> Probes::make(std::string_view name)
{
    Secret password(std::string(mark) + random_token(24));
    auto const number = state_->with([&](State& state) {
        auto const number_made = state.next_number++;
        state.live.push_back(
            {std::string(name), password.copy(), std::chrono::steady_clock::now() + lifetime, number_made});
        return number_made;
    });
    return std::make_unique<Made>(state_, number, std::move(password));
}

bool Probes::knows(std::string_view name, std::string_view address, Secret const& password) const
{
    auto const given = password.reveal();
    if (!given.starts_with(mark) || !may_be_ours(address)) return false;
    return state_->with([&](State& state) {
        auto const time = std::chrono::steady_clock::now();
        return std::any_of(state.live.begin(), state.live.end(), [&](Live const& live) {
            auto const known = live.password.reveal();
            return live.name == name && time < live.until && known.size() == given.size() &&
                   sodium_memcmp(known.data(), given.data(), known.size()) == 0;
        });
    });
}

}  // namespace provost::directory
