// SPDX-License-Identifier: Apache-2.0
// The settings' file: whatever was understood is written in a sample that says the same.
#include "base/text.h"
#include "config/file.h"
#include "fuzz/target.h"

using namespace provost;

FUZZ_TARGET(settings, input)
{
    auto const settings = config::parse_settings(input, "provost.toml");
    if (!settings) {
        HOLDS(is_utf8(settings.error().message));
        return;
    }
    auto const sample = config::sample_file(*settings);
    auto const again = config::parse_settings(sample, "sample");
    HOLDS(again);
    HOLDS(config::sample_file(*again) == sample);
}
