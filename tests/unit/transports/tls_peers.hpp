#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <gtest/gtest.h>

#include "tests/support/certificate.hpp"
#include "transports/tls.hpp"

namespace engineio::transports {

/// OpenSSL's client over memory.
class TlsClient {
 public:
  explicit TlsClient(int version = TLS1_3_VERSION)
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
class TlsServer final {
 public:
  explicit TlsServer(const TlsContext& context) : codec_(context) {}

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
  std::string take() {
    std::string taken(codec_.output());
    codec_.output_sent(taken.size());
    return taken;
  }

  std::string text;

 private:
  TlsCodec codec_;
};

/// True once the client's side is through; the server's tickets are not taken yet.
inline bool handshake(TlsClient& client, TlsServer& server) {
  client.shake();
  server.receive(client.take());
  client.receive(server.take());
  return client.shake();
}

inline TlsContext context_of(const support::Certificate& certificate) {
  return {certificate.tls().certificate_file, certificate.tls().private_key_file};
}

}  // namespace engineio::transports
