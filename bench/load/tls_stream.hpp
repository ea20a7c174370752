#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace bench {

/// What all TLS connections of the generator share. The server's certificate is not checked.
class TlsContext {
 public:
  /// `resume`: connections take up the session that came last.
  explicit TlsContext(bool resume);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

 private:
  friend class TlsStream;
  static int keep_session(ssl_st* connection, ssl_session_st* session);

  ssl_ctx_st* context_;
  ssl_session_st* session_ = nullptr;
};

/// TLS over a connected, non-blocking socket. The handshake goes on in read and write.
class TlsStream {
 public:
  TlsStream(TlsContext& context, int socket);
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;
  ~TlsStream();

  /// Bytes read; 0: none now; -1: the server has closed, or broken a rule.
  std::ptrdiff_t read(char* buffer, std::size_t size);
  /// Bytes taken; 0: not now.
  std::size_t write(std::string_view bytes);
  bool has_more() const noexcept;
  bool resumed() const noexcept;

 private:
  ssl_st* connection_;
};

}  // namespace bench
