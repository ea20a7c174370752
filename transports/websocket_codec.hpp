#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/execution_context.hpp>

#include "engineio/block.hpp"
#include "engineio/options.hpp"
#include "transports/detail/beast_reader.hpp"
#include "transports/detail/frame_assembler.hpp"
#include "transports/detail/frame_scanner.hpp"

namespace engineio::transports {

/// How a WebSocket stream ended.
struct WebSocketEnd {
  /// True: the client's close frame came. False: the client broke a rule or a limit.
  bool clean = false;
  /// Clean: the client's close code, 1005 when it gave none or only answered our close frame.
  /// Else the code of the close frame that was sent for it: 1002, 1007, 1008 or 1009.
  std::uint16_t code = 0;
  /// What was wrong, e.g. "Max payload size exceeded"; empty when clean. Lives as long as the
  /// program.
  std::string_view description = {};
};

/// What a WebSocketCodec tells its owner. Calls come from inside feed(), `on_output` from close()
/// too. They must not throw and must not destroy the codec; they may call its close() and stop().
class WebSocketCodecSink {
 public:
  /// A text message, valid UTF-8. The view is valid during the call.
  virtual void on_text(std::string_view text) = 0;
  /// A binary message, to be shared rather than copied.
  virtual void on_binary(const Block& message) = 0;
  /// Bytes for the network, always whole frames: a pong, or the close frame, which is the last
  /// output. Copy them.
  virtual void on_output(std::string_view bytes) = 0;
  /// The stream is over: nothing is reported after this. Comes once, and never after stop().
  virtual void on_stream_end(const WebSocketEnd& end) = 0;
  /// Asked after every few frames: whether this turn has taken its time.
  virtual bool turn_is_over() = 0;

 protected:
  ~WebSocketCodecSink() = default;
};

/// The server's side of one WebSocket connection (RFC 6455) after its 101 response: bytes in,
/// messages out, no I/O.
///
///     open ──close()──► closing ──client's close frame──► ended
///       └──── client's close frame (answered), or a fault (close frame with its code) ────► ended
///
/// A text that came whole and in one frame goes to the sink from where it lies; a message in one
/// frame that comes in pieces is put together in the block that is handed on. Everything else
/// (fragments, control frames, what breaks a rule) is read by Boost.Beast, whose state exists only
/// while such a frame or message is incomplete: an idle codec owns no memory but itself.
///
/// Pings are answered with their payload. Data frames of the server are not its business: write
/// Block::frame(), any time before close() and before on_stream_end.
///
/// Limits used: message_fragments, packets_per_turn, queued_pongs. Deadlines (assembly_timeout,
/// close_timeout) are held by the owner, by means of incomplete_message().
///
/// Thread safety: none; codecs on different threads are independent if their contexts are different
/// or thread safe.
class WebSocketCodec {
 public:
  /// `context` is the loop's; nothing is ever posted to it, Beast only registers its streams there.
  /// It, the sink and the limits outlive the codec. A message may have `max_payload` bytes.
  WebSocketCodec(boost::asio::execution_context& context, WebSocketCodecSink& sink,
                 const Limits& limits, std::size_t max_payload) noexcept;
  WebSocketCodec(const WebSocketCodec&) = delete;
  WebSocketCodec& operator=(const WebSocketCodec&) = delete;
  ~WebSocketCodec();

  /// Takes bytes from the network and returns how many were used. Texts are unmasked where they
  /// lie, so the used bytes may be changed. Stops early, so that the rest must be fed again later,
  ///  - after limits.packets_per_turn frames, or when the sink says that its turn is over: feed the
  ///    rest in another turn;
  ///  - when more than limits.queued_pongs pongs were written since output_sent(): feed the rest
  ///    after that.
  /// After the end all bytes count as used. Not to be called from inside of the sink.
  std::size_t feed(std::span<char> bytes);

  /// The network has taken all output: pongs are counted anew.
  void output_sent() noexcept { pongs_ = 0; }
  /// More than limits.queued_pongs pongs wait: do not read from the network until output_sent().
  bool too_many_pongs() const noexcept { return pongs_ > limits_.queued_pongs; }

  /// Sends a close frame, without a code unless one is given (the client then sees 1005), and from
  /// now on drops what comes until the client's close frame, which is reported as a clean end.
  /// Pings are no longer answered. Only the first call, before the end, does something.
  void close(std::optional<std::uint16_t> code = {});
  /// Ends silently: nothing more is reported or written, all bytes are dropped.
  void stop() noexcept { state_ = State::ended; }

  /// Part of a message, or of a control frame, has come and its rest is due.
  bool message_in_progress() const noexcept { return incomplete_message() != 0; }
  /// 0, or the number of the message in progress. Another message has another number: hold the
  /// assembly deadline per number.
  std::uint64_t incomplete_message() const noexcept {
    return state_ == State::open ? scanner_.incomplete_message() : 0;
  }
  /// True until close(), stop() or the end: messages of the server may still be written.
  bool is_open() const noexcept { return state_ == State::open; }

 private:
  enum class State : std::uint8_t {
    open,     // messages flow
    closing,  // our close frame was sent, the client's is due
    ended,    // nothing is read, written or reported any more
  };

  void take_frame_bytes(const detail::FrameScanner::Step& step, std::span<char> payload);
  void take_message(const detail::FrameScanner::Step& step, std::span<char> payload);
  void deliver_whole(std::span<char> payload);
  void read_with_beast(std::span<const char> bytes);
  void deliver_from_beast();
  void deliver(const Block& message);
  void answer_close(std::optional<std::uint16_t> code);
  void fail(std::uint16_t code, std::string_view description);
  void fail(detail::FrameScanner::Fault fault);
  void write_close(std::optional<std::uint16_t> code);
  void end(const WebSocketEnd& end);

  // What a text that came whole touches stands together: all but the assembler.
  boost::asio::execution_context& context_;
  WebSocketCodecSink& sink_;
  const Limits& limits_;
  State state_ = State::open;
  std::size_t pongs_ = 0;  // written since output_sent()
  detail::BeastReader reader_;
  detail::FrameScanner scanner_;
  detail::FrameAssembler assembler_;
};

}  // namespace engineio::transports
