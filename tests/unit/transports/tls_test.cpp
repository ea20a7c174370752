#include "transports/tls.hpp"

#include <string>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include "tests/support/certificate.hpp"
#include "tests/unit/transports/allocated_bytes.hpp"
#include "tests/unit/transports/tls_peers.hpp"

namespace engineio::transports {
namespace {

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
  std::string chosen_protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client.ssl(), &chosen, &size);
    return {chosen, chosen + size};
  }

  support::Certificate certificate;
  TlsServer server{context_of(certificate)};
  TlsClient client;
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
  client = TlsClient(TLS1_2_VERSION);
  establish();
  client.send("hello");
  server.receive(client.take());
  EXPECT_EQ(server.text, "hello");
}

TEST_F(Tls, RefusesOlderVersions) {
  client = TlsClient(TLS1_1_VERSION);
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
  ASSERT_TRUE(handshake(client, server));
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

TEST_F(Tls, FreesWhatHasLeft) {
  establish();
  EXPECT_TRUE(server.codec().write("first"));
  server.take();
  const std::size_t before = allocated_bytes();
  EXPECT_TRUE(server.codec().write(std::string(1'000'000, 'x')));
  EXPECT_GT(allocated_bytes(), before + 1'000'000);
  const std::size_t size = server.codec().output().size();
  server.codec().output_sent(size - 1);
  EXPECT_EQ(server.codec().output().size(), 1U);
  server.codec().output_sent(1);
  EXPECT_TRUE(server.codec().output().empty());
  EXPECT_LT(allocated_bytes(), before + 1'000);
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
  const TlsContext context = context_of(certificate);
  for (std::size_t at = 0; at < hello.size(); at += 2) {
    std::string damaged = hello;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    TlsServer other(context);
    other.receive(damaged);
    EXPECT_NE(other.codec().state(), TlsCodec::State::established);
    EXPECT_EQ(other.codec().fault().empty(), other.codec().state() != TlsCodec::State::failed);
  }
}

// T22
TEST_F(Tls, RefusesRenegotiation) {
  client = TlsClient(TLS1_2_VERSION);
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
  EXPECT_EQ(chosen_protocol(), "http/1.1");
}

TEST_F(Tls, GoesOnWithClientsThatKnowOtherProtocolsOnly) {
  const unsigned char other[] = "\2h2";
  SSL_set_alpn_protos(client.ssl(), other, sizeof other - 1);
  establish();
  EXPECT_EQ(chosen_protocol(), "");
}

}  // namespace
}  // namespace engineio::transports
