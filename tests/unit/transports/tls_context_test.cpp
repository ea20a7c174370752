// What a certificate's files must hold, and what connections of one context share.

#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <openssl/rsa.h>
#include <openssl/ssl.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/certificate.hpp"
#include "tests/unit/transports/tls_peers.hpp"
#include "transports/tls.hpp"

namespace engineio::transports {
namespace {

using support::Certificate;
using support::Key;
using support::make_key;
using support::pem;
using support::self_signed;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Session = std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)>;

TEST(TlsContext, ResumesByTicket) {
  const TlsContext context = context_of(Certificate());
  TlsServer first(context);
  TlsClient client;
  ASSERT_TRUE(handshake(client, first));
  first.receive(client.take());
  client.receive(first.take());  // tickets
  client.text();
  const Session session(SSL_get1_session(client.ssl()), &SSL_SESSION_free);

  TlsServer second(context);
  TlsClient again;
  ASSERT_EQ(SSL_set_session(again.ssl(), session.get()), 1);
  ASSERT_TRUE(handshake(again, second));
  EXPECT_TRUE(SSL_session_reused(again.ssl()));
}

TEST(TlsContext, ConnectionsOfOneContextAreIndependent) {
  const TlsContext context = context_of(Certificate());
  TlsServer broken(context);
  broken.receive("not TLS");
  TlsServer fine(context);
  TlsClient client;
  EXPECT_TRUE(handshake(client, fine));
}

TEST(TlsContext, ThreadsShareOneContext) {
  const TlsContext context = context_of(Certificate());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&context] {
      TlsServer one(context);
      TlsClient other;
      ASSERT_TRUE(handshake(other, one));
      other.send("hello");
      one.receive(other.take());
      EXPECT_EQ(one.text, "hello");
    });
  }
  for (auto& thread : threads) thread.join();
}

/// The text of the exception of that type which TlsContext throws.
template <class Exception>
std::string failure(const std::string& certificate, const std::string& key) {
  try {
    TlsContext context(certificate, key);
  } catch (const Exception& error) {
    return error.what();
  }
  return "no such exception";
}

TEST(TlsContext, SaysWhichFileCannotBeRead) {
  const Certificate files;
  const auto missing = files / "missing.pem";
  EXPECT_THAT(failure<std::system_error>(missing, files / "key.pem"),
              AllOf(HasSubstr("certificate \"" + missing + "\""), HasSubstr("No such file")));
  EXPECT_THAT(failure<std::system_error>(files / "cert.pem", missing),
              AllOf(HasSubstr("private key \"" + missing + "\""), HasSubstr("No such file")));
  EXPECT_THAT(failure<std::system_error>(files.path(), files / "key.pem"),
              HasSubstr("Is a directory"));
}

TEST(TlsContext, SaysWhatIsWrongWithACertificate) {
  const Certificate files;
  files.write("bad.pem", "hello");
  EXPECT_THAT(failure<std::invalid_argument>(files / "bad.pem", files / "key.pem"),
              HasSubstr("bad.pem\": no PEM certificate in this file"));
  files.write("empty.pem", "");
  EXPECT_THAT(failure<std::invalid_argument>(files / "empty.pem", files / "key.pem"),
              HasSubstr("no PEM certificate in this file"));
  files.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(failure<std::invalid_argument>(files / "damaged.pem", files / "key.pem"),
              HasSubstr("TLS certificate \"" + files / "damaged.pem" + "\": "));
}

TEST(TlsContext, SaysWhatIsWrongWithAKey) {
  const Certificate files;
  files.write("bad.pem", "hello");
  EXPECT_THAT(failure<std::invalid_argument>(files / "cert.pem", files / "bad.pem"),
              HasSubstr("bad.pem\": no usable PEM private key in this file"));
  files.write("other.pem", pem(make_key().get()));
  EXPECT_THAT(failure<std::invalid_argument>(files / "cert.pem", files / "other.pem"),
              HasSubstr("does not belong to the certificate \"" + files / "cert.pem"));
  files.write("rsa.pem", pem(Key(EVP_RSA_gen(2048), &EVP_PKEY_free).get()));
  EXPECT_THAT(failure<std::invalid_argument>(files / "cert.pem", files / "rsa.pem"),
              HasSubstr("does not belong to the certificate"));
  files.write("locked.pem", pem(files.key(), "secret"));
  EXPECT_THAT(failure<std::invalid_argument>(files / "cert.pem", files / "locked.pem"),
              HasSubstr("is encrypted"));
}

TEST(TlsContext, TakesAChainOfCertificates) {
  const Certificate files;
  const Key intermediate = make_key();
  files.write("chain.pem", self_signed(files.key()) + self_signed(intermediate.get()));
  TlsServer server(TlsContext(files / "chain.pem", files / "key.pem"));
  TlsClient client;
  ASSERT_TRUE(handshake(client, server));
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(client.ssl())), 2);
}

}  // namespace
}  // namespace engineio::transports
