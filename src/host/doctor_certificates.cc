// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <memory>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/time.h"
#include "host/doctor_parts.h"

namespace provost::host {

namespace {

constexpr auto cure = "put a good pair in their place, or run `provost setup --certificate FILE --key FILE`";
constexpr int soon = 14;  // days; who renews by themselves do so a month before

struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

template <class T>
using Held = std::unique_ptr<T, Free>;

Held<BIO> reader(std::string const& text)
{
    return Held<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Nobody is there to type a passphrase; the servers have none either.
int no_passphrase(char*, int, int, void*) { return -1; }

// Days until it ends; negative when it has.
int days_left(X509 const* certificate)
{
    int days = 0;
    int seconds = 0;
    if (ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) != 1) return -1;
    return days < 0 || seconds < 0 ? std::min(days, -1) : days;
}

}  // namespace

void examine_certificate(Examination const& exam, std::string const& whose, std::string const& certificate,
                         std::string const& key)
{
    auto const red = [&](std::string const& what) { exam.ill(Health::red, whose, what, cure); };
    auto const chain = exam.root.read(certificate);
    if (!chain) return red(chain.error().message);
    auto const secret = exam.root.read(key);
    if (!secret) return red(secret.error().message);
    Held<X509> const leaf(PEM_read_bio_X509(reader(*chain).get(), nullptr, no_passphrase, nullptr));
    if (!leaf) return red(certificate + " holds no certificate in PEM");
    Held<EVP_PKEY> const pair(PEM_read_bio_PrivateKey(reader(*secret).get(), nullptr, no_passphrase, nullptr));
    if (!pair) return red(key + " holds no key in PEM without a passphrase");
    auto const matches = X509_check_private_key(leaf.get(), pair.get()) == 1;
    ERR_clear_error();
    if (!matches) return red(key + " is not the key of " + certificate);
    auto const days = days_left(leaf.get());
    if (days < 0) return red(certificate + " has expired");
    auto const what = fmt::format("{}, {} days left", certificate, days);
    if (days < soon) return exam.ill(Health::yellow, whose, what, "renew it, then: postfix reload; doveadm reload");
    exam.well(whose, what);
}

}  // namespace provost::host
