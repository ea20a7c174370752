#include "transports/websocket_codec.hpp"

#include <algorithm>
#include <array>

#include "engineio/detail/utf8.hpp"
#include "transports/detail/masking.hpp"

namespace engineio::transports {
namespace {

using detail::BeastReader;
using detail::FrameHeader;
using detail::FrameScanner;
using detail::unmask;
using engineio::detail::is_valid_utf8;

// RFC 6455, 7.4.1: stands for a close frame without a code.
constexpr std::uint16_t no_code_received = 1005;

// A look at the clock costs as much as some of the work of a small frame.
constexpr std::size_t frames_per_look = 8;

constexpr std::string_view no_utf8 = "Invalid WebSocket frame: invalid UTF-8 sequence";

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
    take_frame_bytes(step, rest.first(step.bytes).last(step.payload_bytes));
    used += step.bytes;
    if (!step.frame_ended) continue;
    if (++frames % frames_per_look == 0 && sink_.turn_is_over()) break;
  }
  if (!message_in_progress()) {
    assembler_.reset();
    if (reader_.active()) reader_.deactivate();
  }
  return state_ == State::ended ? bytes.size() : used;
}

void WebSocketCodec::take_frame_bytes(const FrameScanner::Step& step, std::span<char> payload) {
  if (step.fault != FrameScanner::Fault::none) return fail(step.fault);
  if (!step.header_ended && payload.empty()) return;  // part of a header
  if (state_ == State::closing) {
    const bool closed = step.frame_ended && scanner_.frame().opcode() == FrameHeader::close;
    return closed ? end({.clean = true, .code = no_code_received}) : void();
  }
  if (scanner_.frame_is_message()) return take_message(step, payload);
  if (step.header_ended) read_with_beast(scanner_.header_bytes());
  if (state_ == State::open && !payload.empty()) read_with_beast(payload);
}

void WebSocketCodec::take_message(const FrameScanner::Step& step, std::span<char> payload) {
  if (step.header_ended && step.frame_ended) return deliver_whole(payload);
  if (step.header_ended) assembler_.begin(scanner_.frame());
  if (payload.empty()) return;
  if (!assembler_.append(payload)) return fail(1007, no_utf8);
  if (step.frame_ended) deliver(assembler_.finish());
}

void WebSocketCodec::deliver_whole(std::span<char> payload) {
  const FrameHeader& header = scanner_.frame();
  if (header.opcode() == FrameHeader::binary) {
    BlockBuilder message(payload.size());
    unmask(payload, header.mask, message.extend(payload.size()));
    return sink_.on_binary(message.finish(BlockKind::binary));
  }
  unmask(payload, header.mask, payload.data());
  const std::string_view text(payload.data(), payload.size());
  if (!is_valid_utf8(text)) return fail(1007, no_utf8);
  sink_.on_text(text);
}

void WebSocketCodec::deliver(const Block& message) {
  if (message.kind() == BlockKind::binary) return sink_.on_binary(message);
  sink_.on_text(message.payload());
}

void WebSocketCodec::read_with_beast(std::span<const char> bytes) {
  if (!reader_.active()) reader_.activate(context_, scanner_.max_payload());
  switch (reader_.read(bytes, scanner_.message_bytes())) {
    case BeastReader::Event::none: return;
    case BeastReader::Event::message: return deliver_from_beast();
    case BeastReader::Event::pong: ++pongs_; return sink_.on_output(reader_.pong());
    case BeastReader::Event::closed: return answer_close(reader_.close_code());
    case BeastReader::Event::fault: return fail(*reader_.close_code(), reader_.description());
  }
}

void WebSocketCodec::deliver_from_beast() {
  const std::string_view message = reader_.message();
  if (!reader_.message_is_text()) {
    sink_.on_binary(Block::copy_of(message, BlockKind::binary));
  } else if (scanner_.frame().payload_bytes == 0 && !is_valid_utf8(message)) {
    // Beast 1.81 does not look for an unfinished code point when the last frame is empty.
    return fail(1007, no_utf8);
  } else {
    sink_.on_text(message);
  }
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
  sink_.on_stream_end(end);
}

}  // namespace engineio::transports
