#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engineio/admission.hpp"
#include "transports/address_limits.hpp"
#include "transports/engine_server.hpp"
#include "transports/exchange.hpp"

namespace engineio::transports {

struct IoLoop;
class WebSocketStage;

/// Decides what each request is: a route, a handshake, a poll, an upgrade, or none of the engine's
/// business; and hands the connection to the loop on which the request's session lives.
///
/// One for all loops, fixed once the server listens: its functions may run on several loops at a
/// time.
class Router {
 public:
  /// `options` outlives the router.
  explicit Router(const Options& options);

  void add_route(std::string path, HttpHandler handler) {
    routes_[std::move(path)] = std::move(handler);
  }
  void set_fallback(HttpHandler handler) { fallback_ = std::move(handler); }
  /// All loops of the server, by index. Before the first request.
  void set_loops(std::vector<IoLoop*> loops) { loops_ = std::move(loops); }
  AddressLimits& address_limits() noexcept { return *address_limits_; }

  /// Answers the request, or sees to it that somebody will. On the connection's loop.
  void serve(const std::shared_ptr<Exchange>& exchange);

 private:
  using Pending = std::shared_ptr<Exchange>;

  void serve_application(const Pending& exchange, const HttpHandler* handler);
  void serve_engine(const Pending& exchange);
  void serve_session(const Pending& exchange, Session& session);
  void ask_application(const Pending& exchange, Admission admission);
  void begin_handshake(const Pending& exchange, const Admission& admission);
  void open_session(const Pending& exchange, const Admission& admission, std::string id);
  void open_polling(const Pending& exchange, const std::shared_ptr<Session>& session);
  void open_websocket(const Pending& exchange, const std::shared_ptr<Session>& session);
  void serve_upgrade(const Pending& exchange, Session* session);
  WebSocketStage* switch_to_websocket(const Pending& exchange, bool opens_session);
  std::shared_ptr<Session> find_session(const Request& request, const IoLoop& io) const;
  bool may_ask_for(const Session* session, const Request& request, const IoLoop& io);
  void refuse(const Pending& exchange, const Admission& admission);
  void turn_away(const Pending& exchange, int status, std::string_view text);
  void respond_upgrade_refused(const Pending& exchange, int status, std::string_view text,
                               std::vector<HeaderField> headers = {});
  bool captures(const Request& request) const noexcept;
  template <class Function>
  void run_on(std::size_t loop, const Pending& exchange, Function then);

  const Options& options_;
  std::string prefix_;  // the engine's path with its slash
  std::unordered_map<std::string, HttpHandler> routes_;
  HttpHandler fallback_;
  std::vector<IoLoop*> loops_;
  std::shared_ptr<AddressLimits> address_limits_;
};

}  // namespace engineio::transports
