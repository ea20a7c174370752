#include "transports/tls.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engineio::transports {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Session = std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)>;
using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

Key make_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

Certificate make_certificate(EVP_PKEY* key) {
  Certificate made(X509_new(), &X509_free);
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

std::string contents(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(bio.get(), certificate);
  return contents(bio);
}

std::string pem(EVP_PKEY* key, const char* password = nullptr) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key, password ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                           nullptr, const_cast<char*>(password));
  return contents(bio);
}

/// A folder with the files of a server, gone at the end.
class Files {
 public:
  Files()
      : folder_(std::filesystem::temp_directory_path() /
                ("tls_test_" + std::to_string(next_++) + "_" +
                 std::to_string(static_cast<unsigned>(::getpid())))) {
    std::filesystem::create_directory(folder_);
    write("cert.pem", pem(certificate_.get()));
    write("key.pem", pem(key_.get()));
  }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }
  TlsContext context() const { return {path("cert.pem"), path("key.pem")}; }
  EVP_PKEY* key() const { return key_.get(); }

 private:
  static inline int next_ = 0;
  Key key_ = make_key();
  Certificate certificate_ = make_certificate(key_.get());
  std::filesystem::path folder_;
};

/// OpenSSL's client over memory.
class Client {
 public:
  explicit Client(int version = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), version);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    if (version < TLS1_2_VERSION) SSL_CTX_set_security_level(context_.get(), 0);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), in_, out_);
    SSL_set_connect_state(ssl_.get());
  }

  SSL* ssl() const { return ssl_.get(); }
  /// Goes on with the handshake; true once it is through.
  bool shake() { return SSL_do_handshake(ssl_.get()) == 1; }
  void send(std::string_view text) {
    ASSERT_EQ(SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())),
              static_cast<int>(text.size()));
  }
  void receive(std::string_view ciphertext) {
    BIO_write(in_, ciphertext.data(), static_cast<int>(ciphertext.size()));
  }
  /// What it wants to send.
  std::string take() {
    std::string bytes(static_cast<std::size_t>(BIO_pending(out_)), '\0');
    if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  /// The plaintext that came.
  std::string text() {
    std::string all;
    char buffer[4096];
    for (int count = 0; (count = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, &SSL_free};
  BIO* in_ = BIO_new(BIO_s_mem());
  BIO* out_ = BIO_new(BIO_s_mem());
};

/// The codec under test with what it reports.
class Server final : private TlsCodecSink {
 public:
  explicit Server(const TlsContext& context) : codec_(context, *this) {}

  TlsCodec& codec() { return codec_; }
  /// Feeds all of `ciphertext`, with room for so much plaintext at a time.
  void receive(std::string_view ciphertext, std::size_t room = 64 * 1024) {
    std::string buffer(room, '\0');
    std::size_t at = 0;
    TlsCodec::Read done;
    do {
      done = codec_.read(std::span(ciphertext).subspan(at), buffer);
      text.append(buffer, 0, done.produced);
      at += done.used;
    } while (at < ciphertext.size() || done.produced == room);
  }
  std::string take() { return std::exchange(sent_, {}); }

  std::string text;

 private:
  void on_ciphertext(std::string_view bytes) override { sent_.append(bytes); }

  std::string sent_;
  TlsCodec codec_;
};

class Tls : public ::testing::Test {
 protected:
  /// Moves bytes in pieces of that size until both sides have nothing to say.
  void exchange(std::size_t piece = 1'000'000) {
    for (int rounds = 0; rounds < 10; ++rounds) {
      client_done_ = client.shake();
      const std::string up = client.take();
      for (std::size_t at = 0; at < up.size(); at += piece)
        server.receive(std::string_view(up).substr(at, piece));
      const std::string down = server.take();
      client.receive(down);
      if (up.empty() && down.empty()) break;
    }
  }
  void establish() {
    exchange();
    ASSERT_TRUE(client_done_);
    ASSERT_EQ(server.codec().state(), TlsCodec::State::established);
  }
  std::string client_text() {
    client.receive(server.take());
    return client.text();
  }

  Files files;
  Server server{files.context()};
  Client client;
  bool client_done_ = false;
};

TEST_F(Tls, CarriesTextBothWays) {
  establish();
  client.send("hello");
  server.receive(client.take());
  EXPECT_EQ(server.text, "hello");
  EXPECT_TRUE(server.codec().write("world"));
  EXPECT_TRUE(server.codec().write(""));
  EXPECT_TRUE(server.codec().write("!"));
  EXPECT_EQ(client_text(), "world!");
  EXPECT_STREQ(SSL_get_version(client.ssl()), "TLSv1.3");
}

TEST_F(Tls, SpeaksVersion12) {
  client = Client(TLS1_2_VERSION);
  establish();
  client.send("hello");
  server.receive(client.take());
  EXPECT_EQ(server.text, "hello");
}

TEST_F(Tls, RefusesOlderVersions) {
  client = Client(TLS1_1_VERSION);
  exchange();
  EXPECT_FALSE(client_done_);
  EXPECT_EQ(server.codec().state(), TlsCodec::State::failed);
  EXPECT_EQ(server.codec().fault(), "unsupported protocol");
}

TEST_F(Tls, HandshakeMayComeByteByByte) {
  exchange(1);
  ASSERT_TRUE(client_done_);
  client.send("dribbled");
  for (const char byte : client.take()) server.receive({&byte, 1});
  EXPECT_EQ(server.text, "dribbled");
}

TEST_F(Tls, TextMayComeWithTheEndOfTheHandshake) {
  client.shake();
  server.receive(client.take());
  client.receive(server.take());
  ASSERT_TRUE(client.shake());
  client.send("early bird");
  server.receive(client.take());
  EXPECT_EQ(server.codec().state(), TlsCodec::State::established);
  EXPECT_EQ(server.text, "early bird");
}

TEST_F(Tls, CarriesMuchTextInPiecesOfAnySize) {
  establish();
  std::string big;
  for (int i = 0; i < 300'000; ++i) big += static_cast<char>('a' + i % 23);
  client.send(big);
  const std::string up = client.take();
  for (std::size_t at = 0; at < up.size(); at += 7777)
    server.receive(std::string_view(up).substr(at, 7777), 5000);
  EXPECT_EQ(server.text, big);
  EXPECT_TRUE(server.codec().write(big));
  EXPECT_EQ(client_text(), big);
}

TEST_F(Tls, StopsWhenThereIsNoRoomForMore) {
  establish();
  client.send("0123456789");
  client.send("abcdefghij");
  const std::string up = client.take();
  std::string room(4, '\0');
  auto done = server.codec().read(up, room);
  EXPECT_EQ(done.produced, 4U);
  EXPECT_EQ(room, "0123");
  EXPECT_LT(done.used, up.size());
  std::string rest(100, '\0');
  done = server.codec().read(std::string_view(up).substr(done.used), rest);
  EXPECT_EQ(rest.substr(0, done.produced), "456789abcdefghij");
}

TEST_F(Tls, SixteenKilobytesMoreThanTheCiphertextAreRoomEnough) {
  establish();
  const std::string record(16 * 1024, 'r');
  client.send(record + record);
  const std::string up = client.take();
  server.receive(std::string_view(up).substr(0, 16'000));
  EXPECT_EQ(server.text, "");
  std::string room(up.size() - 16'000 + 16 * 1024, '\0');
  const auto done = server.codec().read(std::string_view(up).substr(16'000), room);
  EXPECT_EQ(done.used, up.size() - 16'000);
  EXPECT_EQ(done.produced, 32U * 1024);
  EXPECT_LT(done.produced, room.size());
}

TEST_F(Tls, NoWritingBeforeTheHandshake) {
  EXPECT_FALSE(server.codec().write("too early"));
  server.codec().shutdown();
  EXPECT_EQ(server.take(), "");
  establish();
}

TEST_F(Tls, SaysGoodbyeOnce) {
  establish();
  server.codec().write("last words");
  server.codec().shutdown();
  EXPECT_FALSE(server.codec().write("too late"));
  EXPECT_EQ(client_text(), "last words");
  EXPECT_EQ(SSL_get_shutdown(client.ssl()), SSL_RECEIVED_SHUTDOWN);
  server.codec().shutdown();
  EXPECT_EQ(server.take(), "");
}

TEST_F(Tls, NoticesTheClientsGoodbye) {
  establish();
  client.send("bye");
  SSL_shutdown(client.ssl());
  server.receive(client.take() + "whatever follows");
  EXPECT_EQ(server.text, "bye");
  EXPECT_EQ(server.codec().state(), TlsCodec::State::closed);
  EXPECT_TRUE(server.codec().write("the answer"));
  EXPECT_EQ(client_text(), "the answer");
}

// T22
TEST_F(Tls, PlainHttpIsAFault) {
  server.receive("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(server.codec().state(), TlsCodec::State::failed);
  EXPECT_EQ(server.codec().fault(), "http request");
  EXPECT_FALSE(server.codec().write("x"));
  EXPECT_EQ(server.text, "");
}

TEST_F(Tls, GarbageIsAFault) {
  server.receive(std::string(100, '\xee'));
  EXPECT_EQ(server.codec().state(), TlsCodec::State::failed);
  EXPECT_EQ(server.codec().fault(), "wrong version number");
}

TEST_F(Tls, DamagedRecordsAreAFaultThatTheClientLearnsOf) {
  establish();
  client.send("first");
  server.receive(client.take());
  client.send("second");
  std::string up = client.take();
  up.back() = static_cast<char>(up.back() ^ 1);
  server.receive(up);
  EXPECT_EQ(server.text, "first");
  EXPECT_EQ(server.codec().state(), TlsCodec::State::failed);
  EXPECT_EQ(server.codec().fault(), "decryption failed or bad record mac");
  EXPECT_NE(server.take(), "");  // the alert
  server.receive("more");
  server.codec().shutdown();
  EXPECT_EQ(server.take(), "");
}

TEST_F(Tls, HandshakesMayBeDamagedAnywhere) {
  client.shake();
  const std::string hello = client.take();
  const TlsContext context = files.context();
  for (std::size_t at = 0; at < hello.size(); at += 2) {
    std::string damaged = hello;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    Server other(context);
    other.receive(damaged);
    EXPECT_NE(other.codec().state(), TlsCodec::State::established);
    EXPECT_EQ(other.codec().fault().empty(), other.codec().state() != TlsCodec::State::failed);
  }
}

// T22
TEST_F(Tls, RefusesRenegotiation) {
  client = Client(TLS1_2_VERSION);
  establish();
  SSL_renegotiate(client.ssl());
  EXPECT_FALSE(client.shake());
  server.receive(client.take());
  client.receive(server.take());
  ERR_clear_error();
  EXPECT_FALSE(client.shake());
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
  ERR_clear_error();
  EXPECT_EQ(server.text, "");
}

TEST_F(Tls, ChoosesHttp11) {
  const unsigned char both[] = "\2h2\10http/1.1";
  SSL_set_alpn_protos(client.ssl(), both, sizeof both - 1);
  establish();
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(std::string(chosen, chosen + size), "http/1.1");
}

TEST_F(Tls, GoesOnWithClientsThatKnowOtherProtocolsOnly) {
  const unsigned char other[] = "\2h2";
  SSL_set_alpn_protos(client.ssl(), other, sizeof other - 1);
  establish();
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
  EXPECT_EQ(size, 0U);
}

TEST_F(Tls, ResumesByTicket) {
  const TlsContext context = files.context();
  Server first(context);
  client.shake();
  first.receive(client.take());
  client.receive(first.take());
  ASSERT_TRUE(client.shake());
  first.receive(client.take());
  client.receive(first.take());  // tickets
  client.text();
  const Session session(SSL_get1_session(client.ssl()), &SSL_SESSION_free);

  Server second(context);
  Client again;
  ASSERT_EQ(SSL_set_session(again.ssl(), session.get()), 1);
  again.shake();
  second.receive(again.take());
  again.receive(second.take());
  ASSERT_TRUE(again.shake());
  EXPECT_TRUE(SSL_session_reused(again.ssl()));
}

TEST_F(Tls, ConnectionsOfOneContextAreIndependent) {
  const TlsContext context = files.context();
  Server broken(context);
  broken.receive("not TLS");
  Server fine(context);
  client.shake();
  fine.receive(client.take());
  client.receive(fine.take());
  EXPECT_TRUE(client.shake());
}

TEST_F(Tls, ThreadsShareOneContext) {
  const TlsContext context = files.context();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&context] {
      Server one(context);
      Client other;
      other.shake();
      one.receive(other.take());
      other.receive(one.take());
      ASSERT_TRUE(other.shake());
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
  const Files files;
  const auto missing = files.path("missing.pem");
  EXPECT_THAT(failure<std::system_error>(missing, files.path("key.pem")),
              AllOf(HasSubstr("certificate \"" + missing + "\""), HasSubstr("No such file")));
  EXPECT_THAT(failure<std::system_error>(files.path("cert.pem"), missing),
              AllOf(HasSubstr("private key \"" + missing + "\""), HasSubstr("No such file")));
  EXPECT_THAT(failure<std::system_error>(files.path(""), files.path("key.pem")),
              HasSubstr("Is a directory"));
}

TEST(TlsContext, SaysWhatIsWrongWithACertificate) {
  const Files files;
  files.write("bad.pem", "hello");
  EXPECT_THAT(failure<std::invalid_argument>(files.path("bad.pem"), files.path("key.pem")),
              HasSubstr("bad.pem\": no PEM certificate in this file"));
  files.write("empty.pem", "");
  EXPECT_THAT(failure<std::invalid_argument>(files.path("empty.pem"), files.path("key.pem")),
              HasSubstr("no PEM certificate in this file"));
  files.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(failure<std::invalid_argument>(files.path("damaged.pem"), files.path("key.pem")),
              HasSubstr("TLS certificate \"" + files.path("damaged.pem") + "\": "));
}

TEST(TlsContext, SaysWhatIsWrongWithAKey) {
  const Files files;
  files.write("bad.pem", "hello");
  EXPECT_THAT(failure<std::invalid_argument>(files.path("cert.pem"), files.path("bad.pem")),
              HasSubstr("bad.pem\": no usable PEM private key in this file"));
  files.write("other.pem", pem(make_key().get()));
  EXPECT_THAT(failure<std::invalid_argument>(files.path("cert.pem"), files.path("other.pem")),
              HasSubstr("does not belong to the certificate \"" + files.path("cert.pem")));
  files.write("rsa.pem", pem(Key(EVP_RSA_gen(2048), &EVP_PKEY_free).get()));
  EXPECT_THAT(failure<std::invalid_argument>(files.path("cert.pem"), files.path("rsa.pem")),
              HasSubstr("does not belong to the certificate"));
  files.write("locked.pem", pem(files.key(), "secret"));
  EXPECT_THAT(failure<std::invalid_argument>(files.path("cert.pem"), files.path("locked.pem")),
              HasSubstr("is encrypted"));
}

TEST(TlsContext, TakesAChainOfCertificates) {
  const Files files;
  const Key intermediate = make_key();
  files.write("chain.pem", pem(make_certificate(files.key()).get()) +
                               pem(make_certificate(intermediate.get()).get()));
  Server server(TlsContext(files.path("chain.pem"), files.path("key.pem")));
  Client client;
  client.shake();
  server.receive(client.take());
  client.receive(server.take());
  ASSERT_TRUE(client.shake());
  EXPECT_EQ(sk_X509_num(SSL_get_peer_cert_chain(client.ssl())), 2);
}

}  // namespace
}  // namespace engineio::transports
