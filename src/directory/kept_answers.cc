// SPDX-License-Identifier: Apache-2.0
#include "directory/kept_answers.h"

#include <functional>

namespace provost::directory {

void KeptAnswers::use(std::uint64_t directory, std::uint64_t content)
{
    if (directory_ == directory && content_ == content) return;
    directory_ = directory;
    content_ = content;
    ++turn_;
}

std::uint64_t KeptAnswers::hash_of(mail::Map map, std::string_view key)
{
    return std::hash<std::string_view>()(key) + static_cast<std::uint64_t>(map);
}

KeptAnswers::Slot* KeptAnswers::slot_of(mail::Map map, std::string_view key, std::uint64_t hash) const
{
    auto const& set = sets_[hash % sets];
    if (!set) return nullptr;
    for (auto& slot : set->slots) {
        if (slot.turn != turn_ || slot.hash != hash || slot.map != map) continue;
        if (std::string_view(slot.bytes).substr(0, slot.key_size) == key) return &slot;
    }
    return nullptr;
}

std::optional<Found> KeptAnswers::find(mail::Map map, std::string_view key, std::string& text) const
{
    auto const* slot = slot_of(map, key, hash_of(map, key));
    if (slot == nullptr) return std::nullopt;
    if (!slot->validity.is_always() && !slot->validity.holds_at(to_millis(now()))) return std::nullopt;
    if (slot->found == Found::found) text.assign(slot->bytes, slot->key_size);
    return slot->found;
}

void KeptAnswers::keep(mail::Map map, std::string_view key, Found found, std::string_view text,
                       mail::Validity const& validity)
{
    if (found == Found::not_found) text = {};
    if (key.size() + text.size() > longest) return;
    auto const hash = hash_of(map, key);
    auto& set = sets_[hash % sets];
    if (!set) set = std::make_unique<Set>();
    // In the place of what was kept for another moment, or of what is forgotten, or of each in turn.
    auto* place = slot_of(map, key, hash);
    for (auto& slot : set->slots)
        if (place == nullptr && slot.turn != turn_) place = &slot;
    if (place == nullptr) place = &set->slots[set->next++ % set->slots.size()];
    place->turn = turn_;
    place->hash = hash;
    place->validity = validity;
    place->bytes.assign(key);
    place->bytes.append(text);
    place->key_size = key.size();
    place->map = map;
    place->found = found;
}

}  // namespace provost::directory
