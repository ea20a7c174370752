#include "tests/support/test_server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "tests/support/raw_client.hpp"

namespace support {

using engineio::CloseReason;

TestServer::TestServer(engineio::ServerOptions options, const Setup& setup) {
  options.engine.log = [this](engineio::LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
    changed_.notify_all();
  };
  server_ = std::make_unique<engineio::Server>(std::move(options));
  server_->on_message([this](const engineio::Socket& socket, engineio::Message message) {
    on_message(socket, message);
  });
  server_->on_close(
      [this](const engineio::Socket& socket, CloseReason reason, std::string_view description) {
        const std::lock_guard lock(mutex_);
        const Ending ending{std::string(to_string(reason)), std::string(description)};
        if (!endings_.emplace(socket.id(), ending).second)
          endings_[socket.id()] = {"closed twice", ""};
        changed_.notify_all();
      });
  if (setup) setup(*server_);
  server_->listen("127.0.0.1", 0);
  thread_ = std::thread([this] { server_->run(); });
}

void TestServer::on_message(const engineio::Socket& socket, engineio::Message message) {
  constexpr std::string_view flood = "flood ";
  if (message.data == "close") {
    socket.close();
  } else if (message.data == "close now") {
    socket.close(true);
  } else if (message.data.starts_with(flood)) {
    const std::string text(1000, 'f');
    for (unsigned long i = std::stoul(std::string(message.data.substr(flood.size()))); i > 0; --i)
      socket.send(text);
  } else {
    socket.send(message);
  }
}

template <class Condition>
void TestServer::wait_for(const char* what, Condition condition) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, condition)) throw std::runtime_error(what);
}

Ending TestServer::ending(const std::string& sid) {
  wait_for("the session did not end", [&] { return endings_.count(sid) != 0; });
  const std::lock_guard lock(mutex_);
  return endings_.at(sid);
}

void TestServer::wait_for_sessions(std::size_t count) {
  // A session counts until its close has been reported, and a little longer: look again, not only
  // when one ends.
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (server_->clients_count() != count) {
    if (std::chrono::steady_clock::now() > give_up) {
      throw std::runtime_error("the server has " + std::to_string(server_->clients_count()) +
                               " sessions");
    }
    std::this_thread::yield();
  }
}

void TestServer::wait_for_log(std::string_view text) {
  wait_for("a line is missing in the log", [&] {
    return std::any_of(log_.begin(), log_.end(), [&](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  });
}

std::vector<std::string> TestServer::log_lines() {
  const std::lock_guard lock(mutex_);
  return log_;
}

void TestServer::stop() {
  if (!thread_.joinable()) return;
  server_->close();
  thread_.join();
}

std::size_t open_descriptors() {
  const auto folder = std::filesystem::directory_iterator("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder))) -
         1;  // less the folder's own
}

std::size_t raise_descriptor_limit(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return limit.rlim_cur;
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace support
