#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Opcode : unsigned char { text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Appends a frame as clients send it, masked with a key of zeros: the payload stays as it is, and
/// masking costs nothing.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

/// A frame that came: what tells it apart, not all of it.
struct Frame {
  Opcode opcode;
  std::string_view payload;  ///< whole if it came in one piece, or its first `FrameReader::kept`
};

/// Takes a server's frames from the bytes of a connection. Long payloads are passed over, not
/// gathered: the generator need not pay for what it does not look at.
class FrameReader {
 public:
  static constexpr std::size_t kept = 4096;

  /// Takes one frame off `input`, or all of `input` when none is complete yet. What it returns is
  /// valid until the next call.
  std::optional<Frame> next(std::string_view& input);

 private:
  std::optional<Frame> resume(std::string_view& input);
  bool fill(std::string_view& input, std::size_t size);

  std::string partial_;  // the start of a frame whose rest has not come
  std::size_t skip_ = 0;
  bool skipping_ = false;
  bool used_ = false;  // `partial_` was handed out with the last frame
};

}  // namespace bench
