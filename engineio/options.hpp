#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/error.hpp"
#include "engineio/request.hpp"
#include "engineio/transport.hpp"

namespace engineio {

using std::chrono::milliseconds;

/// Cross-origin rules, in the terms of the `cors` option of JavaScript servers. The same list
/// guards WebSocket upgrades: a browser sends those without asking first.
struct Cors {
  /// Allowed origins, compared exactly (scheme, host and port). `{"*"}`: every origin; empty: none,
  /// other than `cors: {}` in JavaScript.
  std::vector<std::string> origins;
  /// One origin in `origins` answers with that literal whoever asks, as a string does in
  /// JavaScript; several, or true here, answer with the request's own origin when it is listed.
  bool reflect = false;
  bool credentials = false;  ///< Access-Control-Allow-Credentials; refused together with "*"
  std::string methods = "GET,HEAD,PUT,PATCH,POST,DELETE";
  std::string allowed_headers = {};  ///< comma separated; empty: what the preflight asks for
  std::string exposed_headers = {};
  std::optional<long> max_age_seconds = {};
  int success_status = 204;  ///< status of a preflight's answer
};

/// The answer of `allow_request`.
struct Decision {
  bool allowed = true;
  std::string message = {};  ///< sent to a refused client; empty: "Forbidden"
};
/// Answers a pending `allow_request`, once, from any thread. Later calls do nothing, nor do calls
/// after the server's end; one that is thrown away uncalled refuses.
using DecisionCallback = std::function<void(Decision)>;

/// A failed admission: what the `connection_error` event of JavaScript servers carries.
struct ConnectionError {
  const Request& request;
  AdmissionError code;
  std::string_view message;
  std::string_view context;  ///< what the check looked at: the transport, the session id
                             ///< (shortened), the method …
};

/// How grave a line of the log is.
enum class LogLevel : unsigned char { debug, info, warning, error };
/// Receives the library's log lines: one line each, no line breaks, client text escaped and cut.
/// Any loop's thread. What it throws is lost. Without one, warnings and errors go to standard
/// error; one that does nothing is silence.
using LogCallback = std::function<void(LogLevel, std::string_view line)>;

/// The longest time that an option can have, 24 days: what the timers of JavaScript can wait.
inline constexpr milliseconds longest_duration{2'147'483'647};

/// What a server bears from its clients. Every limit can be reached exactly; one more is over it.
struct Limits {
  std::size_t header_bytes = 16 * 1024;  ///< request line and header fields; over: 431, close
  std::size_t header_fields = 100;       ///< number of header fields; over: 431, close
  milliseconds header_timeout{
      10'000};  ///< for a request's head, from the connection or the first byte; over: 408, close
  milliseconds body_timeout{
      15'000};  ///< for a request's body, unless it keeps its pace; over: 408, close
  std::size_t body_bytes_per_second =
      500;  ///< least pace of a body after its first five seconds, at body_timeout and then in each
            ///< five seconds; 0: any, as long as something comes
  milliseconds keep_alive_timeout{65'000};  ///< a connection without a request, or that takes
                                            ///< nothing of its answer; over: closed
  milliseconds tls_handshake_timeout{10'000};
  milliseconds close_timeout{
      30'000};  ///< for the client's part of a close: its close frame, or its next poll
  std::size_t pipelined_bytes =
      16 * 1024;  ///< following requests held back while one is worked on; then reading stops
  std::size_t message_fragments =
      16'384;  ///< frames of one WebSocket message, empty ones too; over: close 1008
  milliseconds assembly_timeout{
      30'000};  ///< from a WebSocket message's first byte to its last; over: close 1008
  std::size_t queued_pongs = 16;         ///< unsent answers to WebSocket pings; more: reading stops
  std::size_t packets_per_turn = 1'000;  ///< packets of one session before others get their turn
  milliseconds turn_time{5};  ///< once a turn of the loop has taken so long, a session with more
                              ///< packets than eight goes on in the next one
  std::size_t send_queue_hard_bytes =
      8'000'000;  ///< unsent bytes over which the session is closed, with 128 more for each packet
                  ///< that waits
  std::size_t sessions =
      0;  ///< sessions of the whole server; over: 503. 0: as many as the process may have
          ///< descriptors when the server is made, though those that poll hold none in between
  std::size_t connections_per_address =
      0;  ///< TCP connections of one address (IPv6: of one /64); over: closed. 0: off
  std::size_t sessions_per_second_per_address =
      0;  ///< new sessions of one address; over: 429. 0: off
  std::size_t unknown_sessions_per_second_per_address =
      0;  ///< requests of one address that name no session; over: 429, also when they name one that
          ///< another address opened. 0: off
  std::size_t packets_per_second = 0;  ///< packets of one session; over: closed. 0: off
};

/// Adds or changes response header fields; a name may come several times. Called on the loop of the
/// request's session while the response is made, so it may send to that session, which leaves with
/// the next response, and close it. What it throws goes to the log.
using HeadersCallback =
    std::function<void(std::vector<HeaderField>& headers, const Request& request)>;

/// Settings of the Engine.IO layer. Defaults are those of JavaScript servers unless security asks
/// for another.
struct Options {
  std::string path = "/engine.io";       ///< a trailing slash is added; requests match by prefix
  bool add_trailing_slash = true;        ///< false: the path as it is, without a slash at its end
  milliseconds ping_interval{25'000};    ///< between a pong and the next ping
  milliseconds ping_timeout{20'000};     ///< for the pong
  milliseconds upgrade_timeout{10'000};  ///< for an upgrade, from the WebSocket's opening
  std::size_t max_payload = 1'000'000;   ///< bytes of a polling body or a WebSocket message
                                         ///< (maxHttpBufferSize); up to 4 GB
  std::vector<TransportKind> transports = {TransportKind::polling, TransportKind::websocket};
  /// A session's requests must come from the address (IPv6: the /64) that opened it; for others
  /// it is unknown. Clients that change networks then begin anew. Of no use behind a proxy.
  bool bind_sessions_to_address = false;
  bool allow_upgrades = true;  ///< offer the upgrade in the open packet
  /// None: no CORS headers, and any origin may open a WebSocket. The type is to be named:
  /// `{.cors = engineio::Cors{.origins = {"https://example.com"}}}`.
  std::optional<Cors> cors = {};
  Limits limits = {};

  /// A text message that every client gets right after the open packet, in the same payload. Empty:
  /// none.
  std::string initial_packet = {};
  /// Decides over each handshake (not over later requests of a session): reply once, now or later.
  /// Unset: all allowed.
  std::function<void(const Request&, DecisionCallback reply)> allow_request = {};
  /// Makes session ids in place of 120 random bits. Throwing refuses the handshake with "Bad
  /// request".
  std::function<std::string(const Request&)> generate_id = {};
  /// For the response that opens a session (the first poll's, or the WebSocket's 101).
  HeadersCallback initial_headers = {};
  /// For every 200 of polling and every 101; not for refusals.
  HeadersCallback headers = {};
  std::function<void(const ConnectionError&)> on_connection_error = {};
  LogCallback log = {};
};

/// Checks settings once, when a server is made. Throws std::invalid_argument, saying what is wrong
/// in words for the log: a time that is negative or over longest_duration, no time for the
/// heartbeat, more payload than 4 GB, no transport, a path that can't come, CORS rules that
/// contradict each other.
void validate(const Options& options);
/// The same for one time, by its name; `least` is allowed.
void check_duration(const char* name, milliseconds value, milliseconds least = milliseconds(0));

}  // namespace engineio
