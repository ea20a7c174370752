#include "socketio/server.hpp"

#include <optional>

#include "socketio/detail/client_bundle.hpp"
#include "socketio/detail/namespace_core.hpp"
#include "socketio/detail/server_core.hpp"
#include "transports/engine_server.hpp"

namespace socketio {
namespace {

engineio::ServerOptions engine_options(const Options& options) {
  engineio::ServerOptions out;
  out.threads = options.threads;
  out.shutdown_timeout = options.shutdown_timeout;
  out.engine = options.engine;
  out.engine.path = options.path;
  if (options.tls)
    out.tls = engineio::Tls{options.tls->certificate_file, options.tls->private_key_file};
  return out;
}

// Beside what the layer below checks.
void check_own(const Options& options) {
  engineio::check_duration("connect_timeout", options.connect_timeout);
  engineio::check_duration("limits.attachment_timeout", options.limits.attachment_timeout);
}

std::vector<engineio::Loop*> loops_of(engineio::Server& server) {
  std::vector<engineio::Loop*> loops;
  for (std::size_t i = 0; i < server.loops(); ++i) loops.push_back(&server.loop(i));
  return loops;
}

engineio::HttpHandler translated(HttpHandler handler) {
  return [handler = std::move(handler)](const engineio::Request& request) {
    HttpResponse response = handler(request);
    return engineio::HttpResponse{.status = response.status,
                                  .headers = std::move(response.headers),
                                  .body = std::move(response.body)};
  };
}

// What other threads, or the last of the loops, began before the loops ended gets its end, too.
// Bounded, as the application's own handlers may call for each other for ever.
void run_leftovers(engineio::Server& engine) {
  constexpr int passes = 100;
  constexpr int handlers_per_pass = 1'000;
  bool any = true;
  for (int pass = 0; any && pass < passes; ++pass) {
    any = false;
    for (std::size_t i = 0; i < engine.loops(); ++i) {
      boost::asio::io_context& context = engine.loop(i).context();
      context.restart();
      for (int n = 0; n < handlers_per_pass && context.poll_one() > 0; ++n) any = true;
    }
  }
}

}  // namespace

struct Server::Core {
  Core(Options server_options, boost::asio::io_context* borrowed)
      : options(std::move(server_options)), owns_loops(!borrowed) {
    const auto factory = [this](engineio::Session& session) { return core->make_client(session); };
    engineio::ServerOptions below = engine_options(options);
    check_own(options);
    if (borrowed) {
      engine.emplace(*borrowed, std::move(below), factory);
    } else {
      engine.emplace(std::move(below), factory);
    }
    core.emplace(options, loops_of(*engine));
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() {
    core->close();
    engine.reset();  // its sessions still know the core
  }

  Namespace& namespace_of(std::string_view name) { return core->of(name).facade(); }

  void prepare() {
    if (core->frozen()) return;
    if (!options.serve_client.empty()) serve_client();
    core->freeze();
  }
  void serve_client();
  /// The loops have ended, also by what the application's own work has thrown.
  void end() {
    core->stop();
    run_leftovers(*engine);
  }

  const Options options;
  const bool owns_loops;
  std::optional<engineio::Server> engine;
  std::optional<detail::ServerCore> core;
};

void Server::Core::serve_client() {
  const auto bundle =
      std::make_shared<const detail::ClientBundle>(options.serve_client, options.client_version);
  std::string path = options.path;
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  if (!path.ends_with('/')) path += '/';
  for (const detail::ClientBundle::File& file : bundle->files()) {
    engine->route(path + file.name,
                  translated([bundle, &file, this](const engineio::Request& request) {
                    return bundle->answer(file, request, options.engine.cors);
                  }));
  }
}

Server::Server(std::unique_ptr<Core> core, std::string_view main_namespace)
    : Broadcast(core->namespace_of(main_namespace)),
      core_(std::move(core)),
      main_(&core_->namespace_of(main_namespace)) {}

Server::Server(Options options)
    : Server(std::make_unique<Core>(std::move(options), nullptr), "/") {}

Server::Server(boost::asio::io_context& context, Options options)
    : Server(std::make_unique<Core>(std::move(options), &context), "/") {}

Server::~Server() = default;

Namespace& Server::of(std::string_view name) { return core_->namespace_of(name); }

Server& Server::on_rooms(RoomEvents events) {
  main_->on_rooms(std::move(events));
  return *this;
}

Server& Server::route(std::string path, HttpHandler handler) {
  core_->engine->route(std::move(path), translated(std::move(handler)));
  return *this;
}

Server& Server::fallback(HttpHandler handler) {
  core_->engine->fallback(translated(std::move(handler)));
  return *this;
}

void Server::listen(std::uint16_t port) {
  core_->prepare();
  core_->engine->listen(port);
}

void Server::listen(const std::string& host, std::uint16_t port) {
  core_->prepare();
  core_->engine->listen(host, port);
}

void Server::listen(const std::string& host, std::uint16_t port, boost::system::error_code& error) {
  core_->prepare();
  core_->engine->listen(host, port, error);
}

std::uint16_t Server::port() const noexcept { return core_->engine->port(); }

void Server::run() {
  try {
    core_->engine->run();
  } catch (...) {
    if (core_->owns_loops) core_->end();  // else none has ended
    throw;
  }
  core_->end();
}

void Server::close() {
  // Ahead of the engine on every loop: its own end would look like the clients' connections
  // breaking.
  for (std::size_t i = 0; i < core_->engine->loops(); ++i) {
    core_->engine->loop(i).dispatch([core = &*core_->core, i] { core->shut_down(i); });
  }
  core_->engine->close();
}

std::size_t Server::clients_count() const noexcept { return core_->engine->clients_count(); }

}  // namespace socketio
