// A WebSocket stream, given whole and in pieces: the scanner must find the same frames, messages
// and faults.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "transports/detail/frame_scanner.hpp"

namespace {

using engineio::transports::detail::FrameScanner;

constexpr std::size_t max_fragments = 8;
constexpr std::size_t max_payload = 300;

struct Finding {
  std::size_t at;
  std::uint64_t incomplete_message;
  FrameScanner::Fault fault;
  bool operator==(const Finding&) const = default;
};

std::vector<Finding> scan(std::span<const char> stream, std::size_t piece) {
  FrameScanner scanner(max_fragments, max_payload);
  std::vector<Finding> findings;
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t end_of_piece = std::min(at - at % piece + piece, stream.size());
    const auto step = scanner.scan(stream.subspan(at, end_of_piece - at));
    if (step.bytes == 0 || step.bytes > end_of_piece - at) std::abort();
    if (step.payload_bytes > step.bytes) std::abort();
    if (step.frame_ended && step.payload_bytes == 0 && !step.header_ended) std::abort();
    if (step.frame_ended && !scanner.at_frame_boundary()) std::abort();
    at += step.bytes;
    const bool fault = step.fault != FrameScanner::Fault::none;
    if (fault || step.frame_ended)
      findings.push_back({at, scanner.incomplete_message(), step.fault});
    if (fault) break;
  }
  return findings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const char> stream(reinterpret_cast<const char*>(data), size);
  const auto whole = scan(stream, size + 1);
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U}) {
    if (scan(stream, piece) != whole) std::abort();
  }
  return 0;
}
