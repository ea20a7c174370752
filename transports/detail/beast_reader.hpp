#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <boost/asio/execution_context.hpp>

namespace engineio::transports::detail {

/// Reads a client's WebSocket frames with Boost.Beast, over memory: judges headers and close codes,
/// unmasks, checks UTF-8 as it comes, puts messages together, makes pongs. Not active, it owns
/// nothing.
///
/// It is fed one frame, or part of one, at a time, so that each call has at most one outcome.
class BeastReader {
 public:
  enum class Event : std::uint8_t {
    none,     ///< more bytes are needed, or there is nothing to do
    message,  ///< message() is complete; call next() when it was used
    pong,     ///< a ping came; pong() answers it
    closed,   ///< a close frame came; see close_code(). Nothing more can be read
    fault,    ///< the frame breaks a rule; see close_code() and description(). Nothing more can be
              ///< read
  };

  BeastReader() noexcept;
  BeastReader(const BeastReader&) = delete;
  BeastReader& operator=(const BeastReader&) = delete;
  ~BeastReader();

  /// Requires: not active. `context` must outlive the activity.
  void activate(boost::asio::execution_context& context, std::size_t max_payload);
  /// Forgets everything and frees the memory.
  void deactivate() noexcept;
  bool active() const noexcept { return state_ != nullptr; }

  /// Requires: active, and that `bytes` go on where the last ones ended and do not go beyond the
  /// end of a frame. `announced`: how long the message is by the headers of its frames until now.
  Event read(std::span<const char> bytes, std::size_t announced);

  /// The message that is complete. Valid until next() or read().
  std::string_view message() const noexcept;
  bool message_is_text() const noexcept;
  /// Frees the message's memory and goes on to the next.
  void next();
  /// The frame that answers the ping. Valid until the next read().
  std::string_view pong() const noexcept;
  /// After `closed`: the client's code, if it gave one. After `fault`: the code to close with.
  std::optional<std::uint16_t> close_code() const noexcept;
  /// After `fault`: what was wrong. Lives as long as the program.
  std::string_view description() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace engineio::transports::detail
