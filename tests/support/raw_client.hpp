#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace support {

/// How long a test waits for what must happen. Reached only when something is broken.
inline constexpr std::chrono::seconds patience{20};

/// An HTTP answer as it came over the wire.
struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order of arrival
  std::string body;

  /// The first field of that name (any case); empty when there is none.
  std::string header(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

/// A WebSocket frame of the server.
struct Frame {
  unsigned opcode = 0;
  std::string payload;
  /// The code of a close frame; 1005 when it has none.
  unsigned close_code() const;
};

/// What RawClient does other than connecting to 127.0.0.1 and speaking plainly.
struct Connect {
  bool tls = false;
  int receive_buffer = 0;  ///< bytes of SO_RCVBUF; 0: the system's choice
  const char* address = "127.0.0.1";
  const char* from = nullptr;  ///< own address; null: the system's choice
};

/// A TCP client that sends any bytes, right or wrong, and reads what comes back. Blocking; every
/// wait ends with an exception after `patience`, so that a silent server fails the test and does
/// not hang it.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const Connect& how = {});
  RawClient(RawClient&&) noexcept = default;
  RawClient& operator=(RawClient&&) noexcept = default;
  ~RawClient();

  /// Sends all of it. Throws when the connection breaks.
  void send(std::string_view bytes);
  /// The same; false when the server has ended the connection.
  bool try_send(std::string_view bytes);
  /// Sends as much as can leave without waiting, and returns how much that was.
  std::size_t send_some(std::string_view bytes);

  /// Reads one answer with its body. `head`: it answers a HEAD request and has none. 100 is an
  /// answer of its own.
  HttpAnswer answer(bool head = false);
  HttpAnswer request(std::string_view bytes) {
    send(bytes);
    return answer();
  }
  /// Reads exactly `count` bytes. Throws when the connection ends before.
  std::string read(std::size_t count);
  /// Reads one frame; control frames too.
  Frame frame();
  /// Reads up to the end of the connection, in order or not.
  std::string read_to_end();
  /// Nothing has come until now, and the server has not ended the connection. Does not wait.
  bool silent();

  /// Sends `last` and ends the sending direction, in one segment: with TLS by a close_notify, else
  /// by a FIN.
  void half_close(std::string_view last = {});
  /// Ends the connection with a reset.
  void reset();
  void close();

  int descriptor() const noexcept;

 private:
  struct SslFree {
    void operator()(ssl_st* ssl) const noexcept;
  };
  class Descriptor {
   public:
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
      std::swap(value_, other.value_);
      return *this;
    }
    ~Descriptor();
    int value() const noexcept { return value_; }

   private:
    int value_;
  };

  void begin_tls();
  bool fill();
  std::size_t receive(char* room, std::size_t size);
  std::string rest();

  Descriptor socket_;
  std::unique_ptr<ssl_st, SslFree> ssl_;
  std::string buffer_;
  std::size_t position_ = 0;  // what comes before it has been handed out
};

/// "GET target HTTP/1.1" with a Host, the given further lines ("Name: value\r\n…") and the empty
/// line.
std::string get(std::string_view target, std::string_view lines = {});
/// A POST with Content-Length and body.
std::string post(std::string_view target, std::string_view body, std::string_view lines = {});
/// The GET that opens a WebSocket, with a right key.
std::string upgrade(std::string_view target, std::string_view lines = {});

}  // namespace support
