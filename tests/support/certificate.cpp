#include "tests/support/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace support {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using X509Pointer = std::unique_ptr<X509, void (*)(X509*)>;

std::string contents(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

X509Pointer make_certificate(EVP_PKEY* key) {
  X509Pointer made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  X509_NAME* const name = X509_get_subject_name(made.get());
  const auto* const host = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_sign(made.get(), key, EVP_sha256());
  return made;
}

}  // namespace

Key make_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

std::string pem(EVP_PKEY* key, const char* password) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key, password ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                           nullptr, const_cast<char*>(password));
  return contents(bio);
}

std::string self_signed(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(bio.get(), make_certificate(key).get());
  return contents(bio);
}

Certificate::Certificate() {
  write("cert.pem", self_signed(key()));
  write("key.pem", pem(key()));
}

}  // namespace support
