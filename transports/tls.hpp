#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace engineio::transports {

/// Certificate and settings of a TLS server, shared by all its connections: TLS 1.2 and 1.3, no
/// renegotiation, session tickets, ALPN answers "http/1.1" to who asks.
///
/// Copies share one state. Thread safety: const use from any threads.
class TlsContext {
 public:
  /// Reads PEM files: the server's certificate with the chain that follows it, and its private key,
  /// unencrypted. Throws std::system_error when a file cannot be read, std::invalid_argument when
  /// its content does not serve or the two do not belong together. The texts name the file.
  TlsContext(const std::string& certificate_chain_file, const std::string& private_key_file);

  /// The OpenSSL context. For TlsCodec.
  ssl_ctx_st* native_handle() const noexcept { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;
};

/// The server's side of one TLS connection: ciphertext in, plaintext out and back, no I/O.
///
///     handshaking ──► established ──client's close_notify──► closed
///         └───────────────┴──── fault (an alert was sent) ────► failed
///
/// Idle it keeps no record buffers. Not thread safe; it may move to another thread between calls.
class TlsCodec {
 public:
  enum class State : std::uint8_t {
    handshaking,  ///< no plaintext yet, in either direction
    established,  ///< plaintext flows
    closed,  ///< the client ended its direction in order; what follows is ignored. Writing is still
             ///< possible
    failed,  ///< broken or not TLS at all, see fault(); nothing flows any more
  };

  /// What one call of read() did.
  struct Read {
    std::size_t used = 0;      ///< ciphertext bytes taken
    std::size_t produced = 0;  ///< plaintext bytes written
  };

  /// Throws std::bad_alloc.
  explicit TlsCodec(const TlsContext& context);
  TlsCodec(const TlsCodec&) = delete;
  TlsCodec& operator=(const TlsCodec&) = delete;
  ~TlsCodec();

  /// Takes ciphertext and writes the plaintext to `plaintext`. Everything is taken unless
  /// `plaintext` gets full: then use the plaintext and call again with the rest, which may be
  /// empty, until `produced` is less than the room given. A room of 16 KB more than the ciphertext
  /// always suffices. After the end all bytes count as taken. Requires: `plaintext` is not empty.
  Read read(std::span<const char> ciphertext, std::span<char> plaintext);

  /// Encrypts all of `plaintext` at once; false when that is not possible: handshaking, failed, or
  /// after shutdown(). Each call makes records of its own (some 30 bytes each): join small pieces
  /// before.
  bool write(std::string_view plaintext);

  /// Sends close_notify, once; no writing after it. Does nothing while handshaking or after a
  /// failure.
  void shutdown();

  /// Ciphertext for the network, from read(), write() and shutdown(). Valid until the next of these
  /// calls.
  std::string_view output() const noexcept { return output_; }
  /// The network has taken the first `count` bytes of it. The last one frees the memory.
  void output_sent(std::size_t count);

  State state() const noexcept { return state_; }
  /// What went wrong, in OpenSSL's words, e.g. "http request", "wrong version number". Empty unless
  /// failed.
  std::string_view fault() const noexcept { return fault_; }

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const noexcept;
  };
  friend struct TlsCodecBio;

  void advance_handshake();
  std::size_t decrypt(std::span<char> plaintext);
  void check(int result);

  std::span<const char> input_;  // ciphertext that OpenSSL has not taken, during read()
  std::string output_;
  std::string fault_;
  State state_ = State::handshaking;
  bool shut_down_ = false;
  std::unique_ptr<ssl_st, SslFree> ssl_;
};

}  // namespace engineio::transports
