// SPDX-License-Identifier: Apache-2.0
// A piece of work to be done once. Unlike std::function it can own what cannot be copied, such as a Responder.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace provost::net {

class Task {
public:
    Task() = default;

    template <class Work>
    requires(!std::same_as<std::remove_cvref_t<Work>, Task> && std::invocable<std::remove_cvref_t<Work>&>)
        Task(Work&& work)
        : held_(std::make_unique<Held<std::remove_cvref_t<Work>>>(std::forward<Work>(work)))
    {
    }

    explicit operator bool() const { return held_ != nullptr; }
    void operator()() { held_->run(); }

private:
    struct Any {
        virtual ~Any() = default;
        virtual void run() = 0;
    };
    template <class Work>
    struct Held final : Any {
        template <class From>
        explicit Held(From&& from) : work(std::forward<From>(from))
        {
        }
        void run() override { work(); }
        Work work;
    };

    std::unique_ptr<Any> held_;
};

}  // namespace provost::net
