#include "transports/detail/beast_reader.hpp"

#include <algorithm>

#include <boost/assert.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "transports/detail/frame_assembler.hpp"
#include "transports/detail/memory_stream.hpp"

namespace engineio::transports::detail {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace http = beast::http;

/// Room for one read; Beast fills its own buffer of 1536 bytes first.
constexpr std::size_t least_room = 512;

/// Beast opens its stream only by answering a request. The client's was answered before, see
/// websocket_handshake.hpp.
const http::request<http::empty_body>& opening_request() {
  static const auto request = [] {
    http::request<http::empty_body> made(http::verb::get, "/", 11);
    made.set(http::field::host, "localhost");
    made.set(http::field::connection, "upgrade");
    made.set(http::field::upgrade, "websocket");
    made.set(http::field::sec_websocket_version, "13");
    made.set(http::field::sec_websocket_key, "AAAAAAAAAAAAAAAAAAAAAA==");
    return made;
  }();
  return request;
}

struct Verdict {
  std::uint16_t code;
  std::string_view description;  // as Node's ws says it, where it makes the difference
};

constexpr std::uint16_t highest_close_code = 4999;  // RFC 6455, 7.4.2; Beast 1.81 takes higher ones
constexpr Verdict bad_close_code = {1002, "Invalid WebSocket frame: invalid status code"};

Verdict verdict_on(const boost::system::error_code& error) noexcept {
  if (error == websocket::error::bad_frame_payload ||
      error == websocket::error::bad_close_payload) {
    return {1007, "Invalid WebSocket frame: invalid UTF-8 sequence"};
  }
  if (error == websocket::error::message_too_big) return {1009, "Max payload size exceeded"};
  if (error == websocket::error::bad_unmasked_frame) {
    return {1002, "Invalid WebSocket frame: MASK must be set"};
  }
  if (error == websocket::error::bad_reserved_bits) {
    return {1002, "Invalid WebSocket frame: reserved bits must be clear"};
  }
  if (error == websocket::error::bad_control_fragment) {
    return {1002, "Invalid WebSocket frame: FIN must be set"};
  }
  if (error == websocket::error::bad_close_code) return bad_close_code;
  if (error == websocket::error::bad_opcode || error == websocket::error::bad_continuation ||
      error == websocket::error::bad_data_frame) {
    return {1002, "Invalid WebSocket frame: invalid opcode"};
  }
  // bad_size, bad_control_size, bad_close_size
  return {1002, "Invalid WebSocket frame: invalid payload length"};
}

}  // namespace

struct BeastReader::State {
  // false: permessage-deflate is not compiled in.
  using Stream = websocket::stream<MemoryStream, false>;

  State(boost::asio::execution_context& context, std::size_t max_payload)
      : pipe(context), stream(MemoryStream(pipe)) {
    stream.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                      websocket::stream_base::none(), false});
    stream.read_message_max(max_payload);
    stream.accept(opening_request(), error);
    BOOST_ASSERT(!error);  // the request is right, and memory takes the answer
    pipe.clear_output();
    start_read();
  }

  /// Begins to read some of the message. The room follows what has come.
  void start_read() {
    completed = false;
    if (announced > buffer.capacity() && is_trusted(announced, buffer.size()))
      buffer.reserve(announced);
    const std::size_t room = std::max(least_room, pipe.input().size());
    stream.async_read_some(buffer, room, [this](boost::system::error_code result, std::size_t) {
      completed = true;
      error = result;
    });
  }

  Event read(std::span<const char> bytes, std::size_t announced_bytes) {
    announced = announced_bytes;
    pipe.clear_output();
    pipe.run(bytes);
    while (completed) {
      if (error) return finish();
      if (stream.is_message_done()) return Event::message;
      start_read();
      pipe.run();
    }
    return pipe.output().empty() ? Event::none : Event::pong;
  }

  /// Beast has written a close frame of its own, which nobody sends: the caller writes another.
  Event finish() {
    const bool closed = error == websocket::error::closed;
    if (closed && stream.reason().code <= highest_close_code) return Event::closed;
    verdict = closed ? bad_close_code : verdict_on(error);
    return Event::fault;
  }

  MemoryPipe pipe;  // outlives the stream and its pending operation
  beast::flat_buffer buffer;
  Stream stream;
  std::size_t announced = 0;  // bytes of the message as far as its frames' headers tell
  bool completed = false;
  boost::system::error_code error;
  Verdict verdict = {};
};

BeastReader::BeastReader() noexcept = default;
BeastReader::~BeastReader() = default;

void BeastReader::activate(boost::asio::execution_context& context, std::size_t max_payload) {
  state_ = std::make_unique<State>(context, max_payload);
}
void BeastReader::deactivate() noexcept { state_.reset(); }

BeastReader::Event BeastReader::read(std::span<const char> bytes, std::size_t announced) {
  return state_->read(bytes, announced);
}

std::string_view BeastReader::message() const noexcept {
  const auto bytes = state_->buffer.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}
bool BeastReader::message_is_text() const noexcept { return state_->stream.got_text(); }

void BeastReader::next() {
  state_->buffer = beast::flat_buffer();
  state_->start_read();
  state_->pipe.run();
}

std::string_view BeastReader::pong() const noexcept { return state_->pipe.output(); }

std::optional<std::uint16_t> BeastReader::close_code() const noexcept {
  if (state_->verdict.code != 0) return state_->verdict.code;
  const auto code = state_->stream.reason().code;
  if (code == websocket::close_code::none) return std::nullopt;
  return code;
}
std::string_view BeastReader::description() const noexcept { return state_->verdict.description; }

}  // namespace engineio::transports::detail
