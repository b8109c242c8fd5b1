// SPDX-License-Identifier: Apache-2.0
#include "password/crypt_string.h"

#include <gtest/gtest.h>

using namespace provost;
using namespace provost::password;

namespace {

std::string const sum43(43, 'x');

}  // namespace

TEST(CryptString, EveryMethodIsKnownByItsForm)
{
    struct {
        std::string text;
        char const* scheme;
        Cost cost;
        bool weak;
    } const cases[] = {
        {"N8mEPizzQt5Jo", "DES-CRYPT", Cost::cheap, true},
        {"_J9..QFVLSRl4o2NIy8Q", "BSDI-CRYPT", Cost::dear, true},
        {"$1$t9CNdICG$l2Z1yaeVpr2bUTLQoMxzW/", "MD5-CRYPT", Cost::cheap, true},
        {"$3$$878d8014606cda29677a44efa1353fc7", "NT", Cost::cheap, true},
        {"$md5,rounds=77063$AlXWcyP0$$HuXLFgnKZwWyHmvdhNOwl.", "SUN-MD5", Cost::dear, true},
        {"$sha1$5000$AgudSB8I$RntX9LOFBPE6NWKziocBzPH3DuSe", "SHA1-CRYPT", Cost::dear, true},
        {"$5$nTgKHrhV3SXp.bG1$" + sum43, "SHA256-CRYPT", Cost::dear, false},
        {"$6$UTg.mdRbF8UkYong$" + sum43 + sum43, "SHA512-CRYPT", Cost::dear, false},
        {"$2a$07$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq", "BLF-CRYPT", Cost::dear, true},
        {"$2y$08$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq", "BLF-CRYPT", Cost::dear, false},
        {"$y$j9T$Y02uO6PQ.HfRcWM9fUpBU0$" + sum43, "YESCRYPT", Cost::dear, false},
        {"$gy$j9T$X3YulsNS6XKGNlISY5xPK.$" + sum43, "GOST-YESCRYPT", Cost::dear, false},
        {"$7$CU..../....fDSlYpAYYFkAddPLABr4O.$" + sum43, "SCRYPT", Cost::dear, false},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.text);
        auto const crypt = read_crypt(c.text, "hash");
        ASSERT_TRUE(crypt) << crypt.error().message;
        EXPECT_EQ(crypt->scheme, c.scheme);
        EXPECT_EQ(crypt->cost, c.cost);
        EXPECT_EQ(crypt->weak, c.weak);
    }
}

TEST(CryptString, WhatIsCutOrMadeUpIsRefused)
{
    std::string const cases[] = {
        "secret",
        "$6$salt$tooshort",
        "$6$" + sum43 + sum43,
        "$5$salt$" + sum43 + "x",
        "$y$$" + sum43,
        "$y$j9T",
        "$y$j9T$",
        "$y$j9T/.$salt$" + sum43,
        "$y$zzzzzz$salt$" + sum43,
        "$gy$" + sum43,
        "$7$" + sum43,
        "$7$CU$" + sum43,
        "$2b$10$short",
        "$2q$10$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq",
        "$2b$xx$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq",
        "$md5$$",
        "$sha1$$$RntX9LOFBPE6NWKziocBzPH3DuSe",
        "N8mEPizzQt5J:",
        "N8mEPizzQt5Jo ",
        "$1$t9CNdICG$l2Z1yaeVpr2bUTLQoMxzW/$",
        std::string("$1$t9CNd\0CG$l2Z1yaeVpr2bUTLQoMxzW/", 34),
        "$9$salt$" + sum43,
    };
    for (auto const& text : cases) {
        SCOPED_TRACE(text);
        auto const crypt = read_crypt(text, "hash");
        ASSERT_FALSE(crypt);
        EXPECT_EQ(crypt.error().fault, Fault::invalid);
        EXPECT_EQ(crypt.error().field, "hash");
        EXPECT_EQ(crypt.error().message.find(sum43), std::string::npos) << "a hash is not repeated in an error";
    }
}

TEST(CryptString, AWorkAboveTheCapIsRefusedAndOneAtTheCapIsNot)
{
    auto const bcrypt = [](std::string const& cost) {
        return "$2b$" + cost + "$3JMS7qrhC8CtC1/AMmR.NelSjWt3Wxhy.wiSAqB9mR3rij6V6jCRq";
    };
    struct {
        std::string within;
        std::string above;
    } const cases[] = {
        {"$6$rounds=1000000$salt$" + sum43 + sum43, "$6$rounds=1000001$salt$" + sum43 + sum43},
        {"$5$rounds=1000000$salt$" + sum43, "$5$rounds=999999999$salt$" + sum43},
        {bcrypt("14"), bcrypt("15")},
        {"$md5,rounds=500000$salt$$HuXLFgnKZwWyHmvdhNOwl.", "$md5,rounds=4294963199$salt$$HuXLFgnKZwWyHmvdhNOwl."},
        {"$sha1$500000$salt$RntX9LOFBPE6NWKziocBzPH3DuSe", "$sha1$500001$salt$RntX9LOFBPE6NWKziocBzPH3DuSe"},
        // Log2 of N: A is 12 (of 1 more), D is 16; r is 32. 2^15 blocks of 4 KiB are the 128 MiB.
        {"$y$jCT$salt$" + sum43, "$y$jDT$salt$" + sum43},
        {"$gy$jCT$salt$" + sum43, "$gy$jDT$salt$" + sum43},
        {"$7$DU..../....salt$" + sum43, "$7$EU..../....salt$" + sum43},
        {"$7$CU....0....salt$" + sum43, "$7$CU....1....salt$" + sum43},
        {"_zz..QFVLSRl4o2NIy8Q", "_zzzzQFVLSRl4o2NIy8Q"},
    };
    for (auto const& c : cases) {
        EXPECT_TRUE(read_crypt(c.within, "hash")) << c.within;
        auto const above = read_crypt(c.above, "hash");
        ASSERT_FALSE(above) << c.above;
        EXPECT_NE(above.error().message.find("more work"), std::string::npos) << above.error().message;
    }
}

TEST(CryptString, NewHashesHaveTheirOwnSalts)
{
    Secret const password("correct horse");
    auto const one = new_crypt(password, "$y$", 1);
    auto const two = new_crypt(password, "$y$", 1);
    ASSERT_TRUE(one && two);
    EXPECT_NE(*one, *two);
    EXPECT_EQ(run_crypt(password, *one), *one);
    EXPECT_NE(run_crypt(Secret("correct house"), *one), *one);
}

TEST(CryptString, AMethodTheSystemDoesNotHaveIsNotAWrongPassword)
{
    auto const out = run_crypt(Secret("x"), "$nosuch$salt$");
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error().fault, Fault::unavailable);
    EXPECT_FALSE(new_crypt(Secret("x"), "$nosuch$", 0));
}
