// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/guarded.h"

namespace provost {
namespace {

class RealCounter final : public Counter {
public:
    explicit RealCounter(prometheus::Counter& counter) : counter_(counter) {}
    void add(double amount) override { counter_.Increment(amount); }
    double value() const override { return counter_.Value(); }

private:
    prometheus::Counter& counter_;
};

class RealGauge final : public Gauge {
public:
    explicit RealGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
    void set(double value) override { gauge_.Set(value); }

private:
    prometheus::Gauge& gauge_;
};

template <class Made>
using Known = std::map<std::pair<std::string, Metrics::Labels>, std::unique_ptr<Made>>;

}  // namespace

struct Metrics::Impl {
    prometheus::Registry registry;
    Guarded<Known<RealCounter>> counters;
    Guarded<Known<RealGauge>> gauges;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string const& name, std::string const& help, Labels const& labels)
{
    return impl_->counters.with([&](auto& known) -> Counter& {
        auto& made = known[{name, labels}];
        if (!made)
            made = std::make_unique<RealCounter>(
                prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry).Add(labels));
        return *made;
    });
}

Gauge& Metrics::gauge(std::string const& name, std::string const& help, Labels const& labels)
{
    return impl_->gauges.with([&](auto& known) -> Gauge& {
        auto& made = known[{name, labels}];
        if (!made)
            made = std::make_unique<RealGauge>(
                prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry).Add(labels));
        return *made;
    });
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(impl_->registry.Collect()); }

}  // namespace provost
