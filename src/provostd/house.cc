// SPDX-License-Identifier: Apache-2.0
#include "provostd/house.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>

#include "api/caller.h"
#include "api/server.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/step.h"
#include "base/text.h"
#include "base/version.h"
#include "directory/access.h"
#include "directory/acts.h"
#include "directory/logins.h"
#include "directory/lookups.h"
#include "directory/proof.h"
#include "host/doors.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "net/loops.h"
#include "net/tls_server.h"
#include "net/workers.h"
#include "password/scheme.h"
#include "password/strength.h"
#include "protocols/dovecot/auth_client.h"
#include "provostd/cyrus_site.h"
#include "provostd/record.h"
#include "provostd/verify.h"
#include "provostd/wires.h"
#include "provostd/words.h"
#include "reconcile/drift.h"
#include "reconcile/observations.h"
#include "reconcile/reconciler.h"
#include "reconcile/second_look.h"
#include "reconcile/timers.h"
#include "replica/replica.h"
#include "store/work.h"
#include "targets/dovecot.h"
#include "targets/root_helper.h"

namespace provost::daemon {
namespace {

constexpr std::chrono::seconds shortest_tidy{1};  // between two looks at what was deleted
constexpr std::size_t api_queue = 256;            // requests of administrators that may wait; more are told 503

// Who guesses tokens is answered late, and must not make a restart wait for that.
constexpr std::chrono::seconds api_drain{2};

// What strangers may cost over TCP before they have shown a token. The largest object is an alias of a thousand
// addresses: 300 KiB.
constexpr net::HttpLimits api_limits{
    .body = 1 << 20, .request_time = std::chrono::seconds(10), .most_connections = 200};

std::size_t threads_or_cores(std::int64_t wanted)
{
    return wanted > 0 ? static_cast<std::size_t>(wanted) : std::max(1U, std::thread::hardware_concurrency());
}

directory::Site site_of(config::Settings const& settings)
{
    directory::Site site;
    site.delimiter = settings.mail.recipient_delimiter.empty() ? '\0' : settings.mail.recipient_delimiter.front();
    site.uid = settings.mail.uid;
    site.gid = settings.mail.gid;
    site.mail_root = settings.mail.mail_root;
    return site;
}

password::Scheme scheme_named(std::string const& name)
{
    if (name == "argon2id") return password::Scheme::argon2id;
    if (name == "sha512-crypt") return password::Scheme::sha512_crypt;
    return name == "bcrypt" ? password::Scheme::bcrypt : password::Scheme::yescrypt;
}

password::Pool::Settings pool_of(config::Settings const& settings)
{
    password::Pool::Settings pool;
    // One thread more than is hashed on: it is kept for schemes that cost nothing.
    pool.threads = threads_or_cores(settings.workers.hashing) + 1;
    return pool;
}

password::Admission::Settings admission_of(config::Settings const& settings)
{
    password::Admission::Settings admission;
    admission.failure_delay = settings.passwords.failure_delay;
    admission.many_people = password::Networks(settings.passwords.shared_networks);
    admission.longest_delay = protocols::AuthClient::deadline - std::chrono::seconds(1);
    return admission;
}

template <class T>
T value_or_throw(Result<T> result)
{
    if (!result) throw std::runtime_error(result.error().message);
    return std::move(*result);
}

bool is_cyrus_site(config::Settings const& settings) { return settings.mail.target == "cyrus"; }

// The first line; nothing, and a warning, where there is none.
Secret secret_in(std::string const& file, char const* warning)
{
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    if (text.empty()) log::warning(warning, {{"file", file}});
    return Secret(std::string(trimmed(text)));
}

// Without a key sessions cannot be ended, and each attempt says so. A site without Dovecot has none.
Secret doveadm_key(config::Settings const& settings)
{
    if (is_cyrus_site(settings) && !std::filesystem::exists(settings.dovecot.doveadm_key_file)) return Secret();
    return secret_in(settings.dovecot.doveadm_key_file, "DOVEADM_KEY_MISSING");
}

}  // namespace

// In the order they are built; taken down in the opposite one, so that nothing is used after its end.
struct House::Rooms {
    Rooms(config::Settings const& settings, std::string const& schema);
    ~Rooms();
    Result<std::unique_ptr<store::Store>> open_record(std::string const& schema) const;
    directory::Acts::House acts_house();
    std::map<std::string, targets::Target*> targets_by_name();
    Result<bool> is_kept(std::string const& generation);
    void listen(std::multimap<std::string, net::Fd> sockets);
    void listen_with_tokens(api::House const& house, net::Fd socket);
    void begin_stop(std::initializer_list<std::string_view> names);

    config::Settings settings;
    Metrics metrics;
    Record record;
    replica::Options replica_options;
    std::unique_ptr<replica::Replica> replica;
    std::unique_ptr<net::Loops> loops;
    std::unique_ptr<replica::Follower> follower;
    password::Remembered remembered;
    password::Admission admission;
    directory::Lookups lookups;
    std::unique_ptr<password::Pool> pool;
    Secret cyrus_password;
    directory::Logins logins;
    directory::Access access;
    targets::RootHelper helper;
    targets::Dovecot dovecot;
    std::optional<CyrusSite> cyrus;
    targets::Target& site;  // the one that keeps new mailboxes, and has people's sessions
    directory::ProofOfOff proof;
    directory::Acts acts;
    std::unique_ptr<net::Workers> workers;
    std::unique_ptr<net::Workers> api_workers;  // of those who come over TCP: root never waits for them
    std::shared_ptr<net::TlsServer> tls;
    Wires wires;
    reconcile::SecondLook second_look;
    reconcile::Observations observations;
    reconcile::Reconciler reconciler;
    reconcile::Timers timers;
    reconcile::Drifts drifts;
    std::multimap<std::string, std::unique_ptr<net::Listener>> listeners;  // by the socket's name
};

House::Rooms::Rooms(config::Settings const& settings_in, std::string const& schema)
    : settings(settings_in),
      record([this, schema] { return open_record(schema); }),
      replica_options{.folder = settings.state.folder + "/replica"},
      replica(value_or_throw(replica::open_replica(replica_options))),
      loops(std::make_unique<net::Loops>(
          threads_or_cores(settings.workers.loops), [this] { replica->release(); }, metrics)),
      follower(replica::follow(*replica, replica_options, [this] { return record.get(); })),
      admission(admission_of(settings)),
      lookups(*replica, site_of(settings), metrics),
      pool(std::make_unique<password::Pool>(pool_of(settings), metrics)),
      cyrus_password(is_cyrus_site(settings) ? secret_in(settings.cyrus.admin_password_file, "CYRUS_PASSWORD_MISSING")
                                             : Secret()),
      logins(
          lookups, *replica, *pool, remembered, admission,
          {.remember = settings.passwords.remember_for,
           .max_age = std::chrono::ceil<std::chrono::seconds>(settings.logins.max_age_for_logins),
           .deadline = protocols::AuthClient::deadline,
           .own_account = is_cyrus_site(settings) ? settings.cyrus.admin : std::string(),
           .own_password = [this] { return cyrus_password.copy(); }},
          [this](std::chrono::milliseconds delay, std::function<void()> work) {
              loops->post_after(delay, std::move(work));
          },
          metrics),
      access(*replica, admission,
             {.max_age = std::chrono::ceil<std::chrono::seconds>(settings.logins.max_age_for_logins)}, metrics),
      helper(settings.state.run + "/helper.sock"),
      dovecot(targets::Doveadm({.url = settings.dovecot.doveadm_url, .api_key = doveadm_key(settings)}),
              [this](MailboxId const& mailbox) { return helper.ask(targets::RemoveHome{mailbox}); }),
      cyrus(is_cyrus_site(settings) ? std::optional<CyrusSite>(std::in_place, settings.cyrus, cyrus_password, helper,
                                                               [this](auto const& id) { return is_kept(id); })
                                    : std::nullopt),
      site(cyrus ? static_cast<targets::Target&>(cyrus->target) : dovecot),
      proof(logins, &site, {.doors = host::doors_of(settings.doors)}),
      acts(acts_house()),
      workers(std::make_unique<net::Workers>(static_cast<std::size_t>(settings.workers.database) + 2, api_queue,
                                             metrics, "api")),
      api_workers(std::make_unique<net::Workers>(static_cast<std::size_t>(settings.workers.database), api_queue,
                                                 metrics, "api_tcp")),
      wires(lookups, logins, metrics),
      second_look([this] { return lookups.take_full(); }, site, {}, metrics),
      observations({.record = [this] { return record.get(); },
                    // In this order: what is reported meanwhile is newer than what the second look saw.
                    .usages = {[this] { return second_look.look(); }, [this] { return wires.take_usages(); }},
                    .copy = [this](replica::Follower::Seen seen) { follower->observe(std::move(seen)); },
                    .sign_ins = {[this] { return logins.take_sign_ins(); }, [this] { return wires.take_sign_ins(); }},
                    .token_uses = {[this] { return access.take_uses(); }}},
                   {}, metrics),
      reconciler({.record = [this] { return record.get(); },
                  .targets = targets_by_name(),
                  .end_sessions = [this](std::vector<std::string> const& names) { return proof.end_sessions(names); }},
                 {}, metrics),
      timers({.record = [this] { return record.get(); }, .target = &site},
             {.tidy_again = std::clamp<std::chrono::milliseconds>(settings.restore.keep_deleted, shortest_tidy,
                                                                  reconcile::Timers::Settings().tidy_again)},
             metrics),
      drifts({.record = [this] { return record.get(); },
              .targets = targets_by_name(),
              .site = site.name(),
              .end_sessions = [this](std::vector<std::string> const& names) { return proof.end_sessions(names); }})
{
}

// What may take long, an act in hand or a doveadm that does not answer, comes to its end while mail servers are still
// answered.
House::Rooms::~Rooms()
{
    second_look.stop();
    begin_stop({"admin", "api"});
    timers.stop();
    reconciler.stop();
    for (auto const* name : {"admin", "api"}) listeners.erase(name);
    workers.reset();
    api_workers.reset();
    // Whoever was let in is asked for by his mail process, on another socket; whoever comes after us knows nothing of
    // him, and would send him away.
    begin_stop({"dovecot-auth", "postfix-auth"});
    for (auto const* name : {"dovecot-auth", "postfix-auth"}) listeners.erase(name);
    wires.wait_for_mail_processes();
    for (auto const& [name, listener] : listeners) listener->begin_stop();
    listeners.clear();
    observations.stop();
    follower->stop();
    // Whoever may still answer a login ends before what logins are answered from.
    pool.reset();
    loops.reset();
}

// Lets what is in flight on these sockets end, on all of them at once.
void House::Rooms::begin_stop(std::initializer_list<std::string_view> names)
{
    for (auto const& [name, listener] : listeners)
        if (std::ranges::find(names, name) != names.end()) listener->begin_stop();
}

// No other process uses this record: it would have the copy's folder too.
Result<std::unique_ptr<store::Store>> House::Rooms::open_record(std::string const& schema) const
{
    auto opened = TRY(store::open_store(
        settings.database.url, schema,
        {.busy = settings.database.busy_timeout, .create = !replica::was_used(replica_options.folder)}));
    auto const freed = store::free_leases(settings.database.url, settings.database.busy_timeout);
    if (!freed) log::warning("LEASES_NOT_FREED", {{"reason", freed.error().message}});
    return opened;
}

directory::Acts::House House::Rooms::acts_house()
{
    directory::Acts::House out;
    out.record = [this] { return record.get(); };
    out.answer_from = [this](store::Revision revision, std::chrono::milliseconds deadline) {
        // In this order: who was looked at on a thread of the pool is answered through a loop.
        if (!follower->catch_up(revision, deadline)) return false;
        step("act: in the copy");
        return logins.barrier(deadline) && loops->barrier(deadline);
    };
    out.hash = [scheme = scheme_named(settings.passwords.default_scheme)](Secret const& password) {
        return password::make(password, scheme);
    };
    out.accept_hash = [](std::string_view hash) { return password::accept_hash(hash, "hash"); };
    out.strength = [](Secret const& password, std::vector<std::string> const& about) {
        return password::check_strength(password, about);
    };
    out.forgive = [this](std::string_view name) {
        admission.forgive(mail::guessed_login(name, lookups.site().delimiter));
    };
    out.proof = &proof;
    out.new_store = [this](mail::Mailbox const& mailbox) { return site.place(mailbox); };
    out.target = site.name();
    out.sees_sessions = site.sees_sessions();
    out.wake_work = [this] { reconciler.wake(); };
    out.await_work = [this](std::chrono::milliseconds limit) { reconciler.await(limit); };
    out.keep_deleted = settings.restore.keep_deleted;
    out.delimiter = lookups.site().delimiter;
    return out;
}

std::map<std::string, targets::Target*> House::Rooms::targets_by_name()
{
    std::map<std::string, targets::Target*> all{{dovecot.name(), &dovecot}};
    if (cyrus) all.emplace(cyrus->target.name(), &cyrus->target);
    return all;
}

// Looks all of them over: for the rare store that is there before it was made.
Result<bool> House::Rooms::is_kept(std::string const& generation)
{
    auto* const opened = TRY(record.get());
    bool found = false;
    opened->read([&](store::Reading& reading) {
        reading.every_mailbox([&](auto const& one) { found |= one.mailbox.store.generation == generation; });
    });
    return found;
}

void House::Rooms::listen(std::multimap<std::string, net::Fd> sockets)
{
    api::House const house{.acts = acts,
                           .lookups = lookups,
                           .logins = logins,
                           .replica = *replica,
                           .metrics = metrics,
                           .version = version,
                           .verify = [this]() -> Result<std::vector<std::string>> {
                               auto* const opened = TRY(record.get());
                               return verify(*opened, *replica, *follower);
                           },
                           .drift = &drifts};
    net::HttpLimits const http;
    auto const admins = value_or_throw(api::gid_of(settings.api.admin_group, "api.admin_group"));
    for (auto& [name, fd] : sockets) {
        if (name == "api") {
            listen_with_tokens(house, std::move(fd));
            continue;
        }
        auto const sessions = name == "admin" ? net::http_sessions(api::admin_handler(house, admins), *workers, http)
                                              : wires.sessions(name);
        if (!sessions) throw std::runtime_error("no protocol for a socket named '" + escaped(name) + "'");
        auto const limits = name == "admin" ? net::for_listener(http) : Wires::limits(name);
        listeners.emplace(name,
                          std::make_unique<net::Listener>(*loops, std::move(fd), sessions, limits, metrics, name));
    }
}

// Mail goes on without it: what is wrong with the certificate is said, and everything else answers.
void House::Rooms::listen_with_tokens(api::House const& house, net::Fd socket)
{
    if (!settings.api.certificate.empty()) {
        auto loaded = net::TlsServer::load(settings.api.certificate, settings.api.key);
        if (!loaded) return log::error("API_NOT_LISTENING", {{"reason", loaded.error().message}});
        tls = *std::move(loaded);
    }
    auto const later = [this](std::chrono::milliseconds delay, std::function<void()> work) {
        loops->post_after(delay, std::move(work));
    };
    auto limits = net::for_listener(api_limits);
    limits.drain_time = api_drain;
    auto handler = api::token_handler(house, access, words_of(settings.api.trusted_proxies));
    listeners.emplace(
        "api", std::make_unique<net::Listener>(*loops, std::move(socket),
                                               net::http_sessions(std::move(handler), *api_workers, api_limits, later),
                                               limits, metrics, "api", tls));
}

void House::reload()
{
    if (!rooms_->tls) return;
    auto const loaded = rooms_->tls->reload();
    if (loaded) log::info("CERTIFICATE_LOADED", {{"file", rooms_->settings.api.certificate}});
    else log::error("CERTIFICATE_NOT_LOADED", {{"reason", loaded.error().message}});
}

House::House(config::Settings const& settings, std::string const& schema, std::multimap<std::string, net::Fd> sockets)
    : rooms_(std::make_unique<Rooms>(settings, schema))
{
    rooms_->listen(std::move(sockets));
}

House::~House() = default;

}  // namespace provost::daemon
