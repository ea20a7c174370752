#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "transports/engine_server.hpp"

namespace support {

/// How a session ended.
struct Ending {
  std::string reason;
  std::string description;
};

/// An Engine.IO server on a free port of 127.0.0.1, run by threads of its own: it echoes every
/// message, and obeys some: "close", "close now" (close this session), "flood N" (send N messages
/// of 1000 bytes, "f…").
class TestServer {
 public:
  using Setup = std::function<void(engineio::Server&)>;
  /// `setup` may add routes and handlers before the server listens, also in place of the echo.
  explicit TestServer(engineio::ServerOptions options, const Setup& setup = {});
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() { stop(); }

  std::uint16_t port() const noexcept { return server_->port(); }
  engineio::Server& server() noexcept { return *server_; }
  /// Waits for the end of that session.
  Ending ending(const std::string& sid);
  /// Waits until the server has this many sessions.
  void wait_for_sessions(std::size_t count);
  /// Waits until a log line with this text has come.
  void wait_for_log(std::string_view text);
  std::vector<std::string> log_lines();
  /// Closes and waits for the end of `run`. Does nothing the second time.
  void stop();

 private:
  void on_message(const engineio::Socket& socket, engineio::Message message);
  template <class Condition>
  void wait_for(const char* what, Condition condition);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Ending> endings_;
  std::vector<std::string> log_;
  std::unique_ptr<engineio::Server> server_;
  std::thread thread_;
};

/// Descriptors that this process has open.
std::size_t open_descriptors();
/// Asks for as many, since many systems give a process no more than 1,024 unless it does. Returns
/// how many it may have.
std::size_t raise_descriptor_limit(std::size_t wanted);

}  // namespace support
