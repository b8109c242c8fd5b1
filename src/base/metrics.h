// SPDX-License-Identifier: Apache-2.0
// Counters and gauges, as Prometheus reads them. A counter is made once and held by whoever counts.
#pragma once

#include <map>
#include <memory>
#include <string>

namespace provost {

class Counter {
public:
    virtual ~Counter() = default;
    virtual void add(double amount = 1) = 0;
    virtual double value() const = 0;
};

class Gauge {
public:
    virtual ~Gauge() = default;
    virtual void set(double value) = 0;
};

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(Metrics const&) = delete;
    Metrics& operator=(Metrics const&) = delete;

    using Labels = std::map<std::string, std::string>;
    // The same name and labels give the same counter; it lives as long as the Metrics.
    Counter& counter(std::string const& name, std::string const& help, Labels const& labels = {});
    Gauge& gauge(std::string const& name, std::string const& help, Labels const& labels = {});

    std::string text() const;  // the Prometheus text exposition format, version 0.0.4

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace provost
