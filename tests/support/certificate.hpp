#pragma once

#include <memory>
#include <string>

#include <openssl/evp.h>

#include "tests/support/temporary_folder.hpp"
#include "transports/engine_server.hpp"

namespace support {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

Key make_key();
/// PEM; with a password it is encrypted.
std::string pem(EVP_PKEY* key, const char* password = nullptr);
/// PEM of a certificate for localhost, valid now, that the key signs itself.
std::string self_signed(EVP_PKEY* key);

/// A folder with the files of a TLS server, cert.pem and key.pem, gone at the end.
class Certificate : public TemporaryFolder {
 public:
  Certificate();
  engineio::Tls tls() const { return {*this / "cert.pem", *this / "key.pem"}; }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  Key key_ = make_key();
};

}  // namespace support
