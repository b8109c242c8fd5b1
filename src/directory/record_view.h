// SPDX-License-Identifier: Apache-2.0
// The record seen as a snapshot, so that the rules of writing ask the same Resolver as the answers do.
#pragma once

#include <deque>
#include <string>

#include "mail/facts.h"
#include "store/store.h"

namespace provost::directory {

class RecordView final : public mail::View {
public:
    explicit RecordView(store::Reading& record) : record_(record) {}

    std::optional<mail::DomainFacts> domain(std::string_view name) const override;
    mail::Entry entry(std::string_view name) const override;
    bool is_deleted(std::string_view name) const override;
    std::optional<std::string_view> owner_of_login(std::string_view login) const override;
    // A former name claims nothing, so no rule is judged by it.
    std::optional<std::string_view> owner_of_former_name(std::string_view) const override { return std::nullopt; }

private:
    std::string_view keep(std::string text) const { return kept_.emplace_back(std::move(text)); }

    store::Reading& record_;
    mutable std::deque<std::string> kept_;  // what the facts point at
};

}  // namespace provost::directory
