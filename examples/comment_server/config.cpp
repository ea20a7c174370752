#include "examples/comment_server/config.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace comment_server {
namespace {

using std::chrono::milliseconds;

constexpr int bad_usage = 2;
constexpr std::size_t no_limit = std::numeric_limits<std::int64_t>::max();

/// A setting that contradicts another one.
class Contradiction : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Declares flags: each also as a variable of the environment, with its default in --help.
class Flags {
 public:
  explicit Flags(CLI::App& app) : app_(app) {}

  void group(std::string name) { group_ = std::move(name); }

  void text(const std::string& name, std::string& value, const std::string& type,
            const std::string& help) {
    dress(app_.add_option("--" + name, value, help), name)->type_name(type);
  }

  void list(const std::string& name, std::vector<std::string>& values, const std::string& type,
            const std::string& help) {
    auto* option = app_.add_option("--" + name, values, help)->delimiter(',');
    dress(option, name)->type_name(type)->expected(1)->take_all();
  }

  void toggle(const std::string& name, bool& value, const std::string& help) {
    dress(app_.add_flag("--" + name, value, help), name);
  }

  template <typename Number>
  void number(const std::string& name, Number& value, const std::string& help,
              std::size_t least = 0, std::size_t most = no_limit) {
    most = std::min<std::size_t>(most, std::numeric_limits<Number>::max());
    auto* option = app_.add_option("--" + name, value, help)->capture_default_str();
    dress(option, name)->type_name("N")->check(whole_number(least, most));
  }

  void duration(const std::string& name, milliseconds& value, const std::string& help,
                std::size_t least = 1) {
    auto* option = app_.add_option_function<std::int64_t>(
        "--" + name, [&value](std::int64_t given) { value = milliseconds(given); }, help);
    option->default_str(std::to_string(value.count()));
    dress(option, name)
        ->type_name("MS")
        ->check(whole_number(least, engineio::longest_duration.count()));
  }

  template <typename Choice>
  void choice(const std::string& name, Choice& value, const std::map<std::string, Choice>& choices,
              const std::string& help) {
    std::string type;
    std::string current;
    for (const auto& [word, meaning] : choices) {
      type += (type.empty() ? "" : "|") + word;
      if (meaning == value) current = word;
    }
    const auto check = [choices, type](const std::string& given) {
      return choices.contains(given) ? "" : "must be one of " + type + ", not \"" + given + "\"";
    };
    auto* option = app_.add_option_function<std::string>(
        "--" + name, [&value, choices](const std::string& given) { value = choices.at(given); },
        help);
    dress(option, name)->default_str(current)->type_name(type)->check(check);
  }

 private:
  CLI::Option* dress(CLI::Option* option, const std::string& name) {
    std::string variable = "COMMENT_SERVER_" + name;
    for (char& c : variable) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
      if (c == '-') c = '_';
    }
    return option->envname(variable)->group(group_);
  }

  static std::function<std::string(const std::string&)> whole_number(std::size_t least,
                                                                     std::size_t most) {
    return [least, most](const std::string& given) -> std::string {
      std::size_t number = 0;
      const char* end = given.data() + given.size();
      const auto [stop, error] = std::from_chars(given.data(), end, number);
      if (error == std::errc() && stop == end && number >= least && number <= most) return {};
      std::string range = " from " + std::to_string(least);
      if (most < no_limit) range += " to " + std::to_string(most);
      return "must be a whole number" + range + ", not \"" + given + "\"";
    };
  }

  CLI::App& app_;
  std::string group_;
};

void add_server_flags(Flags& flags, Config& config, socketio::Tls& tls, engineio::Cors& cors) {
  flags.group("Server");
  flags.text("host", config.host, "ADDRESS",
             "Address to listen on (default: every one, IPv6 and IPv4)");
  flags.number("port", config.port, "Port to listen on; 0 picks a free one");
  flags.number("threads", config.server.threads, "Threads that serve clients; 0: one per core", 0,
               1024);
  flags.text("tls-cert", tls.certificate_file, "FILE",
             "Certificate chain in PEM; with --tls-key: serves https and wss");
  flags.text("tls-key", tls.private_key_file, "FILE", "Private key in PEM");
  flags.list("cors-origin", cors.origins, "ORIGIN",
             "Origin whose pages may use this server, such as https://example.com; several: "
             "comma separated or repeated; * for every origin");
  flags.toggle("cors-credentials", cors.credentials,
               "Those pages may send cookies along; not with *");
  flags.toggle("bind-sessions-to-address", config.server.engine.bind_sessions_to_address,
               "Serve a session only to the address that opened it; of no use behind a proxy");
  flags.duration("grace-period", config.grace_period,
                 "How long clients and the database get to finish after SIGTERM or SIGINT", 0);
  flags.text("page-dir", config.page_folder, "FOLDER",
             "The page to serve (default: the one beside the program)");
  flags.text("client-dir", config.server.serve_client, "FOLDER",
             "The Socket.IO client for browsers (default: the one beside the program)");
}

void add_comment_flags(Flags& flags, Config& config) {
  flags.group("Comments");
  flags.text("db", config.store.path, "FILE",
             "SQLite database of the comments; :memory: forgets them at the end");
  flags.number("db-max-bytes", config.store.max_file_bytes,
               "Size at which it takes no more comments; 0: when the disk is full");
  flags.duration("db-lock-timeout", config.store.lock_patience,
                 "How long to wait while another program locks it", 0);
  flags.number("db-queue", config.store.max_queued_comments,
               "Comments that may wait for the disk; more are refused", 1);
  flags.number("max-waiting-comments", config.waiting_comments,
               "Comments of one client that may wait for it", 1);
  flags.number("db-queue-bytes", config.store.max_queued_bytes,
               "Bytes of comments that may wait for the disk", 1);
  flags.number("db-queue-histories", config.store.max_queued_histories,
               "Pages that may wait for their comments; more open without", 1);
  flags.number("history-count", config.history.comments,
               "Comments that a page gets when it opens; 0: none", 0, 10'000);
  flags.number("history-bytes", config.history.bytes,
               "Most bytes of all of these; a bigger comment is refused");
  flags.number("max-comment-bytes", config.max_comment_bytes,
               "Longest comment, in UTF-8 bytes of its JSON text; longer ones are refused", 1);
}

void add_log_flags(Flags& flags, Config& config) {
  flags.group("Log, on standard error");
  flags.choice<LogLevel>("log-level", config.log.level,
                         {{"debug", LogLevel::debug},
                          {"info", LogLevel::info},
                          {"warning", LogLevel::warning},
                          {"error", LogLevel::error},
                          {"off", LogLevel::off}},
                         "The least grave events to log");
  flags.choice<LogFormat>("log-format", config.log.format,
                          {{"text", LogFormat::text}, {"json", LogFormat::json}},
                          "Lines for people, or one JSON object a line");
}

void add_protocol_flags(Flags& flags, socketio::Options& server) {
  flags.group("Protocol");
  flags.duration("ping-interval", server.engine.ping_interval,
                 "From a client's pong to the next ping");
  flags.duration("ping-timeout", server.engine.ping_timeout, "For the pong");
  flags.duration("upgrade-timeout", server.engine.upgrade_timeout, "For an upgrade to WebSocket");
  flags.duration("connect-timeout", server.connect_timeout,
                 "For the first namespace of a connection");
  flags.number("max-payload", server.engine.max_payload,
               "Bytes of an HTTP body or a WebSocket message from a client", 1);
}

void add_packet_limits(Flags& flags, socketio::Limits& limits) {
  flags.group("Limits of a client's packets");
  flags.number("max-attachments", limits.attachments, "Binary values in one packet");
  flags.duration("attachment-timeout", limits.attachment_timeout,
                 "For all of a packet's binary values");
  flags.number("max-json-depth", limits.json_depth, "Nested arrays and objects", 1, 2048);
  flags.number("max-event-name-bytes", limits.event_name_bytes, "Length of an event's name", 1);
  flags.number("max-auth-bytes", limits.connect_payload_bytes, "What a client says of itself", 2);
  flags.number("max-namespace-bytes", limits.namespace_bytes, "Length of a namespace's name", 1);
  flags.number("max-namespaces", limits.namespaces_per_client, "Namespaces of one connection", 1);
  flags.number("max-events-per-second", limits.events_per_second,
               "Events of one connection; 0: off");
}

void add_transport_limits(Flags& flags, engineio::Limits& limits) {
  flags.group("Limits of connections");
  flags.number("max-sessions", limits.sessions,
               "Clients at a time; 0: as many as the process may have descriptors (ulimit -n)");
  flags.number("max-connections-per-address", limits.connections_per_address,
               "TCP connections of one address; 0: off");
  flags.number("max-sessions-per-second-per-address", limits.sessions_per_second_per_address,
               "New clients of one address; 0: off");
  flags.number("max-unknown-sessions-per-second-per-address",
               limits.unknown_sessions_per_second_per_address,
               "Requests of one address for sessions that there are not; 0: off");
  flags.number("max-packets-per-second", limits.packets_per_second,
               "Packets of one client; 0: off");
  flags.number("max-packets-per-turn", limits.packets_per_turn,
               "Packets of one client before others get their turn", 1);
  flags.duration(
      "turn-time", limits.turn_time,
      "What is done at a stretch for clients that send much, before others get their turn");
  flags.number("send-queue-hard-bytes", limits.send_queue_hard_bytes,
               "Unsent bytes of a client, and 128 a packet, over which it is closed", 1);
  flags.number("max-fragments", limits.message_fragments, "Frames of one WebSocket message", 1);
  flags.duration("assembly-timeout", limits.assembly_timeout, "For all frames of a message");
  flags.number("max-queued-pongs", limits.queued_pongs, "Unsent answers to WebSocket pings", 1);
  flags.number("max-header-bytes", limits.header_bytes, "Request line and header fields", 64);
  flags.number("max-header-fields", limits.header_fields, "Number of header fields", 1);
  flags.duration("header-timeout", limits.header_timeout, "For the head of a request");
  flags.duration("body-timeout", limits.body_timeout, "For its body");
  flags.number("min-body-bytes-per-second", limits.body_bytes_per_second,
               "Least pace of a body after five seconds; 0: any");
  flags.number("max-pipelined-bytes", limits.pipelined_bytes, "Requests sent ahead of their turn");
  flags.duration("keep-alive-timeout", limits.keep_alive_timeout, "For the next request");
  flags.duration("tls-timeout", limits.tls_handshake_timeout, "For a TLS handshake");
  flags.duration("close-timeout", limits.close_timeout, "For a client's part of a close");
}

bool is_origin(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  const std::string_view host = text.substr(scheme + 3);
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return !host.empty() && host.find_first_of("/?#@ *") == std::string_view::npos &&
         std::none_of(text.begin(), text.end(), upper);
}

void check_cors(const engineio::Cors& cors) {
  const bool any = std::count(cors.origins.begin(), cors.origins.end(), "*") > 0;
  if (any && cors.origins.size() > 1) {
    throw Contradiction(
        "--cors-origin: * stands for every origin, it cannot have others beside it");
  }
  if (any && cors.credentials) {
    throw Contradiction("--cors-credentials: not with --cors-origin *, name the origins instead");
  }
  if (cors.credentials && cors.origins.empty()) {
    throw Contradiction("--cors-credentials: needs --cors-origin");
  }
  for (const std::string& origin : cors.origins) {
    if (any || origin == "null" || is_origin(origin)) continue;
    throw Contradiction(
        "--cors-origin: an origin is a scheme, a host and maybe a port, all in lower case, as in "
        "https://example.com:8443, not \"" +
        origin + "\"");
  }
}

/// Puts the parts that stand in no flag's own place into the configuration.
void finish(Config& config, socketio::Tls tls, engineio::Cors cors) {
  if (tls.certificate_file.empty() != tls.private_key_file.empty()) {
    throw Contradiction("--tls-cert and --tls-key: one needs the other");
  }
  if (!tls.certificate_file.empty()) config.server.tls = std::move(tls);
  check_cors(cors);
  if (!cors.origins.empty()) {
    cors.reflect = cors.origins.front() != "*";
    config.server.engine.cors = std::move(cors);
  }
  config.server.shutdown_timeout =
      std::min(config.server.shutdown_timeout, std::chrono::milliseconds(config.grace_period / 2));
  if (config.history.comments > 0 && config.max_comment_bytes > config.history.bytes)
    throw Contradiction("--max-comment-bytes: must not be over --history-bytes");
  if (config.store.path.empty())
    throw Contradiction("--db: is empty; :memory: keeps comments in memory");
}

Invocation refused(const std::string& why) {
  return {.config = {},
          .text = "comment-server: " + why + " (--help lists the flags)",
          .exit_code = bad_usage};
}

}  // namespace

Invocation parse_invocation(int count, const char* const* arguments) {
  CLI::App app("Serves a page of live comments over Socket.IO, and any Socket.IO client beside it.",
               "comment-server");
  app.set_version_flag("--version", "comment-server " SOCKETIO_VERSION);
  app.set_help_flag("-h,--help", "Print this and exit");
  app.get_formatter()->column_width(44);
  app.footer(
      "Each flag may also be given by its variable of the environment; the flag counts if both "
      "are.");

  Config config;
  socketio::Tls tls;
  engineio::Cors cors;
  Flags flags(app);
  add_server_flags(flags, config, tls, cors);
  add_comment_flags(flags, config);
  add_log_flags(flags, config);
  add_protocol_flags(flags, config.server);
  add_packet_limits(flags, config.server.limits);
  add_transport_limits(flags, config.server.engine.limits);
  try {
    app.parse(count, arguments);
    finish(config, std::move(tls), std::move(cors));
  } catch (const CLI::CallForHelp&) {
    return {.config = {}, .text = app.help(), .exit_code = 0};
  } catch (const CLI::CallForVersion& asked) {
    return {.config = {}, .text = std::string(asked.what()) + "\n", .exit_code = 0};
  } catch (const CLI::ParseError& error) {
    return refused(error.what());
  } catch (const Contradiction& error) {
    return refused(error.what());
  }
  return {.config = std::move(config), .text = {}, .exit_code = 0};
}

}  // namespace comment_server
