#include "transports/engine_server.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/system_error.hpp>

#include "transports/connection.hpp"
#include "transports/detail/callback_handler.hpp"
#include "transports/io_loop.hpp"
#include "transports/listener.hpp"
#include "transports/router.hpp"
#include "transports/tls.hpp"

namespace engineio {
namespace {

using boost::asio::ip::tcp;
using transports::IoLoop;
using transports::Listener;

constexpr Duration shutdown_look_interval = std::chrono::milliseconds(5);

std::size_t descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 0;
  return limit.rlim_cur;
}

bool is_missing_family(const boost::system::error_code& error) {
  return error == boost::system::errc::address_family_not_supported ||
         error == boost::system::errc::address_not_available;
}

std::size_t loop_count(std::size_t threads) {
  return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

// One loop with all that lives on it.
struct LoopUnit {
  LoopUnit(boost::asio::io_context& context, bool owned, std::size_t index, std::size_t count,
           const Options& options, SessionHandlerFactory factory,
           std::atomic<std::size_t>& sessions, transports::Router& router)
      : loop(context, index, count),
        engine(loop, options, std::move(factory), sessions),
        io(loop, engine, router),
        owns_context(owned) {}

  // Ends what lives here, and watches until it is gone.
  void begin_shutdown(Duration timeout) {
    if (io.stopping) return;
    io.stopping = true;
    engine.close();
    std::vector<std::shared_ptr<transports::Connection>> connections;
    for (auto& connection : io.connections) connections.push_back(connection.shared_from_this());
    for (const auto& connection : connections) connection->shut_down();
    give_up_at = loop.now() + timeout;
    look();
  }

  void look() {
    if (!io.connections.empty() && loop.now() < give_up_at)
      return loop.arm(look_again, shutdown_look_interval);
    cut();
    // What the application still waits for (a timer of its own) must not keep the server from
    // ending.
    if (owns_context) loop.post([this] { loop.context().stop(); });
  }

  void cut() {
    while (!io.connections.empty()) io.connections.front().abort();
    io.poller.stop();
    loop.stop_timer();
  }

  Loop loop;
  Engine engine;
  IoLoop io;
  bool owns_context;
  TimePoint give_up_at{};
  MemberDeadline<LoopUnit, &LoopUnit::look> look_again{*this};
};

struct Server::Core {
  Core(ServerOptions server_options, boost::asio::io_context* borrowed,
       SessionHandlerFactory own_factory)
      : options(std::move(server_options)), router(options.engine) {
    validate(options.engine);
    check_duration("shutdown_timeout", options.shutdown_timeout);
    std::size_t& sessions_limit = options.engine.limits.sessions;
    if (sessions_limit == 0) sessions_limit = descriptor_limit();
    if (borrowed && options.threads > 1)
      throw std::invalid_argument("a borrowed io_context is one loop: threads must be 1");
    factory = own_factory ? std::move(own_factory)
                          : [this](Session& session) -> std::unique_ptr<SessionHandler> {
      return std::make_unique<transports::detail::CallbackHandler>(session, callbacks);
    };
    const std::size_t count = borrowed ? 1 : loop_count(options.threads);
    std::vector<IoLoop*> loops;
    for (std::size_t i = 0; i < count; ++i) {
      boost::asio::io_context* context = borrowed;
      if (!context)
        context = contexts.emplace_back(std::make_unique<boost::asio::io_context>(1)).get();
      units.push_back(std::make_unique<LoopUnit>(*context, !borrowed, i, count, options.engine,
                                                 factory, sessions, router));
      loops.push_back(&units.back()->io);
    }
    router.set_loops(std::move(loops));
  }

  ~Core() {
    for (const auto& unit : units) {
      Loop::Turn turn(unit->loop);
      unit->begin_shutdown(Duration::zero());
      unit->cut();  // a shutdown that was under way may still have waited
    }
    listeners.clear();
  }

  void require_not_listening() const {
    if (listening)
      throw std::logic_error(
          "engineio::Server: handlers and routes are fixed once the server listens");
  }

  void listen(const std::vector<tcp::endpoint>& endpoints, bool dual_stack,
              boost::system::error_code& error);
  void close();

  ServerOptions options;
  transports::detail::Callbacks callbacks;
  SessionHandlerFactory factory;
  std::atomic<std::size_t> sessions = 0;
  transports::Router router;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
  std::vector<std::unique_ptr<LoopUnit>> units;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::optional<transports::TlsContext> tls;
  std::uint16_t port = 0;
  bool listening = false;
};

void Server::Core::listen(const std::vector<tcp::endpoint>& endpoints, bool dual_stack,
                          boost::system::error_code& error) {
  if (options.tls && !tls)
    tls.emplace(options.tls->certificate_file, options.tls->private_key_file);
  std::vector<IoLoop*> loops;
  for (const auto& unit : units) loops.push_back(&unit->io);
  std::vector<std::unique_ptr<Listener>> opened;
  std::uint16_t bound = 0;
  for (tcp::endpoint endpoint : endpoints) {
    if (endpoint.port() == 0) endpoint.port(bound);  // the addresses of one name share a port
    error.clear();
    auto listener = std::make_unique<Listener>(
        loops, router.address_limits(), endpoint, dual_stack,
        Listener::Settings{.backlog = options.backlog, .tls = tls}, error);
    if (is_missing_family(error) && endpoints.size() > 1)
      continue;  // a name may have addresses that the machine has not
    if (error) return;
    bound = listener->port();
    opened.push_back(std::move(listener));
  }
  if (opened.empty()) return;
  error.clear();
  listening = true;
  if (port == 0) port = bound;
  for (std::unique_ptr<Listener>& listener : opened) {
    listener->start();
    listeners.push_back(std::move(listener));
  }
}

void Server::Core::close() {
  units[0]->loop.dispatch([this] {
    for (const auto& listener : listeners) listener->stop();
    for (const auto& unit : units) {
      unit->loop.dispatch(
          [&unit = *unit, timeout = options.shutdown_timeout] { unit.begin_shutdown(timeout); });
    }
  });
}

Server::Server(ServerOptions options) : Server(std::move(options), nullptr) {}

Server::Server(boost::asio::io_context& context, ServerOptions options)
    : Server(context, std::move(options), nullptr) {}

Server::Server(ServerOptions options, SessionHandlerFactory factory)
    : core_(std::make_unique<Core>(std::move(options), nullptr, std::move(factory))) {}

Server::Server(boost::asio::io_context& context, ServerOptions options,
               SessionHandlerFactory factory)
    : core_(std::make_unique<Core>(std::move(options), &context, std::move(factory))) {}

Server::~Server() = default;

void Server::on_connection(std::function<void(Socket)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_connection = std::move(handler);
}

void Server::on_message(std::function<void(Socket, Message)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_message = std::move(handler);
}

void Server::on_close(std::function<void(Socket, CloseReason, std::string_view)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_close = std::move(handler);
}

void Server::on_packet(std::function<void(Socket, const Packet&)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_packet = std::move(handler);
}

void Server::on_packet_create(std::function<void(Socket, const Packet&)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_packet_create = std::move(handler);
}

void Server::on_flush(std::function<void(Socket, std::span<const Packet>)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_flush = std::move(handler);
}

void Server::on_heartbeat(std::function<void(Socket)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_heartbeat = std::move(handler);
}

void Server::on_upgrading(std::function<void(Socket)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_upgrading = std::move(handler);
}

void Server::on_upgrade(std::function<void(Socket)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_upgrade = std::move(handler);
}

void Server::on_drain(std::function<void(Socket)> handler) {
  core_->require_not_listening();
  core_->callbacks.on_drain = std::move(handler);
}

void Server::route(std::string path, HttpHandler handler) {
  core_->require_not_listening();
  core_->router.add_route(std::move(path), std::move(handler));
}

void Server::fallback(HttpHandler handler) {
  core_->require_not_listening();
  core_->router.set_fallback(std::move(handler));
}

void Server::listen(std::uint16_t port) {
  boost::system::error_code error;
  core_->listen({tcp::endpoint(tcp::v6(), port)}, true, error);
  if (is_missing_family(error)) {  // a machine without IPv6
    error.clear();
    core_->listen({tcp::endpoint(tcp::v4(), port)}, false, error);
  }
  if (error)
    throw boost::system::system_error(error, "cannot listen on port " + std::to_string(port));
}

void Server::listen(const std::string& host, std::uint16_t port) {
  boost::system::error_code error;
  listen(host, port, error);
  if (error)
    throw boost::system::system_error(error,
                                      "cannot listen on " + host + ":" + std::to_string(port));
}

void Server::listen(const std::string& host, std::uint16_t port, boost::system::error_code& error) {
  error.clear();
  std::vector<tcp::endpoint> endpoints;
  if (const auto address = boost::asio::ip::make_address(host, error); !error) {
    endpoints.emplace_back(address, port);
  } else {
    error.clear();
    boost::asio::io_context context;
    for (const auto& entry : tcp::resolver(context).resolve(host, std::to_string(port), error)) {
      if (std::find(endpoints.begin(), endpoints.end(), entry.endpoint()) == endpoints.end()) {
        endpoints.push_back(entry.endpoint());
      }
    }
    if (error) return;
  }
  core_->listen(endpoints, host == "::", error);
}

std::uint16_t Server::port() const noexcept { return core_->port; }

void Server::run() {
  if (core_->contexts.empty())
    throw std::logic_error("engineio::Server: on a borrowed io_context, run that");
  std::once_flag once;
  std::exception_ptr thrown;  // by the application's own work on a context; or there is no thread
  const auto guard = [&](const auto& work) {
    try {
      work();
    } catch (...) {
      std::call_once(once, [&] { thrown = std::current_exception(); });
      for (const auto& context : core_->contexts) context->stop();
    }
  };
  {
    std::vector<std::jthread> threads;
    guard([&] {
      for (std::size_t i = 1; i < core_->contexts.size(); ++i)
        threads.emplace_back([&, i] { guard([&] { core_->contexts[i]->run(); }); });
      core_->contexts.front()->run();
    });
  }
  if (thrown) std::rethrow_exception(thrown);
}

void Server::close() { core_->close(); }

std::size_t Server::loops() const noexcept { return core_->units.size(); }

Loop& Server::loop(std::size_t index) noexcept { return core_->units[index]->loop; }

Engine& Server::engine(std::size_t index) noexcept { return core_->units[index]->engine; }

std::size_t Server::clients_count() const noexcept { return core_->sessions.load(); }

}  // namespace engineio
