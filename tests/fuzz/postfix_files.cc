// SPDX-License-Identifier: Apache-2.0
// Postfix's files, and what postconf says of them, parted by NUL: main.cf, master.cf, and the words of -n, -P and -M.
#include <cstdlib>

#include "base/text.h"
#include "fuzz/target.h"
#include "host/notes.h"
#include "host/postfix_copy.h"

using namespace provost;
using namespace provost::host;

namespace {

using Kind = PostfixEdit::Kind;

std::vector<PostfixEdit> const edits{{Kind::set, "virtual_mailbox_maps", "${provost}:mailboxes"},
                                     {Kind::set, "mydestination", "localhost"},
                                     {Kind::set, "mynetworks", "127.0.0.0/8"},
                                     {Kind::first, "smtpd_recipient_restrictions", "check_recipient_access x"},
                                     {Kind::service, "submission/inet", "submission inet n - y - - smtpd"},
                                     {Kind::option, "submission/inet/smtpd_sasl_type", "dovecot"},
                                     {Kind::remove_service, "smtps/inet"},
                                     {Kind::remove_option, "smtp/inet/smtpd_sasl_auth_enable"},
                                     {Kind::remove, "smtpd_tls_cert_file"}};

}  // namespace

FUZZ_TARGET(postfix_files, input)
{
    static int const in_memory = ::setenv("TMPDIR", "/dev/shm", 1);
    HOLDS(in_memory == 0);
    fuzz::Input from(input);
    std::string const main(from.until('\0'));
    std::string const master(from.until('\0'));
    std::string const set(from.until('\0'));
    std::string const options(from.until('\0'));
    std::string const services(from.rest());
    Runner const postconf = [&](std::vector<std::string> const& words) -> Result<std::string> {
        HOLDS(words.size() >= 4);
        return words[3] == "-n" ? set : words[3] == "-P" ? options : words[3] == "-M" ? services : "";
    };
    auto copy = PostfixCopy::make(main, master, postconf);
    HOLDS(copy);
    HOLDS(copy->main() == main);
    HOLDS(copy->master() == master);
    auto const pending = pending_edits(edits, copy->now());
    HOLDS(pending.size() <= edits.size());
    for (auto const& note : postfix_notes(Root("/nonexistent"), copy->now(), pending, {})) HOLDS(!note.empty());
    has_everybody(copy->now().value("mynetworks"));
    // This postconf does nothing of what it is told.
    HOLDS(copy->apply(pending).has_value() == pending.empty());
    auto const after = copy->main();
    HOLDS(after && after->starts_with(main));
}
