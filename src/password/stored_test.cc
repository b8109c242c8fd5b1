// SPDX-License-Identifier: Apache-2.0
#include "password/stored.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::password;

TEST(Stored, UnsaltedSumsAreReadAsHexOrBase64ByTheirLength)
{
    auto const hex = read_stored("{LDAP-MD5}5ebe2294ecd0e0f08eab7690d2a6ee69", "hash");
    auto const base64 = read_stored("{PLAIN-MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==", "hash");
    ASSERT_TRUE(hex && base64);
    EXPECT_EQ(std::get<Sum>(hex->method).sum, std::get<Sum>(base64->method).sum);
}

TEST(Stored, TheSaltIsWhatFollowsTheSum)
{
    auto const stored = read_stored("{SSHA}uJDd0BIdJ9Z7yDCZNWdgYeb33+cBAgME", "hash");
    ASSERT_TRUE(stored);
    EXPECT_EQ(std::get<Sum>(stored->method).salt, "\x01\x02\x03\x04");
}

TEST(Stored, EmptyAndMarkedPasswordsAreLocked)
{
    for (auto const* text : {"", "!", "*", "!$6$salt$x", "!Zkse8qranEixGG3YtX0UUein49nMrwB9zH3huYor", "{CRYPT}",
                             "{CRYPT}!", "{SHA512-CRYPT}!$6$salt$x", "{CRYPT}*"}) {
        auto const stored = read_stored(text, "hash");
        ASSERT_TRUE(stored) << text;
        EXPECT_EQ(stored->scheme, "LOCKED") << text;
        EXPECT_FALSE(stored->weak) << text;
    }
}

TEST(Stored, WhatCannotBeReadSaysWhyAndNotWhat)
{
    struct {
        std::string text;
        char const* why;
    } const cases[] = {
        {"{NTLM}0cb6948805f797bf2a82807973b89537", "'NTLM' cannot be checked"},
        {"{CRAM-MD5}cafe", "'CRAM-MD5' cannot be checked"},
        {"{A'\n}x", R"('A\x27\x0a' cannot be checked)"},
        {"{SHA", "no }"},
        {"{SHA.ROT13}x", "encoding"},
        {"{SHA}5en6G6MezRroT3XKqkdPOmY", "whole SHA hash"},
        {"{SHA}5en6G6MezRroT3XKqkdPOmY/", "whole SHA hash"},
        {"{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", "whole SSHA hash"},
        {"{SHA.HEX}5en6", "whole SHA hash"},
        {"{PLAIN}", "whole PLAIN hash"},
        {"{ARGON2ID}x", "whole ARGON2 hash"},
        {"$argon2d$v=19$m=4096,t=2,p=1$c29tZXNhbHQ$KjF9vKaBBSLFWDa3oIXA+v1VF2jfKmtLYAz4X3OKTx4", "whole ARGON2"},
        {"$argon2id$v=16$m=4096,t=2,p=1$c29tZXNhbHQ$KjF9vKaBBSLFWDa3oIXA+v1VF2jfKmtLYAz4X3OKTx4", "whole ARGON2"},
        {"$argon2id$v=19$m=4096,t=2$c29tZXNhbHQ$KjF9vKaBBSLFWDa3oIXA+v1VF2jfKmtLYAz4X3OKTx4", "whole ARGON2"},
        {"{PBKDF2}$1$salt$5000$773b00b2", "whole PBKDF2 hash"},
        {"{PBKDF2}$2$salt$5000$773b00b2185d610dd21d71ebbafa1bdd7396ebcf", "whole PBKDF2 hash"},
        {"{PBKDF2}$1$salt$0$773b00b2185d610dd21d71ebbafa1bdd7396ebcf", "whole PBKDF2 hash"},
        {"{SCRAM-SHA-256}4096,x", "whole SCRAM-SHA-256 hash"},
        {"pbkdf2_sha256$260000$salt", "whole PBKDF2-SHA256 hash"},
        {"$pbkdf2-md5$1$a$b", "whole PBKDF2 hash"},
        {"$bcrypt-sha256$x", "whole BCRYPT-SHA256 hash"},
        {"bcrypt_sha256$$6$salt$x", "whole SHA512-CRYPT hash"},
        {"secret", "no form that is known"},
        {std::string(longest_stored + 1, 'a'), "longer than 1024"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.text);
        auto const stored = read_stored(c.text, "hash");
        ASSERT_FALSE(stored);
        EXPECT_NE(stored.error().message.find(c.why), std::string::npos) << stored.error().message;
        EXPECT_EQ(stored.error().field, "hash");
    }
}

TEST(Stored, WorkAboveTheCapIsRefused)
{
    std::string const sum = "$c29tZXNhbHQ$KjF9vKaBBSLFWDa3oIXA+v1VF2jfKmtLYAz4X3OKTx4";
    std::string const key = "$salt$ekQmfAJ/t7dG3QTv+fNiVogaLR2oXq0NDlZaRdbEZJI=";
    EXPECT_TRUE(read_stored("$argon2id$v=19$m=262144,t=4,p=1" + sum, "hash"));
    EXPECT_TRUE(read_stored("pbkdf2_sha256$2000000" + key, "hash"));
    for (auto const& text : {
             "$argon2id$v=19$m=262145,t=1,p=1" + sum,
             "$argon2id$v=19$m=262144,t=5,p=1" + sum,
             "$argon2id$v=19$m=8,t=4294967295,p=1" + sum,
             "$argon2i$v=19$m=4096,t=3,p=256" + sum,
             "pbkdf2_sha256$2000001" + key,
             std::string("{PBKDF2}$1$salt$2000001$773b00b2185d610dd21d71ebbafa1bdd7396ebcf"),
             std::string("{SCRAM-SHA-1}2000001,+ioM+u6FviQ9E/lZWDbkVg==,f+i6oERSvylWvV5L+VbsINYRKag=,x"),
         }) {
        auto const stored = read_stored(text, "hash");
        ASSERT_FALSE(stored) << text;
        EXPECT_NE(stored.error().message.find("more work"), std::string::npos) << stored.error().message;
    }
}
