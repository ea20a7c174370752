#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/engine.hpp"
#include "engineio/session.hpp"

namespace engineio {

using Lines = std::vector<std::string>;

/// A transport that does what the test says and notes what the session asks of it. The test owns
/// the state, the session owns the transport.
class FakeTransport final : public Transport {
 public:
  struct State {
    bool writable = true;
    bool gathers = false;
    bool blocks_after_send = false;  ///< a send makes it unwritable, as a poll's answer does
    bool goodbye_leaves = true;      ///< what close() returns
    std::size_t unsent_bytes = 0;
    PacketTrail trail;
    Lines calls;                     ///< "send 4a 4b", "close", "abort", "release", "gone"
    Transport* transport = nullptr;  ///< null once destroyed
  };
  FakeTransport(TransportKind kind, State& state) : kind_(kind), state_(state) {
    state_.transport = this;
  }
  ~FakeTransport() override {
    state_.transport = nullptr;
    state_.calls.push_back("gone");
  }

  TransportKind kind() const noexcept override { return kind_; }
  bool writable() const noexcept override { return state_.writable; }
  bool gathers() const noexcept override { return state_.gathers; }
  void send(std::span<const Block> batch) override {
    EXPECT_TRUE(state_.writable || state_.gathers);
    std::string line = "send";
    for (const Block& packet : batch) {
      line += packet.kind() == BlockKind::binary ? " binary:" : " ";
      line += packet.payload().starts_with("0{") ? "open" : packet.payload();
    }
    state_.calls.push_back(line);
    if (state_.blocks_after_send) state_.writable = false;
  }
  std::size_t unsent_bytes() const noexcept override { return state_.unsent_bytes; }
  bool close() override {
    if (!std::exchange(closed_, true)) state_.calls.push_back("close");
    return state_.goodbye_leaves;
  }
  void release_poll() override { state_.calls.push_back("release"); }
  void set_trail(const PacketTrail& trail) override { state_.trail = trail; }

 private:
  TransportKind kind_;
  State& state_;
  bool closed_ = false;
};

/// A session on a real Engine and Loop whose io_context the test runs, over fake transports.
class SessionFixture : public testing::Test {
 protected:
  /// Notes the calls in `events`; `react` may answer to each of them.
  class Handler final : public SessionHandler {
   public:
    explicit Handler(SessionFixture& test) : test_(test) {}
    void on_open() override { note("open"); }
    void on_text(std::string_view text) override { note("text " + std::string(text)); }
    void on_binary(const Block& message) override {
      note("binary " + std::string(message.payload()));
    }
    void on_upgrade() override { note("upgrade"); }
    void on_drain() override { note("drain"); }
    bool wants_drain() const noexcept override { return true; }
    void on_close(CloseReason reason, std::string_view description) override {
      note("close " + std::string(to_string(reason)) +
           (description.empty() ? "" : ": " + std::string(description)));
    }

   private:
    void note(const std::string& event) {
      test_.events.push_back(event);
      if (test_.react) test_.react(event);
    }
    SessionFixture& test_;
  };

  /// Opens the session, over polling unless told otherwise; `calls` and `events` begin empty.
  void open(TransportKind kind = TransportKind::polling) {
    turn([&] {
      session = engine.create("sid", std::make_shared<const Request>());
      engine.open(*session, std::make_unique<FakeTransport>(kind, first));
    });
    EXPECT_EQ(first.calls, Lines{"send open"});
    EXPECT_EQ(events, Lines{"open"});
    first.calls.clear();
    events.clear();
    first.blocks_after_send = kind == TransportKind::polling;
  }
  bool offer() {
    return in_turn([&] {
      return session->offer_upgrade(
          std::make_unique<FakeTransport>(TransportKind::websocket, second));
    });
  }

  template <class Function>
  void turn(Function function) {
    const Loop::Turn scope(loop);
    function();
  }
  template <class Function>
  bool in_turn(Function function) {
    const Loop::Turn scope(loop);
    return function();
  }
  void send(std::string_view text) { session->send(Block::copy_of(text)); }
  void send_in_turn(std::string_view text) {
    turn([&] { send(text); });
  }
  /// A packet comes on that transport, in a turn of its own.
  void receive(FakeTransport::State& from, PacketType type, std::string_view data = {},
               bool binary = false) {
    const Packet packet = binary ? packet_of(Block::copy_of(data, BlockKind::binary))
                                 : Packet{.type = type, .data = data};
    turn([&] { session->sink().on_packet(*from.transport, packet); });
  }
  void drain(FakeTransport::State& from) {
    from.writable = true;
    turn([&] { session->sink().on_drained(*from.transport); });
  }
  /// Runs what is due now, deadlines of no length too.
  void run_until_closed() {
    while (session->state() != SessionFsm::State::closed) context.run_one();
  }

  boost::asio::io_context context{1};
  Options options;
  Loop loop{context, 0, 1};
  std::atomic<std::size_t> total = 0;
  Lines events;
  std::function<void(const std::string& event)> react;
  FakeTransport::State first;
  FakeTransport::State second;
  Engine engine{loop, options, [this](Session&) { return std::make_unique<Handler>(*this); },
                total};
  std::shared_ptr<Session> session;
};

}  // namespace engineio
