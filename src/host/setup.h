// SPDX-License-Identifier: Apache-2.0
// What `provost setup` would make of a host's Postfix, and its Dovecot or Cyrus, worked out on copies: nothing is
// changed here.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "host/files.h"
#include "host/groups.h"
#include "host/reload.h"
#include "host/settle.h"
#include "host/versions.h"

namespace provost::host {

struct FileChange {
    std::string path;
    FileState now, next;
};

struct SetupPlan {
    std::vector<FileChange> files = {};    // only those that change
    std::vector<std::string> places = {};  // folders and links of the sockets that are not there
    std::vector<std::string> notes = {};   // what would be different for those whom the host serves mail now
    ServerOptions options = {};
    std::vector<Membership> members = {};                    // who has to join which group
    config::Settings settings = config::default_settings();  // as they are then
    bool restart_postfix = false;                            // since the interfaces it listens at change
    bool restart_cyrus = false;
    bool restart_daemon = false;          // since the settings change
    std::string postfix, dovecot, cyrus;  // their versions; empty where it is not concerned

    bool is_empty() const { return files.empty() && places.empty(); }
};

// What Postfix's files must say: as setup writes them, and as the doctor finds them.
struct PostfixDemands {
    ServerOptions options = {};
    std::vector<PostfixEdit> edits = {};
};

Result<PostfixDemands> postfix_demands(Root const& root, config::Settings const& settings, PostfixFamily family,
                                       SetupWishes const& wishes, PostfixCopy const& copy, ImapNow const& imap);

// After init, whose key for doveadm it needs. Fault::not_found where a server is not installed, Fault::invalid where
// its version is unknown or a wish cannot be, Fault::conflict where what is there does not let it.
Result<SetupPlan> plan_setup(Root const& root, Site const& site, SetupWishes const& wishes, Runner const& run);

// diff -u of each file, without passwords and keys; and what happens to owners and modes.
std::string diff_of(std::vector<FileChange> const& files);

// Asks the servers whether they understand what was written, and whether it is what holds. Fault::conflict with their
// words.
Result<void> check_servers(Root const& root, config::Settings const& settings, ServerOptions const& options,
                           Runner const& run);

}  // namespace provost::host
