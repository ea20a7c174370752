#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engineio/loop.hpp"
#include "engineio/session.hpp"
#include "engineio/session_handler.hpp"
#include "socketio/adapter.hpp"
#include "socketio/decoder.hpp"
#include "socketio/detail/namespace_core.hpp"
#include "socketio/options.hpp"

namespace socketio::detail {

/// A Server without its network: the namespaces and what is common to all clients. Tests drive it
/// with sessions of their own.
///
/// Life: make it with the loops, add namespaces, freeze(); then make_client() for every session.
/// Before the loops go away, shut_down() on each, or close() when none runs any more.
class ServerCore {
 public:
  /// `options` and `loops` outlive the object.
  ServerCore(const Options& options, std::vector<engineio::Loop*> loops);
  ServerCore(const ServerCore&) = delete;
  ServerCore& operator=(const ServerCore&) = delete;
  ~ServerCore();

  const Options& options() const noexcept { return options_; }
  const DecoderLimits& decoder_limits() const noexcept { return decoder_limits_; }
  const std::vector<engineio::Loop*>& loops() const noexcept { return loops_; }
  /// The index of the calling thread's loop; loops().size() if it is none of them.
  std::size_t loop_here() const noexcept;
  /// Where a loop decodes packets: one for all of its clients.
  DecodedPacket& scratch(std::size_t loop) noexcept { return scratch_[loop]; }

  /// Finds or makes a namespace.
  NamespaceCore& of(std::string_view name);
  /// Null: unknown. Any thread once it is frozen.
  NamespaceCore* find(std::string_view name) const noexcept;
  /// From now on namespaces and their handlers are fixed, and shared by the loops without locks.
  void freeze() noexcept { frozen_ = true; }
  bool frozen() const noexcept { return frozen_; }

  std::unique_ptr<engineio::SessionHandler> make_client(engineio::Session& session);

  /// Disconnects the sockets of one loop: `server shutting down`. On that loop.
  void shut_down(std::size_t loop);
  /// The loops have ended: operations that are begun from now on fail.
  /// Waits for those that are being begun.
  void stop() noexcept {
    stopped_ = true;
    for (std::size_t others = beginning_; others != 0; others = beginning_) beginning_.wait(others);
  }
  /// Around the beginning of an operation. False: stopped, nothing to leave. Any thread.
  bool enter() noexcept {
    ++beginning_;
    if (!stopped_) return true;
    leave();
    return false;
  }
  void leave() noexcept {
    if (--beginning_ == 0) beginning_.notify_all();
  }
  /// Ends everything that waits, drops all handlers. Requires: no loop runs any more.
  void close();

  void log(engineio::LogLevel level, std::string_view line) const;
  /// The same for what clients can provoke at will: one line of a level a second, with a count of
  /// the others. On that loop.
  void log_some(engineio::Loop& loop, engineio::LogLevel level, const std::string& line);

 private:
  struct LogThrottles;
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  const Options& options_;
  DecoderLimits decoder_limits_;
  std::vector<engineio::Loop*> loops_;
  std::vector<DecodedPacket> scratch_;
  std::vector<LogThrottles> log_throttles_;  // for each loop
  std::unordered_map<std::string, std::shared_ptr<NamespaceCore>, TextHash, std::equal_to<>>
      namespaces_;
  bool frozen_ = false;
  std::atomic<bool> stopped_ = false;
  std::atomic<std::size_t> beginning_ = 0;  // operations
};

}  // namespace socketio::detail
