#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "transports/detail/head_validator.hpp"

namespace engineio::transports::detail {

/// Reads the body of one request: a number of bytes that is known, or plain chunks.
///
/// Of the chunked coding only what clients need is understood: sizes of hexadecimal digits without
/// extensions (400), and trailer fields that are checked for their form and dropped. Framing, that
/// is everything but the body's own bytes, may be as long as a head between two bytes of the body
/// (431). A body over its limit is refused (413) by what it announces, before anything of that part
/// is kept. The verdict does not depend on how the bytes were split.
class BodyReader {
 public:
  enum class Verdict : std::uint8_t {
    need_more,  ///< good so far; everything given was consumed
    complete,   ///< the body's end
    refused,    ///< see fault()
  };
  struct Progress {
    Verdict verdict;
    std::size_t consumed;
  };

  BodyReader() = default;
  /// A body of `length` bytes.
  static BodyReader sized(std::uint64_t length) noexcept;
  /// A chunked body with at most `max_framing` bytes of framing between two of its bytes.
  static BodyReader chunked(std::size_t max_framing) noexcept;

  /// Takes bytes up to the body's end and appends the body's own to `body`, which never grows over
  /// `max_bytes`. `max_bytes` is the same in all calls.
  Progress feed(std::string_view bytes, std::string& body, std::size_t max_bytes);
  /// From now on the body is counted, and nothing of it kept.
  void discard() noexcept { discards_ = true; }
  const HttpFault& fault() const noexcept { return fault_; }

 private:
  enum class State : std::uint8_t {
    data,        // left_ bytes of the body follow
    size_first,  // the first digit of a chunk's size
    size,        // further digits, or the line's end
    size_lf,     // the LF of a size's line
    data_cr,     // the CR LF after a chunk
    data_lf,
    trailer_first,  // the first character of a trailer field, or of the empty line
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,  // the LF of the empty line
    done,
  };

  std::size_t take_data(std::string_view bytes, std::string& body);
  bool check_limit(std::size_t max_bytes) noexcept;
  bool framing(char c, std::size_t max_bytes) noexcept;
  bool size_digit(char c) noexcept;
  bool end_of_size(std::size_t max_bytes) noexcept;
  bool expect(char c, char wanted, State next) noexcept;
  bool trailer_start(char c) noexcept;
  bool trailer_text(char c) noexcept;
  bool refuse(int status, std::string_view reason) noexcept {
    fault_ = {status, reason};
    return false;
  }

  State state_ = State::done;
  bool is_chunked_ = false;
  bool discards_ = false;
  std::size_t size_ = 0;     // of the body until now
  std::uint64_t left_ = 0;   // of the chunk, or of the whole body
  std::size_t framing_ = 0;  // bytes of framing since the last byte of the body
  std::size_t max_framing_ = 0;
  HttpFault fault_;
};

}  // namespace engineio::transports::detail
