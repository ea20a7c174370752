#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engineio/loop.hpp"
#include "engineio/options.hpp"
#include "engineio/session.hpp"

namespace engineio {
namespace detail {
class HeapTrim;
}

/// Makes the handler of a new session; called on the session's loop, before anything else of it.
/// What it throws goes to the log, and the client is closed.
using SessionHandlerFactory = std::function<std::unique_ptr<SessionHandler>(Session&)>;

/// All sessions of one loop: creates them and finds them by id.
///
/// Owned by the server, one per loop; used on that loop's thread only.
class Engine {
 public:
  /// `options` and the arguments outlive the engine. `total_sessions` counts the sessions of all
  /// loops.
  Engine(Loop& loop, const Options& options, SessionHandlerFactory factory,
         std::atomic<std::size_t>& total_sessions);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  Loop& loop() noexcept { return loop_; }
  const Options& options() const noexcept { return options_; }

  /// The live session of that id, or null.
  std::shared_ptr<Session> find(std::string_view id) const;
  std::size_t sessions() const noexcept { return sessions_.size(); }

  /// An id for a new session: by Options::generate_id, whose exceptions pass through and whose home
  /// may be another loop, or random and at home here.
  std::string new_id(const Request& request) const;
  /// No session may be added: the limit is reached, or the engine closed. Other loops may take the
  /// last place in the same moment, so `create` has the last word.
  bool full() const noexcept;
  /// Registers a session under `id`, not yet open. Null when that id is taken, or Limits::sessions
  /// are. Requires: this loop is the id's home.
  std::shared_ptr<Session> create(std::string id, std::shared_ptr<const Request> request);
  /// Opens `session` on its first transport: makes its handler and sends the open packet.
  void open(Session& session, std::unique_ptr<Transport> transport);

  /// Closes every session at once (`forced close`) and lets no new one open.
  void close();
  bool closed() const noexcept { return closed_; }

  void log(LogLevel level, std::string_view line) const;

 private:
  friend class Session;
  bool take_place() noexcept;
  void remove(const std::string& id);
  void on_trim_deadline();

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const noexcept {
      return std::hash<std::string_view>{}(id);
    }
  };

  Loop& loop_;
  const Options& options_;
  SessionHandlerFactory factory_;
  std::atomic<std::size_t>& total_sessions_;
  std::unordered_map<std::string, std::shared_ptr<Session>, Hash, std::equal_to<>> sessions_;
  bool closed_ = false;
  std::unique_ptr<detail::HeapTrim> heap_;
  TimePoint trim_at_{};  // when trim_ fires
  MemberDeadline<Engine, &Engine::on_trim_deadline> trim_{*this};
};

/// A new session id: 120 bits of the system's random number generator as 20 characters of the
/// base64url alphabet.
std::string random_session_id();

/// The index of the loop on which the session of that id lives.
std::size_t home_loop(std::string_view id, std::size_t loops) noexcept;

}  // namespace engineio
