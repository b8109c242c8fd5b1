// SPDX-License-Identifier: Apache-2.0
// Every setting, declared once: the reader, the help and the sample file are made from the descriptions here.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

#include "config/duration.h"
#include "config/rules.h"

namespace provost::config {

// A setting of type T: std::string, std::int64_t or Duration, and what it must be like.
template <class Section, class T>
struct Setting {
    T Section::*member;
    char const* name;
    char const* help;
    Rule<T> rule;
};

template <class Section, class T>
constexpr auto setting(T Section::*member, char const* name, char const* help, Rule<T> rule)
{
    return Setting<Section, T>{member, name, help, rule};
}

struct State {
    std::string folder = "/var/lib/provost";
    std::string run = "/run/provost";

    static constexpr auto settings = std::tuple{
        setting(&State::folder, "folder", "What must outlive a restart: the database and the local copy.", a_path),
        setting(&State::run, "run", "Sockets that live as long as the daemon.", a_path),
    };
};

struct Database {
    std::string url;
    Duration busy_timeout = std::chrono::seconds(4);

    static constexpr auto settings = std::tuple{
        setting(&Database::url, "url", "The system of record. Follows [state] folder.", a_database),
        setting(&Database::busy_timeout, "busy_timeout", "How long a write waits for another one before it says why.",
                between("10ms", "1m")),
    };
};

// Where the servers find us. The paths follow the folders, unless one is said by itself.
struct Sockets {
    std::string postfix_dir = "/var/spool/postfix/provost";
    std::string dovecot_login_dir = "/run/dovecot/login/provost";
    std::string map, policy, postfix_auth, dovecot_auth, dovecot_master, dovecot_userdb, dovecot_dict, saslauthd,
        postfix_saslauthd, admin;

    static constexpr auto settings = std::tuple{
        setting(&Sockets::postfix_dir, "postfix_dir", "Sockets for Postfix, inside the folder it is chrooted to.",
                a_path),
        setting(&Sockets::dovecot_login_dir, "dovecot_login_dir",
                "The socket for Dovecot's login processes: a folder of its own in the one they are chrooted to.",
                a_path),
        setting(&Sockets::map, "map", "Postfix's maps. Follows postfix_dir.", a_socket),
        setting(&Sockets::policy, "policy", "Postfix's questions whether a mailbox has room. Follows postfix_dir.",
                a_socket),
        setting(&Sockets::postfix_auth, "postfix_auth", "Postfix's sign-ins. Follows postfix_dir.", a_socket),
        setting(&Sockets::dovecot_auth, "dovecot_auth", "Dovecot's sign-ins. Follows dovecot_login_dir.", a_socket),
        setting(&Sockets::dovecot_master, "dovecot_master", "Dovecot's sessions. Follows [state] run.", a_socket),
        setting(&Sockets::dovecot_userdb, "dovecot_userdb", "Dovecot's look-ups of users. Follows [state] run.",
                a_socket),
        setting(&Sockets::dovecot_dict, "dovecot_dict", "Usage and last sign-ins from Dovecot. Follows [state] run.",
                a_socket),
        setting(
            &Sockets::saslauthd, "saslauthd",
            "Sign-ins that Cyrus, and others built on Cyrus SASL, ask saslauthd for: its `mux`. Follows [state] run.",
            a_socket),
        setting(&Sockets::postfix_saslauthd, "postfix_saslauthd",
                "The same for a Postfix that signs in by Cyrus SASL. Follows postfix_dir.", a_socket),
        setting(&Sockets::admin, "admin", "The command `provost`. Follows [state] run.", a_socket),
    };
};

struct Mail {
    std::string recipient_delimiter = "+";
    std::string user = "vmail";
    std::string group = "vmail";
    std::int64_t uid = 5000;
    std::int64_t gid = 5000;
    std::string mail_root = "/var/vmail";
    std::string target = "dovecot";

    static constexpr auto settings = std::tuple{
        setting(&Mail::recipient_delimiter, "recipient_delimiter",
                "What parts alice from an extension in alice+lists@example.org; empty: no extensions.", a_delimiter),
        setting(&Mail::user, "user", "The system's user that owns all stored mail.", a_name),
        setting(&Mail::group, "group", "Its group.", a_name),
        // 0 is root; 2^32-1 is "no such user" to the kernel.
        setting(&Mail::uid, "uid", "Its number.", between(1, 4'294'967'294)),
        setting(&Mail::gid, "gid", "The number of its group.", between(1, 4'294'967'294)),
        setting(&Mail::mail_root, "mail_root", "Each mailbox has a folder under this one.", a_path),
        setting(&Mail::target, "target", "The server that keeps new mailboxes.", one_of("dovecot cyrus")),
    };
};

struct Workers {
    std::int64_t loops = 0;
    std::int64_t hashing = 0;
    std::int64_t database = 4;

    static constexpr auto settings = std::tuple{
        setting(&Workers::loops, "loops", "Threads that answer the servers; 0: one a core.", between(0, 256)),
        setting(&Workers::hashing, "hashing", "Threads that check passwords; 0: one a core. Each may need 256 MiB.",
                between(0, 256)),
        setting(
            &Workers::database, "database",
            "Threads that do what administrators ask: so many, and two, on the admin socket, and so many on the API's.",
            between(1, 64)),
    };
};

struct Passwords {
    std::string default_scheme = "yescrypt";
    Duration failure_delay = std::chrono::seconds(2);
    Duration remember_for = std::chrono::minutes(10);
    std::string shared_networks;

    static constexpr auto settings = std::tuple{
        setting(&Passwords::default_scheme, "default_scheme", "How new passwords are hashed.",
                one_of("yescrypt argon2id sha512-crypt bcrypt")),
        // Postfix gives an answer 10 s in all, of which half is left for load.
        setting(&Passwords::failure_delay, "failure_delay", "A refused sign-in is told so this long after it came.",
                between("100ms", "5s")),
        setting(&Passwords::remember_for, "remember_for",
                "How long a password once found right is known by a keyed hash; 0s: checked in full each time.",
                between("0s", "1d")),
        setting(&Passwords::shared_networks, "shared_networks",
                "Networks, parted by blanks, of web mailers and gateways that show one address for all their users: "
                "wrong passwords from there shut out nobody else. Of IPv6, whole /64s.",
                some_networks),
    };
};

struct Logins {
    Duration max_age_for_logins{0};

    static constexpr auto settings = std::tuple{
        setting(&Logins::max_age_for_logins, "max_age_for_logins",
                "Sign-ins end when the local copy is older than this; 0s: they go on however old it is.",
                between("0s", "365d")),
    };
};

struct Dovecot {
    std::string doveadm_url = "http://127.0.0.1:8080/doveadm/v1";
    std::string doveadm_key_file = "/etc/provost/doveadm.key";

    static constexpr auto settings = std::tuple{
        setting(&Dovecot::doveadm_url, "doveadm_url", "Dovecot's own interface, by which sessions are ended.", a_url),
        setting(&Dovecot::doveadm_key_file, "doveadm_key_file", "The file with its key.", a_path),
    };
};

// The Cyrus IMAP server that keeps the mailboxes, where [mail] target says so.
struct Cyrus {
    std::string server = "127.0.0.1:143";
    std::string tls = "starttls";
    std::string ca_file;
    std::string admin = "cyrus";
    std::string admin_password_file = "/etc/provost/cyrus.password";
    std::string imapd_conf = "/etc/imapd.conf";
    std::string partition;
    std::string folders = "Sent Drafts Junk Trash Archive";

    static constexpr auto settings = std::tuple{
        setting(&Cyrus::server, "server", "Where mailboxes are made, by its IMAP: host:port.", a_door),
        setting(&Cyrus::tls, "tls",
                "How the conversation is kept secret. A certificate is checked unless the server is on loopback; none "
                "is for loopback only.",
                one_of("starttls implicit none")),
        setting(&Cyrus::ca_file, "ca_file", "PEM, whom to believe about its certificate; empty: the system's list.",
                a_path_or_nothing),
        setting(&Cyrus::admin, "admin", "Its administrator, one of imapd.conf's admins: an account of ours.", a_name),
        setting(&Cyrus::admin_password_file, "admin_password_file",
                "The file with that account's password. `provost init` makes it.", a_path),
        setting(&Cyrus::imapd_conf, "imapd_conf", "Its settings; empty where it runs on another host.",
                a_path_or_nothing),
        setting(&Cyrus::partition, "partition", "Where new mailboxes lie; empty: its defaultpartition.",
                a_word_or_nothing),
        setting(&Cyrus::folders, "folders",
                "Folders that a new mailbox has, parted by blanks, each marked for the special use (RFC 6154) of its "
                "name where there is one.",
                some_folders),
    };
};

// The servers' doors, where a proof knocks as a client would: host:port, or empty where there is no such door.
struct Doors {
    std::string imap = "127.0.0.1:143";
    std::string imaps = "127.0.0.1:993";
    std::string pop3 = "127.0.0.1:110";
    std::string pop3s = "127.0.0.1:995";
    std::string sieve = "127.0.0.1:4190";
    std::string submission = "127.0.0.1:587";
    std::string submissions = "127.0.0.1:465";

    static constexpr auto settings = std::tuple{
        setting(&Doors::imap, "imap", "IMAP with STARTTLS; empty: there is no such door.", a_door),
        setting(&Doors::imaps, "imaps", "IMAP within TLS.", a_door),
        setting(&Doors::pop3, "pop3", "POP3 with STLS.", a_door),
        setting(&Doors::pop3s, "pop3s", "POP3 within TLS.", a_door),
        setting(&Doors::sieve, "sieve", "ManageSieve with STARTTLS.", a_door),
        setting(&Doors::submission, "submission", "SMTP submission with STARTTLS.", a_door),
        setting(&Doors::submissions, "submissions", "SMTP submission within TLS.", a_door),
    };
};

struct Api {
    std::string listen = "127.0.0.1:8420";
    std::string certificate;
    std::string key;
    std::string trusted_proxies;
    std::string admin_group;

    static constexpr auto settings = std::tuple{
        setting(&Api::listen, "listen",
                "Where the API is had with tokens; empty: nowhere. Beyond loopback only with a certificate.",
                a_listening_place),
        setting(&Api::certificate, "certificate",
                "PEM, with its chain; empty: no TLS. Read again at SIGHUP, as the key is.", a_path_or_nothing),
        setting(&Api::key, "key", "Its key, PEM.", a_path_or_nothing),
        setting(&Api::trusted_proxies, "trusted_proxies",
                "Networks, parted by blanks, of proxies whose X-Forwarded-For is believed.", some_networks),
        setting(&Api::admin_group, "admin_group",
                "Its members are site admins on the admin socket, as root is; empty: nobody besides.",
                a_name_or_nothing),
    };
};

struct Log {
    std::string level = "info";
    std::string file;

    static constexpr auto settings = std::tuple{
        setting(&Log::level, "level", "The least that is logged.", one_of("info warning error")),
        setting(&Log::file, "file", "Where to; empty: standard error, which the system's journal keeps.",
                a_path_or_nothing),
    };
};

struct Restore {
    Duration keep_deleted = std::chrono::hours(24 * 30);

    static constexpr auto settings = std::tuple{
        setting(&Restore::keep_deleted, "keep_deleted", "How long a deleted mailbox can be had back.",
                between("0s", "3650d")),
    };
};

struct Settings {
    State state;
    Database database;
    Sockets sockets;
    Mail mail;
    Workers workers;
    Passwords passwords;
    Logins logins;
    Dovecot dovecot;
    Cyrus cyrus;
    Doors doors;
    Api api;
    Log log;
    Restore restore;
};

// Calls `visit(name, section)` for each section of Settings, const or not.
template <class AnySettings, class Visit>
void for_each_section(AnySettings& all, Visit visit)
{
    visit("state", all.state);
    visit("database", all.database);
    visit("sockets", all.sockets);
    visit("mail", all.mail);
    visit("workers", all.workers);
    visit("passwords", all.passwords);
    visit("logins", all.logins);
    visit("dovecot", all.dovecot);
    visit("cyrus", all.cyrus);
    visit("doors", all.doors);
    visit("api", all.api);
    visit("log", all.log);
    visit("restore", all.restore);
}

// Calls `visit(setting, value)` for each setting of a section; `setting` has name, help and rule.
template <class Section, class Visit>
void for_each_setting(Section& section, Visit visit)
{
    std::apply([&](auto const&... each) { (visit(each, section.*(each.member)), ...); }, Section::settings);
}

// Gives the settings that follow others their values: the database's URL and the sockets' paths. Said ones stay.
void settle(Settings& settings);

// What holds when nothing is said, settled.
Settings default_settings();

// Whether every value keeps its rule, for settings that were not read from a file. Names "section.key".
Result<void> check(Settings const& settings);

}  // namespace provost::config
