// SPDX-License-Identifier: Apache-2.0
// Masks of names: what bounds the reading of the record must never leave out what the mask itself takes.
#include "base/text.h"
#include "fuzz/target.h"
#include "store/pages.h"

using namespace provost;

FUZZ_TARGET(mask, input)
{
    fuzz::Input from(input);
    auto const text = from.until('\n');
    auto const name = folded(from.rest());
    store::Mask const mask(text);
    HOLDS(matches_mask("*" + std::string(text), name) || !matches_mask(text, name));
    if (!mask.matches(name)) return;
    HOLDS(name.starts_with(mask.prefix()));
    HOLDS(!mask.is_past(name));
    HOLDS(!mask.is_exact() || name == mask.prefix());
    if (!mask.domain().empty()) HOLDS(name.ends_with("@" + mask.domain()));
}
