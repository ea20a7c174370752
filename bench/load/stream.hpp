#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bench/load/tls_stream.hpp"

namespace bench {

/// One connection to the server, with or without TLS, and what is not written to it yet. Never
/// blocks but while connecting.
class Stream {
 public:
  /// Connects. `index` counts the connections: every 20,000 take another source address, 127.0.0.1,
  /// 127.0.0.2 …, for an address has no more ports. Throws std::runtime_error.
  Stream(const std::string& host, std::uint16_t port, std::size_t index, TlsContext* tls);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  int socket() const noexcept { return socket_; }
  /// Bytes read; 0: none now; -1: the server has closed.
  std::ptrdiff_t read(char* buffer, std::size_t size);
  /// Whether there is more to read though the socket need not say so.
  bool has_more() const noexcept { return tls_ && tls_->has_more(); }

  /// Over TLS, and with the session of an earlier connection.
  bool resumed() const noexcept { return tls_ && tls_->resumed(); }

  /// What flush() writes: append to it.
  std::string& output() noexcept { return output_; }
  /// Writes at once what can be written, without a copy; the rest is for flush().
  void write(std::string_view bytes);
  /// Writes what can be written now. True: something is left, to be written when the socket is
  /// ready.
  bool flush();

 private:
  std::size_t write_some(std::string_view bytes);

  int socket_;
  std::unique_ptr<TlsStream> tls_;
  std::string output_;
  std::size_t written_ = 0;  // of output_
};

}  // namespace bench
