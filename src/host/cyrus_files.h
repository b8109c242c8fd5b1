// SPDX-License-Identifier: Apache-2.0
// The two files of Cyrus IMAP, read as Cyrus reads them and edited line by line: what nobody asks to be otherwise
// stays, comments too.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace provost::host {

// Where something stands in a text: its first line, from 1, and its bytes up to the end of its last line.
struct Place {
    std::size_t line = 0, begin = 0, end = 0;
};

// A setting of imapd.conf, or of the file of a SASL application such as smtpd.conf. Nothing after it is a comment.
struct ImapdOption {
    std::string name;  // in small letters
    std::string value;
    Place place;
};

// "@include: FILE" is one of them. Fault::invalid with FILE:LINE where Cyrus would refuse to start.
Result<std::vector<ImapdOption>> parse_imapd_conf(std::string_view text, std::string const& file);

struct ImapdEdit {
    enum class Kind : std::uint8_t {
        set,     // `name` is `value`
        has,     // the list `name` has `value` among its words
        remove,  // `name` is gone
    };
    Kind kind = Kind::set;
    std::string name;
    std::string value = {};
    std::vector<std::string> also_good = {};  // values that are left as they are
    std::string instead_of = {};              // an older name of it, whose line it takes

    bool operator==(ImapdEdit const&) const = default;
};

// Whether Cyrus takes the value for "yes", "no" or neither.
std::optional<bool> as_switch(std::string_view value);

// The edits that are not so yet, by the values that hold.
std::vector<ImapdEdit> pending_edits(std::vector<ImapdEdit> const& edits,
                                     std::map<std::string, std::string, std::less<>> const& now);

// The text with the edits made: each setting where it stands, new ones at the end below a comment.
Result<std::string> with_edits(std::string const& text, std::vector<ImapdEdit> const& edits, std::string const& file);

// An entry of cyrus.conf: a server of SERVICES, a program of START, EVENTS or DAEMON.
struct CyrusEntry {
    std::string section;  // in capitals
    std::string name;
    std::map<std::string, std::string, std::less<>> words = {};  // cmd, listen, prefork, ...
    Place place;

    std::string word(std::string_view key) const;  // empty where there is none
    // The first word of cmd, and whether this argument is among the others.
    std::string program() const;
    bool has_argument(std::string_view argument) const;
};

struct CyrusConf {
    std::vector<CyrusEntry> entries = {};
    std::size_t end_of_services = 0;  // where one more could be put: before the line that ends the section
};

// Fault::invalid with /etc/cyrus.conf:LINE where Cyrus would refuse to start, or where there are no SERVICES.
Result<CyrusConf> parse_cyrus_conf(std::string_view text);

// A new line of cyrus.conf.
std::string entry_line(CyrusEntry const& entry);
// The entry's line with another value for a key, which is added where it has none.
std::string with_word(std::string const& line, std::string const& key, std::string const& value);

}  // namespace provost::host
