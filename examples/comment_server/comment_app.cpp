#include "examples/comment_server/comment_app.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "examples/comment_server/history.hpp"

namespace comment_server {
namespace {

using socketio::Args;
using socketio::RawArgs;
using socketio::Socket;

constexpr std::size_t typist_name_bytes = 256;
constexpr std::string_view no_value = "null";  // what a relay makes of `undefined`

/// What the server knows of a client.
struct Visitor {
  Place place;
  // Its comments that the store has not committed. The store's thread counts down.
  std::shared_ptr<std::atomic<std::size_t>> waiting = std::make_shared<std::atomic<std::size_t>>(0);
};

const Place& place_of(const Socket& socket) { return socket.data<Visitor>().place; }

Args error_reply(std::string_view why) {
  boost::json::object answer;
  answer["error"] = why;
  Args args;
  args.values.push_back(std::move(answer));
  return args;
}

std::string_view value_of(const RawArgs& args) { return args.empty() ? no_value : args[0]; }

std::int64_t number(std::size_t size) { return static_cast<std::int64_t>(size); }

std::string above(std::size_t size, std::size_t limit, std::string_view unit = {}) {
  return std::to_string(size) + std::string(unit) + ", the limit is " + std::to_string(limit);
}

/// A history ends at the first comment that does not fit: one that never does would hide all that
/// is older from everybody who comes later.
std::string hides_history(const StoredComment& comment, const HistoryLimits& limits) {
  if (limits.comments == 0) return {};
  if (comment.attachments.size() > limits.attachments) {
    return "the comment has too many binary values: " +
           above(comment.attachments.size(), limits.attachments);
  }
  if (comment.size_bytes() > limits.bytes)
    return "the comment is too big: it has " + above(comment.size_bytes(), limits.bytes, " bytes");
  if (repeats_attachments(comment))
    return "the comment has more places for binary values than binary values";
  return {};
}

}  // namespace

CommentApp::CommentApp(socketio::Server& io, CommentStore& store, Log& log,
                       const Settings& settings)
    : io_(io),
      store_(store),
      log_(log),
      settings_(settings),
      presence_(settings.online_pause, [this](const Place& place, std::size_t people) {
        io_.of(place.name_space).to(place.room).emit("online", people);
      }) {
  for (const char* name : {"/", "/comment"}) serve(io_.of(name));
}

void CommentApp::serve(socketio::Namespace& nsp) {
  nsp.on_connection([this](const Socket& socket) { welcome(socket); });
  nsp.on_disconnect(
      [this](const Socket& socket, socketio::DisconnectReason reason) { see_off(socket, reason); });
  nsp.on("comment", [this](const Socket& socket, const RawArgs& args, const Reply& reply) {
    take(socket, args, reply);
  });
  nsp.on("message",
         [this](const Socket& socket, const RawArgs& args) { log_message(socket, args); });
  nsp.on("typing", [](const Socket& socket, const std::string& name) {
    if (name.size() <= typist_name_bytes)
      socket.to(place_of(socket).room).volatile_().emit("typing", name);
  });
}

void CommentApp::welcome(const Socket& socket) {
  Place& place = socket.data<Visitor>().place;
  place = {socket.nsp(), socket.handshake().room_url()};
  log_.debug("connected", {{"namespace", place.name_space},
                           {"room", place.room},
                           {"socket", socket.id()},
                           {"address", socket.handshake().address()},
                           {"origin", socket.handshake().request().header("origin")}});
  socket.join(place.room);
  presence_.arrive(place);
  store_.load(
      place, settings_.history,
      [&log = log_, socket](const std::string& error, const CommentStore::History& comments) {
        if (!socket.connected()) return;
        if (error.empty()) {
          socket.emit("history", HistoryEvent{comments});
        } else {
          log.write_some(LogLevel::warning, "no history",
                         {{"socket", socket.id()}, {"reason", error}});
        }
      },
      [socket] { return socket.connected(); });
}

void CommentApp::see_off(const Socket& socket, socketio::DisconnectReason reason) {
  const Place& place = place_of(socket);
  presence_.leave(place);
  log_.debug("disconnected", {{"namespace", place.name_space},
                              {"room", place.room},
                              {"socket", socket.id()},
                              {"reason", to_string(reason)}});
}

void CommentApp::take(const Socket& socket, const RawArgs& args, const Reply& reply) {
  const Place& place = place_of(socket);
  const std::string refusal = queue(socket, args, reply);
  const std::initializer_list<LogField> fields = {
      {"namespace", place.name_space},
      {"room", place.room},
      {"socket", socket.id()},
      {"address", socket.handshake().address()},
      {"bytes", number(value_of(args).size())},
      {refusal.empty() ? "value" : "reason", refusal.empty() ? value_of(args) : refusal}};
  if (!refusal.empty()) {
    log_.write_some(LogLevel::info, "comment refused", fields);
    reply(error_reply(refusal));
    return;
  }
  log_.info("comment", fields);
  socket.emit("thanks", "Thank you for your comment.");
  if (args.empty()) {
    socket.to(place.room).emit("comment", nullptr);
  } else {
    socket.to(place.room).emit("comment", args);
  }
}

/// Hands the comment to the store. Returns why not, in words for its writer, or nothing.
std::string CommentApp::queue(const Socket& socket, const RawArgs& args, const Reply& reply) {
  if (args.size() > 1) return "a comment is one value, this one has " + std::to_string(args.size());
  const std::string_view value = value_of(args);
  if (value.size() > settings_.max_comment_bytes) {
    return "the comment is too long: it has " +
           above(value.size(), settings_.max_comment_bytes, " bytes");
  }
  const auto attachments = args.attachments();
  StoredComment comment{.json = std::string(value),
                        .attachments = {attachments.begin(), attachments.end()}};
  std::string refusal = hides_history(comment, settings_.history);
  if (!refusal.empty()) return refusal;
  // Or one client could fill the queue that all share.
  const auto waiting = socket.data<Visitor>().waiting;
  if (waiting->load() >= settings_.waiting_comments)
    return "too many comments of yours wait to be written";
  ++*waiting;
  refusal =
      store_.save(place_of(socket), std::move(comment),
                  [&log = log_, reply, waiting](const std::string& error) {
                    --*waiting;
                    if (error.empty()) {
                      reply(Args{});
                    } else {
                      log.write_some(LogLevel::error, "comment not saved", {{"reason", error}});
                      reply(error_reply("the comment could not be saved"));
                    }
                  });
  if (!refusal.empty()) --*waiting;
  return refusal;
}

void CommentApp::log_message(const Socket& socket, const RawArgs& args) {
  const Place& place = place_of(socket);
  log_.write_some(LogLevel::info, "message",
                  {{"namespace", place.name_space},
                   {"room", place.room},
                   {"socket", socket.id()},
                   {"address", socket.handshake().address()},
                   {"value", args.text()}});
}

}  // namespace comment_server
