#include "transports/websocket_codec.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "engineio/detail/utf8.hpp"

namespace engineio::transports {
namespace {

using detail::BeastReader;
using detail::FrameHeader;
using detail::FrameScanner;
using engineio::detail::is_valid_utf8;

// RFC 6455, 7.4.1: stands for a close frame without a code.
constexpr std::uint16_t no_code_received = 1005;

constexpr std::string_view no_utf8 = "Invalid WebSocket frame: invalid UTF-8 sequence";

void flip(char* at, std::uint64_t mask) noexcept {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof eight);
  eight ^= mask;
  std::memcpy(at, &eight, sizeof eight);
}

/// Undoes the masking of a client's payload (RFC 6455, 5.3), 32 bytes at a time.
void unmask(std::span<char> payload, const std::array<char, 4>& mask) noexcept {
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), 4);
  wide |= wide << 32;
  char* at = payload.data();
  std::size_t left = payload.size();
  for (; left >= 32; left -= 32, at += 32) {
    for (int i = 0; i < 32; i += 8) flip(at + i, wide);
  }
  for (; left >= 8; left -= 8, at += 8) flip(at, wide);
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ mask[i % 4]);
}

}  // namespace

WebSocketCodec::WebSocketCodec(boost::asio::execution_context& context, WebSocketCodecSink& sink,
                               const Limits& limits, std::size_t max_payload) noexcept
    : context_(context),
      sink_(sink),
      limits_(limits),
      scanner_(limits.message_fragments, max_payload) {}

WebSocketCodec::~WebSocketCodec() = default;

std::size_t WebSocketCodec::feed(std::span<char> bytes) {
  const std::size_t most_frames = std::max<std::size_t>(limits_.packets_per_turn, 1);
  std::size_t frames = 0;
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::ended && frames < most_frames &&
         !too_many_pongs()) {
    const auto rest = bytes.subspan(used);
    const auto step = scanner_.scan(rest);
    take_frame_bytes(step, rest.first(step.bytes));
    used += step.bytes;
    if (step.frame_ended) ++frames;
  }
  if (reader_.active() && !message_in_progress()) reader_.deactivate();
  return state_ == State::ended ? bytes.size() : used;
}

void WebSocketCodec::take_frame_bytes(const FrameScanner::Step& step, std::span<char> bytes) {
  if (step.fault != FrameScanner::Fault::none) return fail(step.fault);
  if (state_ == State::closing) {
    const bool closed = step.frame_ended && scanner_.frame().opcode() == FrameHeader::close;
    return closed ? end({.clean = true, .code = no_code_received}) : void();
  }
  step.whole_message ? deliver_in_place(bytes) : read_with_beast(bytes);
}

void WebSocketCodec::deliver_in_place(std::span<char> frame) {
  const FrameHeader& header = scanner_.frame();
  const auto payload = frame.subspan(header.size);
  unmask(payload, header.mask);
  const std::string_view message(payload.data(), payload.size());
  if (header.opcode() == FrameHeader::binary) return sink_.on_binary(message);
  if (!is_valid_utf8(message)) return fail(1007, no_utf8);
  sink_.on_text(message);
}

void WebSocketCodec::read_with_beast(std::span<const char> bytes) {
  if (!reader_.active()) reader_.activate(context_, scanner_.max_payload());
  switch (reader_.read(bytes, scanner_.message_bytes())) {
    case BeastReader::Event::none: return;
    case BeastReader::Event::message: return deliver_assembled();
    case BeastReader::Event::pong: ++pongs_; return sink_.on_output(reader_.pong());
    case BeastReader::Event::closed: return answer_close(reader_.close_code());
    case BeastReader::Event::fault: return fail(*reader_.close_code(), reader_.description());
  }
}

void WebSocketCodec::deliver_assembled() {
  const std::string_view message = reader_.message();
  const bool text = reader_.message_is_text();
  // Beast 1.81 does not look for an unfinished code point when the last frame is empty.
  if (text && scanner_.frame().payload_bytes == 0 && !is_valid_utf8(message)) {
    return fail(1007, no_utf8);
  }
  text ? sink_.on_text(message) : sink_.on_binary(message);
  if (state_ == State::open) reader_.next();
}

/// Echoes the client's code, or that there was none, as Node's ws does.
void WebSocketCodec::answer_close(std::optional<std::uint16_t> code) {
  write_close(code);
  end({.clean = true, .code = code.value_or(no_code_received)});
}

void WebSocketCodec::fail(FrameScanner::Fault fault) {
  switch (fault) {
    case FrameScanner::Fault::none: return;
    case FrameScanner::Fault::too_many_fragments: return fail(1008, "Too many message fragments");
    case FrameScanner::Fault::too_big: return fail(1009, "Max payload size exceeded");
    case FrameScanner::Fault::bad_length:
      return fail(1002, "Invalid WebSocket frame: invalid payload length");
  }
}

void WebSocketCodec::fail(std::uint16_t code, std::string_view description) {
  if (state_ == State::open) write_close(code);
  end({.clean = false, .code = code, .description = description});
}

void WebSocketCodec::close(std::optional<std::uint16_t> code) {
  if (state_ != State::open) return;
  state_ = State::closing;
  pongs_ = 0;
  write_close(code);
}

void WebSocketCodec::write_close(std::optional<std::uint16_t> code) {
  std::array<char, 4> frame = {static_cast<char>(0x80 | FrameHeader::close), 0};
  if (!code) return sink_.on_output({frame.data(), 2});
  frame[1] = 2;
  frame[2] = static_cast<char>(*code >> 8);
  frame[3] = static_cast<char>(*code & 0xff);
  sink_.on_output({frame.data(), frame.size()});
}

void WebSocketCodec::end(const WebSocketEnd& end) {
  state_ = State::ended;
  sink_.on_end(end);
}

}  // namespace engineio::transports
