#include "transports/router.hpp"

#include <atomic>
#include <exception>
#include <utility>

#include "engineio/cors.hpp"
#include "engineio/detail/log_text.hpp"
#include "engineio/session_events.hpp"
#include "transports/detail/websocket_handshake.hpp"
#include "transports/io_loop.hpp"
#include "transports/polling.hpp"
#include "transports/response_headers.hpp"
#include "transports/websocket.hpp"

namespace engineio::transports {
namespace {

constexpr std::string_view too_many_sessions = "Too many sessions";

// One slash at the end is taken off, and one is added unless the options say otherwise.
std::string prefix_of(const Options& options) {
  std::string path = options.path;
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  if (path.ends_with('/')) path.pop_back();
  if (options.add_trailing_slash) path.push_back('/');
  return path;
}

// One question to Options::allow_request: answered once, by its callback or, if that is thrown
// away, by a no.
class Question {
 public:
  Question(const Loop& loop, std::function<void(Decision)> then)
      : loop_(loop.handle()), then_(std::move(then)) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() { answer({.allowed = false}); }

  void answer(Decision decision) {
    Loop* const loop = *loop_;
    if (!loop || answered_.exchange(true)) return;
    loop->dispatch([then = std::move(then_), decision = std::move(decision)]() mutable {
      then(std::move(decision));
    });
  }

 private:
  std::shared_ptr<Loop* const> loop_;  // the application may keep the callback longer
  std::function<void(Decision)> then_;
  std::atomic<bool> answered_ = false;
};

// The WebSocket's own request decides, not the one that opened the session.
bool wants_base64(const Request& request) noexcept { return !request.query.get("b64").empty(); }

}  // namespace

Router::Router(const Options& options)
    : options_(options),
      prefix_(prefix_of(options)),
      address_limits_(std::make_shared<AddressLimits>(options.limits)) {}

// A prefix of the raw target, as JavaScript servers match: `/socket.io/anything` too,
// `/socket.io?x` not.
bool Router::captures(const Request& request) const noexcept {
  return request.target.starts_with(prefix_);
}

// Runs `then` on that loop, with the connection.
template <class Function>
void Router::run_on(std::size_t loop, const Pending& exchange, Function then) {
  Connection& connection = exchange->connection();
  if (loops_[loop] == &connection.io()) return then();
  connection.move_to(*loops_[loop], [exchange, then = std::move(then)] {
    if (exchange->pending()) then();
  });
}

void Router::serve(const Pending& exchange) {
  const Request& request = exchange->request();
  if (!routes_.empty()) {
    const auto route = routes_.find(std::string(request.path()));
    if (route != routes_.end()) return serve_application(exchange, &route->second);
  }
  if (!captures(request)) return serve_application(exchange, fallback_ ? &fallback_ : nullptr);
  const std::string_view id = session_id_of(request);
  if (id.empty()) return serve_engine(exchange);
  run_on(home_loop(id, loops_.size()), exchange, [this, exchange] { serve_engine(exchange); });
}

void Router::serve_application(const Pending& exchange, const HttpHandler* handler) {
  if (exchange->request().upgrade) return respond_upgrade_refused(exchange, 404, "Not Found");
  if (!handler) return exchange->respond({.status = 404});
  HttpResponse response;
  try {
    response = (*handler)(exchange->request());
  } catch (...) {
    log_thrown(options_.log, "an HTTP handler");
    response = {.status = 500};
  }
  exchange->respond(response);
}

void Router::serve_engine(const Pending& exchange) {
  const Request& request = exchange->request();
  if (options_.cors && is_preflight(request)) {
    return exchange->respond({.status = options_.cors->success_status,
                              .headers = preflight_headers(*options_.cors, request)});
  }
  const IoLoop& io = exchange->connection().io();
  const auto session = find_session(request, io);
  if (!may_ask_for(session.get(), request, io))
    return turn_away(exchange, 429, "Too many unknown sessions of this address");
  Admission admission =
      admit(request, options_, session ? std::optional(session->transport_kind()) : std::nullopt);
  if (admission.outcome == Admission::Outcome::refused) return refuse(exchange, admission);
  if (is_websocket_upgrade(request, options_)) {
    if (exchange->body_expected()) return respond_upgrade_refused(exchange, 400, "Bad Request");
    if (!origin_may_upgrade(options_.cors ? &*options_.cors : nullptr, request)) {
      return respond_upgrade_refused(exchange, 403, "Forbidden");
    }
    if (auto refusal = detail::refuse_websocket(request)) {
      return respond_upgrade_refused(exchange, refusal->status, refusal->text,
                                     std::move(refusal->headers));
    }
    if (session) return serve_upgrade(exchange, session.get());
    if (admission.transport != TransportKind::websocket) return serve_upgrade(exchange, nullptr);
  }
  if (session) return serve_session(exchange, *session);
  ask_application(exchange, std::move(admission));
}

std::shared_ptr<Session> Router::find_session(const Request& request, const IoLoop& io) const {
  auto session = io.engine.find(session_id_of(request));
  if (session && options_.bind_sessions_to_address &&
      !AddressLimits::same_group(session->request().remote_address, request.remote_address))
    return nullptr;
  return session;
}

// Who has asked for too many sessions that there are not gets none that others have opened: a guess
// that hits would be answered else.
bool Router::may_ask_for(const Session* session, const Request& request, const IoLoop& io) {
  const std::string& address = request.remote_address;
  if (session ? AddressLimits::same_group(session->request().remote_address, address)
              : session_id_of(request).empty())
    return true;
  return address_limits_->admit_guess(address, io.loop.now(), session != nullptr);
}

void Router::serve_session(const Pending& exchange, Session& session) {
  auto* polling = static_cast<PollingTransport*>(session.polling());
  const std::string& method = exchange->request().method;
  if (polling && method == "GET") return polling->on_poll(exchange);
  if (polling && method == "POST") return polling->on_post(exchange);
  HttpResponse response{.status = 500};
  add_cors_headers(response.headers, options_, exchange->request());
  exchange->respond(response);
}

// A WebSocket for a session that there is, or for none: then it is opened and closed, as JavaScript
// servers do.
void Router::serve_upgrade(const Pending& exchange, Session* session) {
  Connection& connection = exchange->connection();
  const bool wants_websocket =
      exchange->request().query.get("transport") == to_string(TransportKind::websocket);
  WebSocketStage* stage = switch_to_websocket(exchange, false);
  if (!stage) return;
  if (session && wants_websocket) {
    auto transport = std::make_unique<WebSocketTransport>(
        *session, connection.shared_from_this(), *stage, wants_base64(exchange->request()));
    if (session->offer_upgrade(std::move(transport))) return;
  }
  stage->close();
}

// Null: a callback that adds headers has closed the server.
WebSocketStage* Router::switch_to_websocket(const Pending& exchange, bool opens_session) {
  const Request& request = exchange->request();
  HttpResponse response{.status = 101, .headers = detail::accept_websocket(request)};
  add_headers(response.headers, options_, request, opens_session);
  if (!exchange->pending()) return nullptr;
  auto stage = std::make_unique<WebSocketStage>(exchange->connection());
  WebSocketStage* raw = stage.get();
  exchange->upgrade(response, std::move(stage));
  return raw;
}

void Router::ask_application(const Pending& exchange, Admission admission) {
  if (admission.outcome == Admission::Outcome::handshake)
    return begin_handshake(exchange, admission);
  auto question = std::make_shared<Question>(
      exchange->connection().loop(),
      [this, exchange, admission = std::move(admission)](const Decision& decision) {
        if (!exchange->pending()) return;
        const Admission decided = decide_handshake(exchange->request(), admission, decision);
        if (decided.outcome == Admission::Outcome::refused) return refuse(exchange, decided);
        begin_handshake(exchange, decided);
      });
  try {
    options_.allow_request(exchange->request(), [question](Decision decision) {
      question->answer(std::move(decision));
    });
  } catch (...) {
    log_thrown(options_.log, "allow_request");
    question->answer({.allowed = false});
  }
}

void Router::begin_handshake(const Pending& exchange, const Admission& admission) {
  const Request& request = exchange->request();
  IoLoop& io = exchange->connection().io();
  if (io.engine.full()) return turn_away(exchange, 503, too_many_sessions);
  if (!address_limits_->admit_session(request.remote_address, io.loop.now())) {
    return turn_away(exchange, 429, "Too many sessions of this address");
  }
  std::string id;
  try {
    id = io.engine.new_id(request);
  } catch (const std::exception& error) {
    return refuse(exchange, refuse_failed_id(error.what()));
  } catch (...) {
    return refuse(exchange, refuse_failed_id("something that is no std::exception"));
  }
  // Requests without an id would find that session.
  if (id.empty()) return refuse(exchange, refuse_failed_id("the id is empty"));
  if (!exchange->pending()) return;  // generate_id has closed the server
  const std::size_t home = home_loop(id, loops_.size());
  run_on(home, exchange, [this, exchange, admission, id = std::move(id)] {
    open_session(exchange, admission, id);
  });
}

void Router::open_session(const Pending& exchange, const Admission& admission, std::string id) {
  Engine& engine = exchange->connection().io().engine;
  if (engine.find(id)) return refuse(exchange, refuse_failed_id("the id is in use"));
  const auto session = engine.create(std::move(id), exchange->shared_request());
  if (!session) return turn_away(exchange, 503, too_many_sessions);
  if (admission.transport == TransportKind::polling) return open_polling(exchange, session);
  open_websocket(exchange, session);
}

// A limit is reached.
void Router::turn_away(const Pending& exchange, int status, std::string_view text) {
  const Request& request = exchange->request();
  IoLoop& io = exchange->connection().io();
  io.log_some(io.turned_away_lines, LogLevel::warning,
              "turned away a client of " + request.remote_address + ": " + std::string(text));
  if (request.upgrade) return respond_upgrade_refused(exchange, status, text);
  exchange->respond({.status = status, .body = std::string(text), .content_type = "text/plain"});
}

void Router::open_polling(const Pending& exchange, const std::shared_ptr<Session>& session) {
  auto transport = std::make_unique<PollingTransport>(*session);
  transport->on_poll(exchange);
  exchange->connection().io().engine.open(*session, std::move(transport));
}

void Router::open_websocket(const Pending& exchange, const std::shared_ptr<Session>& session) {
  Connection& connection = exchange->connection();
  WebSocketStage* stage = switch_to_websocket(exchange, true);
  if (!stage) return session->close_now();
  auto transport = std::make_unique<WebSocketTransport>(*session, connection.shared_from_this(),
                                                        *stage, wants_base64(exchange->request()));
  connection.io().engine.open(*session, std::move(transport));
}

void Router::refuse(const Pending& exchange, const Admission& admission) {
  const Request& request = exchange->request();
  if (options_.on_connection_error) {
    call_guarded(options_.log, [&] {
      options_.on_connection_error(
          {request, admission.error, admission.message(), admission.context});
    });
  }
  IoLoop& io = exchange->connection().io();
  const bool guessed = admission.error == AdmissionError::session_id_unknown;
  io.log_some(guessed ? io.unknown_session_lines : io.refused_client_lines, LogLevel::info,
              "refused a request of " + request.remote_address + ": " +
                  engineio::detail::loggable(admission.message()) + " (" + admission.context + ')');
  if (is_websocket_upgrade(request, options_))
    return respond_upgrade_refused(exchange, 400, admission.message());
  HttpResponse response{.status = http_status(admission.error),
                        .body = error_body(admission.error, admission.own_message),
                        .content_type = "application/json"};
  add_cors_headers(response.headers, options_, request);
  exchange->respond(response);
}

void Router::respond_upgrade_refused(const Pending& exchange, int status, std::string_view text,
                                     std::vector<HeaderField> headers) {
  exchange->respond({.status = status,
                     .headers = std::move(headers),
                     .body = std::string(text),
                     .content_type = "text/html",
                     .close = true});
}

}  // namespace engineio::transports
