// SPDX-License-Identifier: Apache-2.0
#include "password/scheme.h"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/text.h"

using namespace provost;
using namespace provost::password;

namespace {

struct Known {
    char const* stored;
    char const* scheme;
    Cost cost;
    bool weak;
};

// The password is `secret`. Made by doveadm pw 2.3.19, mkpasswd 5.5.17, argon2 20171227, Django 3.2 and passlib 1.7.4,
// and by tine's hash library (salts 01 02 03 04).
constexpr Known known[] = {
    {"{PLAIN}secret", "PLAIN", Cost::cheap, true},
    {"{CLEAR}secret", "PLAIN", Cost::cheap, true},
    {"{CLEARTEXT}secret", "PLAIN", Cost::cheap, true},
    {"{PLAIN.B64}c2VjcmV0", "PLAIN", Cost::cheap, true},
    {"{PLAIN.HEX}736563726574", "PLAIN", Cost::cheap, true},
    {"{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69", "PLAIN-MD5", Cost::cheap, true},
    {"{MD5}5ebe2294ecd0e0f08eab7690d2a6ee69", "PLAIN-MD5", Cost::cheap, true},
    {"{MD5}$1$IZ4ATbHC$3JM3e9il60EinBi9XQ8e0/", "MD5-CRYPT", Cost::cheap, true},
    {"{MD5.HEX}243124565744636e354a76242f30614e46687973774b55777865326f346f3757522f", "MD5-CRYPT", Cost::cheap, true},
    {"{LDAP-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", "LDAP-MD5", Cost::cheap, true},
    {"{LDAP-MD5.HEX}5ebe2294ecd0e0f08eab7690d2a6ee69", "LDAP-MD5", Cost::cheap, true},
    {"{SMD5}LF/f6q9WuGXFii+gm3ssYQECAwQ=", "SMD5", Cost::cheap, true},
    {"{SMD5.HEX}76884f7c45d370e25402ec912f1fc47dda62d377", "SMD5", Cost::cheap, true},
    {"{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA", Cost::cheap, true},
    {"{sha}5en6G6MezRroT3XKqkdPOmY/BfQ=", "SHA", Cost::cheap, true},
    {"{SHA1}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "SHA", Cost::cheap, true},
    {"{SHA.HEX}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", "SHA", Cost::cheap, true},
    {"{SSHA}uJDd0BIdJ9Z7yDCZNWdgYeb33+cBAgME", "SSHA", Cost::cheap, true},
    {"{SSHA.hex}448f88b6523070afe12cee07d9f7ef17a3dcf8230ff64697", "SSHA", Cost::cheap, true},
    {"{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=", "SHA256", Cost::cheap, true},
    {"{SHA256.HEX}2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", "SHA256", Cost::cheap, true},
    {"{SSHA256}pBFKVQdg8aaZi2INYzmnxxLtStvyMgIOC7TahNLLqCIBAgME", "SSHA256", Cost::cheap, true},
    {"{SHA512}vSsar3708Jvp9Szi2NWZZ02Bqp1qRCFpbcTZPdBhnWgs5WtNZKnvCXdhztmeD2cmW192CF5bDufKRpayrW/isg==", "SHA512",
     Cost::cheap, true},
    {"{SSHA512}P5VY7r63gjhLB30Rcz8lZ06F8WPXSKm5R3DTVm0OunypWSpaiR2/6dUz3T83OhGLkt0TwQvT959TTShfG1mmvImq96A=", "SSHA512",
     Cost::cheap, true},
    {"{SSHA512.B64}ochjp5Gyl//16pdnaDSc42XRyefXVrtx75tzwOIfrp4irUTOYfYnxTvE6zmE3GGrO6TyyzsthM4k6QH5LjDQ9eHkumU=",
     "SSHA512", Cost::cheap, true},
    {"{CRYPT}$2y$05$iHilmfkjX.xHfl8hLoiUgui/QeSg/jWVYmZyNOp0TkTwr19SJ3Yzi", "BLF-CRYPT", Cost::dear, true},
    {"{CRYPT-MD5}$1$BBL/pwJV$ssj4.xECKXf0hCvQ6N35Q/", "MD5-CRYPT", Cost::cheap, true},
    {"{MD5-CRYPT}$1$BBL/pwJV$ssj4.xECKXf0hCvQ6N35Q/", "MD5-CRYPT", Cost::cheap, true},
    {"{DES-CRYPT}N8mEPizzQt5Jo", "DES-CRYPT", Cost::cheap, true},
    {"{CRYPT}gw.Ph8rHXqJcI", "DES-CRYPT", Cost::cheap, true},
    {"{BLF-CRYPT}$2y$05$pkygpuu4Yj4XcG5ozNLD../7lKyLr9HAuuvAPfPnk1He7vLaLrf7i", "BLF-CRYPT", Cost::dear, true},
    {"{SHA256-CRYPT}$5$3bFEMj08H0kwwU75$6f9ac7h/0CJzhaY4lapKsMtqcenXhrarcBymujijqVB", "SHA256-CRYPT", Cost::dear,
     false},
    {"{SHA512-CRYPT}$6$UTg.mdRbF8UkYong$23EKakfgDmwZybMoUh56LUfonud2L3Dje9c5iGGnz85u6hNfcVKvE0A8VM9mFkbOPRWUG.Y8Xyic/"
     "NFSoMOGD0",
     "SHA512-CRYPT", Cost::dear, false},
    {"{SHA512-CRYPT.B64}"
     "JDYkLm5DRTF4a3B0QVlnbGpiSiROYS5hQUNuLlU4ZTlxMFFZTlRRYmJXOXN3bXlBdEtZMEx2dk4zSzlkNjI3Ry9ITlBkWkx0aFB2Q2N1WUoubmlGa"
     "ndvOW9kWS5Ick5PUXJ2L2MxbDE0MA==",
     "SHA512-CRYPT", Cost::dear, false},
    {"$y$j9T$Y02uO6PQ.HfRcWM9fUpBU0$o5z2fLMUndjgtFq4232Ya9Awk6WflmYWlkmBdqTF/I9", "YESCRYPT", Cost::dear, false},
    {"$gy$j9T$X3YulsNS6XKGNlISY5xPK.$uK82so4rYXE.a2wy7mVDEQNg76kXMRfczPnAMhaPNJ9", "GOST-YESCRYPT", Cost::dear, false},
    {"$7$CU..../....fDSlYpAYYFkAddPLABr4O.$Vfl/pWgT0.xBNNuv5EVC.zdqXfb81HVuXc0PmitF42.", "SCRYPT", Cost::dear, false},
    {"$2b$05$PRfBIgaacSRqxLb01.DfGe4RuMlaKxpKJ1g8U7VDpux/OIyMD6Gna", "BLF-CRYPT", Cost::dear, true},
    {"$2a$05$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq", "BLF-CRYPT", Cost::dear, true},
    {"$6$emSOspCWNUCPUt92$4I/v/hy6iWtiRZl8Mn9GS4f3k7N8jImRFocME6FDsmnZxgwbUwx3ck89sQetuziosQNRhlesRYIUuWrnzX001/",
     "SHA512-CRYPT", Cost::dear, false},
    {"$5$nTgKHrhV3SXp.bG1$MG61sp0z4hgGPRDqxVJBV/yI1i0X1D7UJugGzPf6c8A", "SHA256-CRYPT", Cost::dear, false},
    {"$md5,rounds=77063$AlXWcyP0$$HuXLFgnKZwWyHmvdhNOwl.", "SUN-MD5", Cost::dear, true},
    {"$1$t9CNdICG$l2Z1yaeVpr2bUTLQoMxzW/", "MD5-CRYPT", Cost::cheap, true},
    {"_J9..QFVLSRl4o2NIy8Q", "BSDI-CRYPT", Cost::dear, true},
    {"gw.Ph8rHXqJcI", "DES-CRYPT", Cost::cheap, true},
    {"$3$$878d8014606cda29677a44efa1353fc7", "NT", Cost::cheap, true},
    {"$sha1$5000$AgudSB8I$RntX9LOFBPE6NWKziocBzPH3DuSe", "SHA1-CRYPT", Cost::dear, true},
    {"{ARGON2I}$argon2i$v=19$m=32768,t=4,p=1$rvZ4bzpsu96ZHYuJY2NlIQ$xpaJIyJ0RaqfpuiqhtsKbGenW0BDlWG2/LyB0CBpPQo",
     "ARGON2I", Cost::dear, false},
    {"{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$IWkFwPu9VHnhHh9MwVm0nQ$dPL39n+fzOLafYTmtlktFGpgyTupWzKYmTLgW2Q6EQo",
     "ARGON2ID", Cost::dear, false},
    {"{CRYPT}$argon2id$v=19$m=4096,t=2,p=4$c29tZXNhbHQ$CAfuT6+tmMFOIGgVftqqpk63VLleDygV89Dmq2ydzNw", "ARGON2ID",
     Cost::dear, false},
    {"$argon2id$v=19$m=4096,t=2,p=4$c29tZXNhbHQ$CAfuT6+tmMFOIGgVftqqpk63VLleDygV89Dmq2ydzNw", "ARGON2ID", Cost::dear,
     false},
    {"{PBKDF2}$1$q7r8tkDFufVMw9ua$5000$773b00b2185d610dd21d71ebbafa1bdd7396ebcf", "PBKDF2", Cost::dear, true},
    {"{SCRAM-SHA-1}4096,+ioM+u6FviQ9E/lZWDbkVg==,f+i6oERSvylWvV5L+VbsINYRKag=,U6/UfVBntWHGh+FEnOLfeUiTmQo=",
     "SCRAM-SHA-1", Cost::dear, false},
    {"{SCRAM-SHA-256}4096,RLscZEdA4a5JA4zf5sEstg==,N1EPE213Lp+ssyxQVGAGxgLjRHDM3lLWaxLrh8F7jP0=,"
     "3MIOv5w1bRqvy7ryJOzso7WO/iK/ZGb9GQ13dB9w0yk=",
     "SCRAM-SHA-256", Cost::dear, false},
    {"pbkdf2_sha256$260000$fvDRquFFojEKz1cjqCOKJc$ekQmfAJ/t7dG3QTv+fNiVogaLR2oXq0NDlZaRdbEZJI=", "PBKDF2-SHA256",
     Cost::dear, false},
    {"pbkdf2_sha1$260000$ZHpkyEHnPpPwR7LVKLpWZm$EeFDokfWdrWEbosx1XfhJqbqMj0=", "PBKDF2-SHA1", Cost::dear, false},
    {"argon2$argon2id$v=19$m=102400,t=2,p=8$N1pYMTZTSlVTQzhJeG5yNWpVWWQxaw$NX/wYNGKxkkzgARawaRd9w", "ARGON2ID",
     Cost::dear, false},
    {"bcrypt_sha256$$2b$06$AOmI7kBtkdqPKIYRplUmsuO5fSCm5wMpO2WbPWIgJdsa.HUfJ55oy", "BCRYPT-SHA256", Cost::dear, true},
    {"bcrypt$$2b$06$Qy4BwlYzMHuWZE5TnXFeCuq1aXwM/OWipjUKib3wYAYixBmoMXVze", "BLF-CRYPT", Cost::dear, true},
    {"$pbkdf2-sha256$29000$S0kJ4VwLIQSAkJJy7p2TEg$Y3D23CNxr9mU2Yp5hOyefCYAq6fOlh.0BnA9fyk25sQ", "PBKDF2-SHA256",
     Cost::dear, false},
    {"$pbkdf2-sha512$25000$LUUoBWBsjdG6t9baO2es1Q$Wz9aSsZroDNypiNcVkjGGZxe/24JiJhqf9UeSWi/"
     "WXKVLrhBNI89YDatOL0gLNCSskic9VDlIpS4ko0lVu3lng",
     "PBKDF2-SHA512", Cost::dear, false},
    {"$pbkdf2$131000$IYRQSsnZe./9nxNijNF6Tw$6LEFsXlLO2joPiQFlRjqxcLq8Ao", "PBKDF2-SHA1", Cost::dear, false},
    {"$bcrypt-sha256$2b,6$iLAkx6rWXsVP2DCi07FqoO$OutLo/g5jPWRX3IioQQur.4bqnedRQ6", "BCRYPT-SHA256", Cost::dear, true},
    {"$bcrypt-sha256$v=2,t=2b,r=6$eVJf89C5fgBxICb1Qbc5be$XALrkqofjWqaeu3p0pfSxMct62qSchG", "BCRYPT-SHA256", Cost::dear,
     true},
};

// The one of django-cyradm's fixture; the password is `cyrus`.
constexpr char const* cyrus =
    "$6$PpY/oCg6Nd71R5O.$sbgHnSXVH00pgsGf9dpzNNwJnb7qWjRWs0En8EXG2oSQSeYLOJaVBVavCUCcITKES0FWDLEWx6vcuMEIqNo5w1";

// Passwords as people and programs have them: any bytes but NUL, of a length that every scheme hashes whole.
rc::Gen<std::string> passwords()
{
    return rc::gen::apply(
        [](char first, std::string rest) {
            rest.resize(std::min<std::size_t>(rest.size(), 70));
            return first + rest;
        },
        rc::gen::inRange<char>('!', '~'),
        rc::gen::container<std::string>(
            rc::gen::map(rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); })));
}

}  // namespace

TEST(Scheme, OnlyWhatTakesOnePassOverThePasswordIsATrifle)
{
    for (auto const* stored : {"{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
                               "{PLAIN-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69", "{PLAIN}secret", "!", "", "{ODD}x"})
        EXPECT_TRUE(is_trifle(stored)) << stored;
    for (auto const& k : known) {
        SCOPED_TRACE(k.stored);
        std::string const scheme = k.scheme;
        bool const takes_many_passes = k.cost == Cost::dear || scheme == "MD5-CRYPT" || scheme == "DES-CRYPT";
        EXPECT_FALSE(takes_many_passes && is_trifle(k.stored));
    }
}

TEST(Scheme, EveryKnownFormVerifies)
{
    for (auto const& k : known) {
        SCOPED_TRACE(k.stored);
        EXPECT_EQ(verify(Secret("secret"), k.stored), Verdict::right);
        EXPECT_EQ(verify(Secret("secreT"), k.stored), Verdict::wrong);
        EXPECT_EQ(scheme_name(k.stored), k.scheme);
        EXPECT_EQ(cost_class(k.stored), k.cost);
        EXPECT_EQ(is_weak(k.stored), k.weak);
    }
    EXPECT_EQ(verify(Secret("cyrus"), cyrus), Verdict::right);
    EXPECT_EQ(verify(Secret("Cyrus"), cyrus), Verdict::wrong);
}

TEST(Scheme, AHashThatWasCutIsNeitherRightNorWrong)
{
    for (auto const& k : known) {
        std::string const stored(k.stored);
        if (scheme_name(stored) == "PLAIN") continue;
        SCOPED_TRACE(stored);
        EXPECT_EQ(verify(Secret("secret"), stored.substr(0, stored.size() - 1)), Verdict::cannot_tell);
    }
}

TEST(Scheme, WhatIsUnknownCannotBeTold)
{
    for (auto const* stored : {"secret", "5ebe2294ecd0e0f08eab7690d2a6ee69", "{NTLM}x", "{}x", "{", "$", "$6$",
                               "$2b$31$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq"}) {
        EXPECT_EQ(verify(Secret("secret"), stored), Verdict::cannot_tell) << stored;
        EXPECT_EQ(scheme_name(stored), "UNKNOWN") << stored;
        EXPECT_EQ(cost_class(stored), Cost::cheap) << stored;
        EXPECT_FALSE(is_weak(stored)) << stored;
    }
}

TEST(Scheme, ALockedAccountHasNoRightPassword)
{
    for (auto const* stored : {"", "!", "*", "{CRYPT}!"})
        for (auto const* password : {"", "!", "*", "secret"})
            EXPECT_EQ(verify(Secret(password), stored), Verdict::wrong) << stored;
}

TEST(Scheme, APasswordWithANulNeverMatches)
{
    std::string const with_nul("secret\0", 7);
    std::string const nul_first("\0secret", 7);
    for (auto const& k : known) {
        SCOPED_TRACE(k.stored);
        EXPECT_EQ(verify(Secret(with_nul), k.stored), Verdict::wrong);
        EXPECT_EQ(verify(Secret(nul_first), k.stored), Verdict::wrong);
    }
    EXPECT_EQ(verify(Secret(with_nul), "{PLAIN.HEX}73656372657400"), Verdict::wrong);
}

TEST(Scheme, AnEmptyPasswordNeverMatches)
{
    // The sum of nothing, and crypt's hash of it.
    EXPECT_EQ(verify(Secret(), "{PLAIN-MD5}d41d8cd98f00b204e9800998ecf8427e"), Verdict::wrong);
    auto const hash = new_crypt(Secret(), "$6$", 0);
    ASSERT_TRUE(hash);
    EXPECT_EQ(verify(Secret(), *hash), Verdict::wrong);
}

TEST(Scheme, LengthsAreBoundedWhereTheSchemesAre)
{
    std::string const longest(longest_password, 'a');
    auto const argon2id = make(Secret(longest), Scheme::argon2id);
    ASSERT_TRUE(argon2id);
    EXPECT_EQ(verify(Secret(longest), *argon2id), Verdict::right);
    EXPECT_EQ(verify(Secret(longest + "a"), *argon2id), Verdict::wrong);
    EXPECT_EQ(verify(Secret(longest), cyrus), Verdict::wrong);
    EXPECT_EQ(verify(Secret(longest + "a"), "{PLAIN}" + longest.substr(0, 100)), Verdict::wrong);

    struct {
        Scheme scheme;
        std::size_t most;
    } const cases[] = {
        {Scheme::yescrypt, 511}, {Scheme::sha512_crypt, 511}, {Scheme::bcrypt, 72}, {Scheme::argon2id, 4096}};
    for (auto const& c : cases) {
        auto const whole = make(Secret(std::string(c.most, 'x')), c.scheme);
        ASSERT_TRUE(whole) << c.most;
        EXPECT_EQ(verify(Secret(std::string(c.most, 'x')), *whole), Verdict::right);
        EXPECT_EQ(verify(Secret(std::string(c.most - 1, 'x')), *whole), Verdict::wrong);
        auto const more = make(Secret(std::string(c.most + 1, 'x')), c.scheme);
        ASSERT_FALSE(more) << c.most;
        EXPECT_EQ(more.error().message, "password: must not be longer than " + std::to_string(c.most) + " bytes");
    }
}

TEST(Scheme, NothingIsMadeOfAnEmptyPasswordOrANul)
{
    for (auto const scheme : {Scheme::yescrypt, Scheme::argon2id, Scheme::sha512_crypt, Scheme::bcrypt}) {
        EXPECT_FALSE(make(Secret(), scheme));
        EXPECT_FALSE(make(Secret(std::string("a\0b", 3)), scheme));
    }
}

TEST(Scheme, WhatIsMadeIsOfTheSchemeAskedForAndNotWeak)
{
    struct {
        Scheme scheme;
        char const* head;
        char const* name;
    } const cases[] = {
        {Scheme::yescrypt, "$y$j9T$", "YESCRYPT"},
        {Scheme::argon2id, "$argon2id$v=19$m=65536,t=2,p=1$", "ARGON2ID"},
        {Scheme::sha512_crypt, "$6$rounds=20000$", "SHA512-CRYPT"},
        {Scheme::bcrypt, "$2b$10$", "BLF-CRYPT"},
    };
    for (auto const& c : cases) {
        auto const hash = make(Secret("correct horse"), c.scheme);
        ASSERT_TRUE(hash);
        EXPECT_TRUE(hash->starts_with(c.head)) << *hash;
        EXPECT_EQ(scheme_name(*hash), c.name);
        EXPECT_FALSE(is_weak(*hash));
        EXPECT_EQ(cost_class(*hash), Cost::dear);
    }
}

TEST(Scheme, APasswordMatchesItsHashAndNoOtherDoes)
{
    ASSERT_TRUE(rc::check("verify(make(p), q) is p == q", [] {
        auto const scheme = *rc::gen::weightedElement<Scheme>(
            {{20, Scheme::yescrypt}, {1, Scheme::argon2id}, {3, Scheme::sha512_crypt}, {1, Scheme::bcrypt}});
        auto const right = *passwords();
        auto const other = *passwords();
        auto const hash = make(Secret(right), scheme);
        RC_ASSERT(hash.has_value());
        RC_ASSERT(verify(Secret(right), *hash) == Verdict::right);
        if (other != right) RC_ASSERT(verify(Secret(other), *hash) == Verdict::wrong);
    }));
}

TEST(Scheme, NoBytesThatAreStoredCrashOrMatchByChance)
{
    auto const heads = split(
        "{ {SHA} {SSHA} {CRYPT} {MD5} {PLAIN.B64} {PBKDF2}$ {SCRAM-SHA-256} {ARGON2ID} $6$ $6$rounds= $5$ $1$ $3$$ $y$ "
        "$y$j $gy$ $7$ $2b$ $md5,rounds= $sha1$ $argon2id$v=19$m= pbkdf2_sha256$ $bcrypt-sha256$ _ ",
        ' ');
    // Digits of the forms themselves reach further into the readers than bytes of any kind.
    auto const tails = rc::gen::oneOf(rc::gen::container<std::string>(rc::gen::elementOf(std::string("$./,=09AZaz}+"))),
                                      rc::gen::arbitrary<std::string>());
    ASSERT_TRUE(rc::check("stored bytes", [&] {
        auto const password = Secret("a password nobody has stored");
        auto const head = *rc::gen::elementOf(heads);
        for (auto const& tail : *rc::gen::container<std::vector<std::string>>(20, tails)) {
            auto const stored = std::string(head) + tail;
            RC_ASSERT(verify(password, stored) != Verdict::right);
            RC_ASSERT(!scheme_name(stored).empty());
            RC_ASSERT(!is_weak(stored) || scheme_name(stored) != "UNKNOWN");
            auto const accepted = accept_hash(stored, "hash");
            RC_ASSERT(accepted.has_value() || accepted.error().message.starts_with("hash: "));
        }
    }));
}

TEST(Scheme, NoChangeOfAKnownHashMatches)
{
    ASSERT_TRUE(rc::check("one byte changed", [] {
        // Those whose text has one meaning: base64 can end in bits that nobody reads, and hex has two cases.
        auto const* stored =
            *rc::gen::element("$1$t9CNdICG$l2Z1yaeVpr2bUTLQoMxzW/", "{CRYPT}gw.Ph8rHXqJcI",
                              "$5$nTgKHrhV3SXp.bG1$MG61sp0z4hgGPRDqxVJBV/yI1i0X1D7UJugGzPf6c8A", "{PLAIN}secret");
        std::string changed(stored);
        auto const at = *rc::gen::inRange<std::size_t>(changed.find_last_of("$}") + 1, changed.size());
        auto const byte = *rc::gen::arbitrary<char>();
        RC_PRE(byte != changed[at]);
        changed[at] = byte;
        RC_ASSERT(verify(Secret("secret"), changed) != Verdict::right);
    }));
}

TEST(Scheme, DovecotGetsItsPrefix)
{
    EXPECT_EQ(dovecot_form(cyrus), std::string("{CRYPT}") + cyrus);
    EXPECT_EQ(dovecot_form("{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="), "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=");
    EXPECT_EQ(
        dovecot_form("argon2$argon2id$v=19$m=102400,t=2,p=8$N1pYMTZTSlVTQzhJeG5yNWpVWWQxaw$NX/wYNGKxkkzgARawaRd9w"),
        "{ARGON2ID}$argon2id$v=19$m=102400,t=2,p=8$N1pYMTZTSlVTQzhJeG5yNWpVWWQxaw$NX/wYNGKxkkzgARawaRd9w");
    EXPECT_EQ(dovecot_form(""), "");
    EXPECT_EQ(dovecot_form("!"), "!");
}

TEST(Scheme, AnAdministratorsHashIsTakenAsItIs)
{
    for (auto const& k : known) {
        SCOPED_TRACE(k.stored);
        auto const accepted = accept_hash(k.stored, "hash");
        if (std::string(k.scheme) == "PLAIN") {
            ASSERT_FALSE(accepted);
            EXPECT_EQ(accepted.error().message, "hash: is a password in the clear; give it as a password");
        } else {
            EXPECT_EQ(accepted, std::string(k.stored));
        }
    }
    EXPECT_EQ(accept_hash("", "hash").error().message, "hash: is the mark of a locked account, not a hash");
    auto const mistaken = accept_hash("hunter2-by-mistake", "hash");
    ASSERT_FALSE(mistaken);
    EXPECT_EQ(mistaken.error().message.find("hunter2"), std::string::npos);
}
