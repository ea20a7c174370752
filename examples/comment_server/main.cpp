// comment-server: the page of live comments. This file wires its parts.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/system_error.hpp>

#include "examples/comment_server/comment_app.hpp"
#include "examples/comment_server/comment_store.hpp"
#include "examples/comment_server/config.hpp"
#include "examples/comment_server/installed_files.hpp"
#include "examples/comment_server/logging.hpp"
#include "examples/comment_server/page_files.hpp"
#include "examples/comment_server/shutdown.hpp"
#include "socketio/server.hpp"

namespace comment_server {
namespace {

using std::chrono::milliseconds;

/// Each client is a descriptor: takes as many as the system allows without asking.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

LogLevel level_of(engineio::LogLevel level) {
  switch (level) {
    case engineio::LogLevel::debug: return LogLevel::debug;
    case engineio::LogLevel::info: return LogLevel::info;
    case engineio::LogLevel::warning: return LogLevel::warning;
    case engineio::LogLevel::error: return LogLevel::error;
  }
  return LogLevel::error;
}

socketio::Options server_options(const Config& config, const InstalledFiles& installed, Log& log) {
  socketio::Options options = config.server;
  if (options.serve_client.empty()) options.serve_client = installed.client.value_or("");
  options.engine.log = [&log](engineio::LogLevel level, std::string_view line) {
    if (log.enabled(level_of(level))) log.write(level_of(level), line);
  };
  return options;
}

PageFiles page_files(const Config& config, const InstalledFiles& installed) {
  if (!config.page_folder.empty()) return PageFiles(config.page_folder);
  return installed.page ? PageFiles(*installed.page) : PageFiles();
}

/// What the library says went wrong, without the origin of the error code that Boost appends: `…
/// [system:98 at file:line …]`.
std::string in_plain_words(const boost::system::system_error& error) {
  std::string what = error.what();
  const std::size_t origin = what.rfind(" [");
  if (what.ends_with(']') && origin != std::string::npos) what.resize(origin);
  return what;
}

void listen(socketio::Server& io, const Config& config) {
  try {
    config.host.empty() ? io.listen(config.port) : io.listen(config.host, config.port);
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(in_plain_words(error));
  }
}

std::string url_of(const Config& config, std::uint16_t port) {
  const bool is_ipv6 = config.host.find(':') != std::string::npos;
  const std::string host = config.host.empty() ? "localhost"
                           : is_ipv6           ? "[" + config.host + "]"
                                               : config.host;
  return (config.server.tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

void log_start(Log& log, const Config& config, const PageFiles& page,
               const socketio::Options& options) {
  if (!config.server.engine.cors) {
    log.warning(
        "no origin list is set: pages of every origin may open a WebSocket here, see "
        "--cors-origin");
  }
  if (page.size() == 0)
    log.warning("the page is not beside the program: / answers 404, see --page-dir");
  if (options.serve_client.empty()) {
    log.warning(
        "the Socket.IO client for browsers is not beside the program: the page will not load, see "
        "--client-dir");
  }
}

int run(const Config& config) {
  const InstalledFiles installed = InstalledFiles::find();
  const PageFiles page = page_files(config, installed);
  Log log(config.log);
  CommentStore store(config.store);
  const socketio::Options options = server_options(config, installed, log);
  socketio::Server io(options);
  CommentApp app(io, store, log,
                 {.max_comment_bytes = config.max_comment_bytes,
                  .waiting_comments = config.waiting_comments,
                  .history = config.history});
  io.fallback([&page](const engineio::Request& request) { return page.answer(request); });
  listen(io, config);

  Shutdown shutdown(
      config.grace_period,
      [&] {
        log.info("stopping");
        // Writers still get their acks, unless the disk keeps everybody waiting.
        store.flush(std::min(config.grace_period / 2, milliseconds(1'000)));
        io.close();
      },
      [&] { return store.flush(milliseconds(0)) ? EXIT_SUCCESS : EXIT_FAILURE; });
  std::cout << "listening on " << url_of(config, io.port()) << std::endl;
  log_start(log, config, page, options);
  io.run();

  const bool saved = store.close(shutdown.left() * 3 / 4);
  if (!saved) log.error("stopped before all comments were saved");
  log.info("stopped");
  return saved ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace comment_server

int main(int count, char** arguments) {
  comment_server::Shutdown::block_signals();
  signal(SIGPIPE, SIG_IGN);
  comment_server::raise_descriptor_limit();
  try {
    const auto invocation = comment_server::parse_invocation(count, arguments);
    if (invocation.config) return comment_server::run(*invocation.config);
    (invocation.exit_code == EXIT_SUCCESS ? std::cout << invocation.text
                                          : std::cerr << invocation.text << '\n');
    return invocation.exit_code;
  } catch (const std::exception& error) {
    std::cerr << "comment-server: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
