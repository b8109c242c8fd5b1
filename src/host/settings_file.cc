// SPDX-License-Identifier: Apache-2.0
#include "host/settings_file.h"

#include "base/text.h"
#include "config/file.h"

namespace provost::host {

namespace {

// The setting's name of a line "name = value", in a comment or not.
std::string_view name_in(std::string_view line, bool in_comment)
{
    line = trimmed(line);
    if (line.starts_with('#') != in_comment) return {};
    if (in_comment) line = trimmed(line.substr(1));
    auto const equals = line.find('=');
    return equals == std::string_view::npos ? std::string_view() : trimmed(line.substr(0, equals));
}

}  // namespace

Result<std::string> with_target(std::string const& text, std::string const& target, std::string const& file)
{
    auto const ours = "target = \"" + target + "\"\n";
    std::size_t head = std::string::npos;  // after the line [mail]
    std::size_t begin = std::string::npos, end = 0;
    bool is_mail = false;
    bool is_said = false;
    for (std::size_t at = 0; at < text.size();) {
        auto const next = std::min(text.find('\n', at), text.size() - 1) + 1;
        auto const line = trimmed(std::string_view(text).substr(at, next - at));
        if (line.starts_with('[')) {
            is_mail = line.starts_with("[mail]");
            if (is_mail) head = next;
        }
        // Where it is said, that line; else the one that shows the default.
        bool const says = is_mail && name_in(line, false) == "target";
        bool const shows = is_mail && name_in(line, true) == "target";
        if (!is_said && (says || shows)) {
            begin = at;
            end = next;
            is_said = says;
        }
        at = next;
    }
    auto changed = text;
    if (begin != std::string::npos) {
        changed = text.substr(0, begin) + ours + text.substr(end);
    } else if (head != std::string::npos) {
        auto const parted = text[head - 1] == '\n' ? "" : "\n";
        changed = text.substr(0, head) + parted + ours + text.substr(head);
    } else {
        if (!changed.empty() && !changed.ends_with('\n')) changed += '\n';
        changed += "\n[mail]\n" + ours;
    }
    auto const read = config::parse_settings(changed, file);
    if (read && read->mail.target == target) return changed;
    return fail(Fault::conflict, "write " + ours.substr(0, ours.size() - 1) + " below [mail] in " + file + " by hand",
                "mail.target");
}

}  // namespace provost::host
