// The first byte says how the rest, a client's WebSocket stream, is cut. However it is cut, the
// codec must report the same: whole frames are read in place, pieces of them put together.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/execution_context.hpp>

#include "engineio/detail/utf8.hpp"
#include "transports/websocket_codec.hpp"

namespace {

using namespace engineio::transports;

constexpr std::size_t max_payload = 5000;

engineio::Limits small_limits() {
  engineio::Limits limits;
  limits.message_fragments = 8;
  limits.packets_per_turn = 5;
  limits.queued_pongs = 2;
  return limits;
}

/// Writes down all events, and checks that there are none after the end.
class Recorder final : public WebSocketCodecSink {
 public:
  bool turn_is_over() override { return false; }
  const std::string& log() const { return log_; }

  void on_text(std::string_view text) override {
    if (!engineio::detail::is_valid_utf8(text)) std::abort();
    message('t', text);
  }
  void on_binary(const engineio::Block& bytes) override { message('b', bytes.payload()); }
  void on_output(std::string_view bytes) override { note('o', bytes); }
  void on_stream_end(const WebSocketEnd& end) override {
    note('e', std::to_string(end.code).append(end.description));
    ended_ = true;
  }

 private:
  void message(char kind, std::string_view content) {
    if (content.size() > max_payload) std::abort();
    note(kind, content);
  }
  void note(char kind, std::string_view content) {
    if (ended_) std::abort();
    log_.append(1, kind).append(std::to_string(content.size())).append(1, ':').append(content);
  }

  std::string log_;
  bool ended_ = false;
};

std::string run(std::string stream, std::size_t piece) {
  static const engineio::Limits limits = small_limits();
  static boost::asio::execution_context context;
  Recorder recorder;
  WebSocketCodec codec(context, recorder, limits, max_payload);
  std::size_t end_of_piece = 0;
  for (std::size_t at = 0; at < stream.size();) {
    if (at >= end_of_piece) end_of_piece = std::min(end_of_piece + piece, stream.size());
    at += codec.feed(std::span(stream).subspan(at, end_of_piece - at));
    codec.output_sent();
  }
  return recorder.log();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = run(stream, size);
  if (run(stream, std::size_t{1} + data[0]) != whole || run(stream, 1) != whole) std::abort();
  return 0;
}
