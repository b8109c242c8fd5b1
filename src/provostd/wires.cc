// SPDX-License-Identifier: Apache-2.0
#include "provostd/wires.h"

#include <chrono>

#include "base/random.h"
#include "mail/model.h"
#include "protocols/dovecot/auth_client.h"
#include "protocols/dovecot/auth_master.h"
#include "protocols/dovecot/dict.h"
#include "protocols/dovecot/pending_logins.h"
#include "protocols/from_directory.h"
#include "protocols/postfix/policy.h"
#include "protocols/postfix/socketmap.h"
#include "protocols/recorder.h"
#include "protocols/saslauthd/saslauthd.h"

namespace provost::daemon {
namespace {

// The SPID of Dovecot's handshake: any number, the same on all sockets of one daemon, and not 0.
std::uint32_t new_server_id()
{
    std::uint32_t id = 0;
    for (char byte : random_bytes(3)) id = id << 8U | static_cast<unsigned char>(byte);
    return id + 1;
}

bool is_saslauthd(std::string const& name) { return name == "saslauthd" || name == "postfix-saslauthd"; }

}  // namespace

struct Wires::Parts {
    Parts(directory::Lookups& lookups_in, directory::Logins& logins_in, Metrics& metrics_in)
        : metrics(metrics_in),
          lookups(lookups_in),
          logins(logins_in),
          recorder(metrics, [&lookups_in](std::string_view name) { return lookups_in.mailbox_id(name); }),
          socketmap(metrics),
          policy(metrics),
          saslauthd(metrics),
          server_id(new_server_id()),
          postfix(protocols::AuthPeer::postfix, server_id, logins, pending, metrics),
          dovecot(protocols::AuthPeer::dovecot, server_id, logins, pending, metrics),
          masters(server_id, lookups, logins, pending, metrics)
    {
    }

    Metrics& metrics;
    protocols::DirectoryLookups lookups;
    protocols::DirectoryLogins logins;
    protocols::Recorder recorder;
    protocols::PendingLogins pending;
    protocols::SocketmapCounters socketmap;
    protocols::PolicyCounters policy;
    protocols::SaslauthdCounters saslauthd;
    std::uint32_t server_id;
    protocols::AuthClients postfix;
    protocols::AuthClients dovecot;
    protocols::AuthMasters masters;
    std::vector<store::Store::SignIn> sign_ins;  // taken with the usages, until they are asked for
};

Wires::Wires(directory::Lookups& lookups, directory::Logins& logins, Metrics& metrics)
    : parts_(std::make_unique<Parts>(lookups, logins, metrics))
{
}

Wires::~Wires() = default;

net::SessionMaker Wires::sessions(std::string const& name)
{
    if (name == "map") return protocols::socketmap_sessions(parts_->lookups, parts_->socketmap);
    if (name == "policy") return protocols::policy_sessions(parts_->lookups, parts_->policy);
    if (name == "postfix-auth") return parts_->postfix.sessions();
    if (is_saslauthd(name)) return protocols::saslauthd_sessions(parts_->logins, parts_->saslauthd);
    if (name == "dovecot-auth") return parts_->dovecot.sessions();
    if (name == "dovecot-master") return parts_->masters.sessions(protocols::MasterSocket::master);
    if (name == "dovecot-userdb") return parts_->masters.sessions(protocols::MasterSocket::userdb);
    if (name == "dovecot-dict") return protocols::dict_sessions(parts_->recorder, parts_->metrics);
    return {};
}

net::Limits Wires::limits(std::string const& name)
{
    net::Limits limits;
    // What a session passes over or collects is bounded by itself; this is what may lie unread.
    limits.longest_request = name == "dovecot-dict" ? std::size_t{128} << 10 : std::size_t{32} << 10;
    // Whoever waits for his password to be checked is told at its deadline at the latest; cut off before, Dovecot 2.3
    // would tell him that it is wrong.
    if (name == "dovecot-auth" || name == "postfix-auth")
        limits.drain_time = protocols::AuthClient::deadline + std::chrono::seconds(1);
    if (is_saslauthd(name)) {
        // libsasl2 sends a request at once, waits for its answer without an end, and closes at once.
        limits.request_time = limits.idle_time.emplace(std::chrono::seconds(5));
        limits.drain_time = protocols::Saslauthd::deadline + std::chrono::seconds(1);
    }
    return limits;
}

void Wires::wait_for_mail_processes()
{
    parts_->pending.wait_until_taken(std::chrono::seconds(1), std::chrono::steady_clock::now());
}

reconcile::Observations::Usages Wires::take_usages()
{
    auto taken = parts_->recorder.take();
    reconcile::Observations::Usages out;
    for (auto& [name, usage] : taken.usage)
        out.push_back({std::move(name), std::move(usage.mailbox), {usage.bytes, usage.messages, usage.at}});
    for (auto& login : taken.logins)
        parts_->sign_ins.push_back({std::move(login.name), mail::word(login.service), "", login.at});
    return out;
}

std::vector<store::Store::SignIn> Wires::take_sign_ins() { return std::exchange(parts_->sign_ins, {}); }

}  // namespace provost::daemon
