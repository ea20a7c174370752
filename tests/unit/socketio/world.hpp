#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "engineio/engine.hpp"
#include "engineio/loop.hpp"
#include "engineio/session.hpp"
#include "engineio/transport.hpp"
#include "socketio/detail/server_core.hpp"
#include "socketio/namespace.hpp"
#include "socketio/options.hpp"

// A Socket.IO server without a network: clients are scripts of wire text, loops run when the test
// says so.

namespace socketio::testing {

using Wire = std::vector<std::string>;

/// Records what is sent. Over "polling" it is writable while a poll is pending, over "websocket"
/// always until told otherwise.
class FakeTransport final : public engineio::Transport {
 public:
  struct Record {
    Wire sent;
    bool writable = true;
    bool closed = false;
    bool unsent = false;
    engineio::PacketTrail trail;
  };

  FakeTransport(engineio::TransportKind kind, std::shared_ptr<Record> record)
      : kind_(kind), record_(std::move(record)) {}

  engineio::TransportKind kind() const noexcept override { return kind_; }
  bool writable() const noexcept override { return record_->writable; }
  void send(std::span<const engineio::Block> batch) override {
    for (const engineio::Block& block : batch) {
      const bool binary = block.kind() == engineio::BlockKind::binary;
      record_->sent.push_back((binary ? "<" : "") + std::string(block.payload()) +
                              (binary ? ">" : ""));
    }
    if (kind_ == engineio::TransportKind::polling) record_->writable = false;
  }
  std::size_t unsent_bytes() const noexcept override { return 0; }
  void set_trail(const engineio::PacketTrail& trail) override { record_->trail = trail; }
  bool close() override {
    record_->closed = record_->writable;
    return record_->closed;
  }

 private:
  engineio::TransportKind kind_;
  std::shared_ptr<Record> record_;
};

class World;

/// One client: what it sends goes in as wire text without Engine.IO's type, what it receives comes
/// out with it.
class TestClient {
 public:
  TestClient(World& world, std::size_t loop, engineio::TransportKind kind, std::string url);

  /// Messages of one turn: text as it is, binary between < and >.
  TestClient& send_all(const Wire& messages);
  TestClient& send(std::string message) { return send_all(Wire{std::move(message)}); }
  /// What came since the last call; heartbeats and the open packet are left out.
  Wire received();
  /// The network breaks, or the client goes away in order.
  void fail(std::string description);
  void leave();
  /// A poll arrives.
  void poll();
  /// Joins a namespace and returns the socket's id; `auth` as JSON.
  std::string join(std::string nsp = "/", std::string auth = {});

  bool closed() const { return record_->closed || session_.expired(); }
  /// Whose memory is fetched ahead of a packet.
  const engineio::PacketTrail& trail() const { return record_->trail; }
  void set_writable(bool writable) { record_->writable = writable; }
  std::shared_ptr<engineio::Session> session() const { return session_.lock(); }

 private:
  void with_session(const std::function<void(engineio::Session&)>& function);

  World& world_;
  std::size_t loop_;
  std::shared_ptr<FakeTransport::Record> record_ = std::make_shared<FakeTransport::Record>();
  std::weak_ptr<engineio::Session> session_;
};

/// Loops, engines and a ServerCore on them.
class World {
 public:
  explicit World(Options options = {}, std::size_t loops = 1)
      : World(std::move(options), loops, nullptr) {}
  /// On the test's own io_context.
  explicit World(boost::asio::io_context& context) : World({}, 1, &context) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World() {
    core_->close();
    for (const auto& unit : units_) unit->engine->close();
    run();
    for (const auto& unit : units_) unit->engine.reset();
    units_.clear();
  }

  Namespace& of(std::string_view name) { return core_->of(name).facade(); }
  Namespace& main() { return of("/"); }
  detail::ServerCore& core() { return *core_; }
  engineio::Loop& loop(std::size_t index = 0) { return units_[index]->loop; }
  engineio::Engine& engine(std::size_t index = 0) { return *units_[index]->engine; }
  const Wire& log() const { return log_; }

  TestClient client(std::size_t loop = 0, std::string url = {}) {
    return client(engineio::TransportKind::websocket, std::move(url), loop);
  }
  TestClient polling_client() { return client(engineio::TransportKind::polling, {}, 0); }

  /// Runs a function on a loop, as a handler would be.
  void at(std::size_t index, const std::function<void()>& function) {
    loop(index).post([&] { function(); });
    run();
  }
  /// Runs everything that is ready, on all loops.
  void run() {
    for (bool again = true; again;) {
      again = false;
      for (const auto& unit : units_) again = unit->turn() || again;
    }
  }
  /// Runs until `done`; time passes as it does. For the shortest of time-outs only.
  template <class Predicate>
  void run_until(Predicate done) {
    while (!done()) {
      run();
      if (!done()) units_.front()->context.run_one();
    }
    run();
  }

 private:
  World(Options options, std::size_t loops, boost::asio::io_context* context)
      : options_(std::move(options)) {
    options_.engine.log = [this](engineio::LogLevel, std::string_view line) {
      log_.emplace_back(line);
    };
    std::vector<engineio::Loop*> all;
    for (std::size_t i = 0; i < loops; ++i) {
      units_.push_back(std::make_unique<Unit>(i, loops, context));
      all.push_back(&units_.back()->loop);
    }
    core_ = std::make_unique<detail::ServerCore>(options_, all);
    for (const auto& unit : units_) {
      unit->engine = std::make_unique<engineio::Engine>(
          unit->loop, options_.engine,
          [this](engineio::Session& session) { return core_->make_client(session); }, sessions_);
    }
  }

  TestClient client(engineio::TransportKind kind, std::string url, std::size_t loop) {
    core_->freeze();
    return TestClient(*this, loop, kind, std::move(url));
  }

  struct Unit {
    Unit(std::size_t index, std::size_t count, boost::asio::io_context* borrowed)
        : own(borrowed ? nullptr : std::make_unique<boost::asio::io_context>(1)),
          context(borrowed ? *borrowed : *own),
          loop(context, index, count) {}
    bool turn() {
      context.restart();
      return context.poll() != 0;
    }

    std::unique_ptr<boost::asio::io_context> own;
    boost::asio::io_context& context;
    engineio::Loop loop;
    std::unique_ptr<engineio::Engine> engine;
  };

  Options options_;
  Wire log_;
  std::atomic<std::size_t> sessions_ = 0;
  std::vector<std::unique_ptr<Unit>> units_;
  std::unique_ptr<detail::ServerCore> core_;
};

/// A test of what one client and its handlers do.
class OneClient : public ::testing::Test {
 protected:
  explicit OneClient(Options options = {}) : world_(std::move(options)) {}

  /// The client, once it is in the main namespace. To be called when the handlers are there.
  TestClient& joined() {
    client_.emplace(world_.client());
    client_->join();
    client_->received();
    return *client_;
  }

  Wire calls_;  // what handlers write down
  World world_;
  std::optional<TestClient> client_;
};

inline TestClient::TestClient(World& world, std::size_t loop, engineio::TransportKind kind,
                              std::string url)
    : world_(world), loop_(loop) {
  engineio::Request request;
  request.target =
      url.empty() ? "/socket.io/?EIO=4&transport=" + std::string(to_string(kind)) : std::move(url);
  const auto shared = std::make_shared<const engineio::Request>(std::move(request));
  world_.at(loop_, [&] {
    engineio::Engine& engine = world_.engine(loop_);
    const auto session = engine.create(engine.new_id(*shared), shared);
    session_ = session;
    engine.open(*session, std::make_unique<FakeTransport>(kind, record_));
  });
  poll();
  received();
}

inline TestClient& TestClient::send_all(const Wire& messages) {
  with_session([&](engineio::Session& session) {
    for (const std::string& message : messages) {
      if (!session.transport()) return;
      const engineio::Block block =
          message.starts_with('<')
              ? engineio::Block::copy_of(std::string_view(message).substr(1, message.size() - 2),
                                         engineio::BlockKind::binary)
              : engineio::Block::copy_of('4' + message);
      session.sink().on_packet(*session.transport(), engineio::packet_of(block));
    }
  });
  return *this;
}

inline Wire TestClient::received() {
  world_.run();
  Wire out = std::move(record_->sent);
  record_->sent.clear();
  std::erase_if(
      out, [](const std::string& packet) { return packet == "2" || packet.starts_with("0{"); });
  return out;
}

inline void TestClient::fail(std::string description) {
  with_session([&](engineio::Session& session) {
    session.sink().on_failed(*session.transport(), description);
  });
}

inline void TestClient::leave() {
  with_session([](engineio::Session& session) { session.sink().on_closed(*session.transport()); });
}

inline void TestClient::poll() {
  record_->writable = true;
  with_session([](engineio::Session& session) { session.sink().on_drained(*session.transport()); });
}

inline std::string TestClient::join(std::string nsp, std::string auth) {
  const std::string prefix = nsp == "/" ? "0" : "0" + nsp + ",";
  send(prefix + auth);
  const Wire answer = received();
  const auto found = std::find_if(answer.begin(), answer.end(), [&](const std::string& packet) {
    return packet.starts_with("4" + prefix + "{\"sid\":\"");
  });
  for (auto later = answer.end(); found != answer.end() && later != found + 1;) {
    record_->sent.insert(record_->sent.begin(), *--later);  // for the next received()
  }
  return found == answer.end() ? std::string{} : found->substr(prefix.size() + 1 + 8, 20);
}

inline void TestClient::with_session(const std::function<void(engineio::Session&)>& function) {
  world_.at(loop_, [&] {
    if (const auto session = session_.lock(); session && session->transport()) function(*session);
  });
}

}  // namespace socketio::testing
