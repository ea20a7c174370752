#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "examples/comment_server/comment_store.hpp"
#include "examples/comment_server/logging.hpp"
#include "socketio/options.hpp"

namespace comment_server {

/// The settings of the program, checked: what can be seen to be wrong without trying it out is not
/// in here.
struct Config {
  std::string host;           ///< empty: every address, IPv6 and IPv4
  std::uint16_t port = 3000;  ///< 0: one that is free
  /// Threads, TLS, CORS, heartbeat and every limit. `serve_client` is empty for the client beside
  /// the program.
  socketio::Options server;
  std::size_t max_comment_bytes =
      65'536;                            ///< of a comment's JSON text in UTF-8, without attachments
  std::size_t waiting_comments = 1'000;  ///< of one client, until they are committed
  StoreOptions store;
  HistoryLimits history;
  LogOptions log;
  std::chrono::milliseconds grace_period{10'000};  ///< from the signal to the end of the process
  std::string page_folder;                         ///< empty: the page beside the program
};

/// What the command line and the environment asked for: either a configuration to run with, or a
/// text to print and end with.
struct Invocation {
  std::optional<Config> config;
  std::string text;  ///< for standard output if exit_code is 0, else one line for standard error
  int exit_code = 0;
};

/// Reads `--some-flag value`, then for flags not given the environment's COMMENT_SERVER_SOME_FLAG.
/// Never throws for what a user can get wrong. `arguments` begin with the program's name.
Invocation parse_invocation(int count, const char* const* arguments);

}  // namespace comment_server
