// SPDX-License-Identifier: Apache-2.0
#include "password/digest.h"

#include <gtest/gtest.h>

#include "base/text.h"

using namespace provost;
using namespace provost::password;

TEST(Digest, GivesThePublishedSums)
{
    // RFC 1321 A.5 and FIPS 180-4 examples for "abc".
    EXPECT_EQ(to_hex(hashed(Digest::md5, {"abc"})), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(to_hex(hashed(Digest::sha1, {"abc"})), "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(to_hex(hashed(Digest::sha256, {"abc"})),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(hashed(Digest::sha512, {"abc"})).substr(0, 32), "ddaf35a193617abacc417349ae204131");
    for (auto const digest : {Digest::md5, Digest::sha1, Digest::sha256, Digest::sha512})
        EXPECT_EQ(hashed(digest, {}).size(), size_of(digest));
}

TEST(Digest, TakesItsPartsInARow) { EXPECT_EQ(hashed(Digest::sha1, {"a", "", "bc"}), hashed(Digest::sha1, {"abc"})); }

TEST(Digest, GivesThePublishedKeys)
{
    // RFC 2202 section 3 case 2, RFC 6070 cases 1 and 2.
    EXPECT_EQ(to_hex(hmac(Digest::sha1, "Jefe", "what do ya want for nothing?")),
              "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(to_hex(pbkdf2(Digest::sha1, "password", "salt", 1, 20)), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    EXPECT_EQ(to_hex(pbkdf2(Digest::sha1, "password", "salt", 2, 20)), "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
}

TEST(Digest, ComparesAllBytesAndTheLength)
{
    EXPECT_TRUE(same("", ""));
    EXPECT_TRUE(same("abc", "abc"));
    EXPECT_FALSE(same("abc", "abd"));
    EXPECT_FALSE(same("abc", "ab"));
    EXPECT_FALSE(same("", "a"));
    EXPECT_FALSE(same(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}
