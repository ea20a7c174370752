#include "bench/load/work.hpp"

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

std::string room_name(std::size_t group) { return "r" + std::to_string(group); }

std::string filler(const Workload& workload) {
  std::string text(workload.payload, 'x');
  return text;
}

/// Each client sends its next message when the one before is answered; or, when only some messages
/// are under way at a time, whose turn it is.
class Answers : public Work {
 public:
  Answers(const Workload& workload, Stage& stage) : workload_(workload), stage_(stage) {
    if (workload.kind == "echo" || workload.kind == "kick")
      messages_.emplace_back(event_text("42", "echo", {filler(workload)}));
    else if (workload.kind == "ack")
      messages_.emplace_back(event_text("420", "ack", {filler(workload)}));
    else if (workload.kind == "binary")
      messages_.emplace_back(R"(451-["echo",{"_placeholder":true,"num":0}])", filler(workload));
  }

  std::size_t clients() const override { return workload_.connections; }
  std::size_t parallel() const override {
    return taking_turns() ? workload_.together : workload_.connections * workload_.in_flight;
  }
  void joined(Client& client) override { clients_.push_back(&client); }

  void begin_unit(Client* client, std::uint64_t now) override {
    if (!client) client = clients_[next_++ % clients_.size()];
    client->expect(now);
    client->send(message_of(*client));
    stage_.flush_later(*client);
  }

  void answered(Client& client) override {
    const std::uint64_t sent = client.take_sent();
    if (sent == 0) throw std::runtime_error("an answer to nothing");
    stage_.count_messages(1);
    stage_.unit_ended(sent, taking_turns() ? nullptr : &client);
  }

 protected:
  virtual const Message& message_of(const Client&) { return messages_.front(); }

  const Workload& workload_;
  Stage& stage_;
  std::vector<Client*> clients_;
  std::vector<Message> messages_;
  std::size_t next_ = 0;

 private:
  bool taking_turns() const { return workload_.together > 0; }
};

/// Members of rooms leave their room and join it again: each an acknowledged message.
class Moves : public Answers {
 public:
  Moves(const Workload& workload, Stage& stage)
      : Answers(workload, stage), away_(workload.connections) {
    for (std::size_t group = 0; group < workload.groups; ++group) {
      messages_.emplace_back(event_text("420", "leave", {room_name(group)}));
      messages_.emplace_back(event_text("420", "join", {room_name(group)}));
    }
  }

  std::string room_of(std::size_t client) const override {
    return room_name(client % workload_.groups);
  }

 private:
  const Message& message_of(const Client& client) override {
    const std::size_t at = client.number() % workload_.groups * 2 + away_[client.number()];
    away_[client.number()].flip();
    return messages_[at];
  }

  std::vector<bool> away_;  // by the clients' numbers
};

/// A probe: echoes as ever, but one of its first messages comes right behind an event that lets the
/// server disconnect everybody else.
class Kick : public Answers {
 public:
  Kick(const Workload& workload, Stage& stage) : Answers(workload, stage) {
    Message kick(event_text("42", "kick", {}));
    kick.frames += messages_.front().frames;
    messages_.push_back(std::move(kick));
  }

 private:
  static constexpr std::size_t kicks_at = 1'000;

  const Message& message_of(const Client&) override { return messages_[++sent_ == kicks_at]; }

  std::size_t sent_ = 0;
};

/// One client sends an event, all of its group get it.
class Rounds : public Work {
 public:
  Rounds(const Workload& workload, Stage& stage)
      : workload_(workload),
        stage_(stage),
        groups_(workload.kind == "except" ? 2 : workload.groups) {}

  std::size_t clients() const override { return workload_.connections; }
  std::size_t parallel() const override { return workload_.in_flight; }
  std::size_t messages_per_unit() const override { return workload_.connections / groups_.size(); }

  std::string nsp_of(std::size_t client) const override {
    return workload_.kind == "namespace" ? "/n" + std::to_string(group_of(client)) : std::string();
  }
  std::string room_of(std::size_t client) const override {
    const bool in_rooms = workload_.kind == "room" || (workload_.kind == "except" && client % 2);
    return in_rooms ? room_name(group_of(client)) : std::string();
  }

  void joined(Client& client) override {
    Group& group = groups_[group_of(client.number())];
    ++group.members;
    if (group.asks) return;
    group.asks = &client;
    group.message = std::make_unique<Message>(text_for(client));
  }

  void begin_unit(Client*, std::uint64_t now) override {
    Group& group = groups_[workload_.kind == "except" ? 0 : next_++ % groups_.size()];
    group.begun.push_back(now);
    group.asks->send(*group.message);
    stage_.flush_later(*group.asks);
  }

  void answered(Client& client) override {
    Group& group = groups_[group_of(client.number())];
    if (group.begun.empty()) throw std::runtime_error("a delivery of nothing");
    stage_.count_messages(1);
    if (++group.deliveries % group.members != 0) return;
    const std::uint64_t begun = group.begun.front();
    group.begun.pop_front();
    stage_.unit_ended(begun, nullptr);
  }

 private:
  struct Group {
    Client* asks = nullptr;
    std::unique_ptr<Message> message = {};
    std::size_t members = 0;
    std::size_t deliveries = 0;
    std::deque<std::uint64_t> begun = {};
  };

  std::size_t group_of(std::size_t client) const { return client % groups_.size(); }

  std::string text_for(const Client& client) const {
    const std::string text = filler(workload_);
    if (workload_.kind == "room") return event_text("42", "room", {client.room(), text});
    if (workload_.kind == "except") return event_text("42", "except", {room_name(1), text});
    if (workload_.kind == "namespace")
      return event_text("42" + client.nsp() + ",", "broadcast", {text});
    return event_text("42", "broadcast", {text});
  }

  const Workload& workload_;
  Stage& stage_;
  std::vector<Group> groups_;
  std::size_t next_ = 0;
};

/// Clients come, join, and go.
class Visits : public Work {
 public:
  Visits(const Workload& workload, Stage& stage) : workload_(workload), stage_(stage) {}

  std::size_t clients() const override { return 0; }
  std::size_t parallel() const override { return workload_.connections; }

  void begin_unit(Client*, std::uint64_t now) override { stage_.open_client().expect(now); }
  void joined(Client& client) override {
    stage_.count_messages(1);
    stage_.close_client(client);
    stage_.unit_ended(client.take_sent(), nullptr);
  }
  void answered(Client&) override { throw std::runtime_error("a message to a visitor"); }

 private:
  const Workload& workload_;
  Stage& stage_;
};

/// Clients that only answer pings: these are the messages.
class Idle : public Work {
 public:
  Idle(const Workload& workload, Stage& stage) : workload_(workload), stage_(stage) {}

  std::size_t clients() const override { return workload_.connections; }
  std::size_t parallel() const override { return 0; }
  void joined(Client&) override {}
  void begin_unit(Client*, std::uint64_t) override {}
  void answered(Client&) override {}
  void pinged() override { stage_.count_messages(1); }

 private:
  const Workload& workload_;
  Stage& stage_;
};

}  // namespace

std::unique_ptr<Work> make_work(const Workload& workload, Stage& stage) {
  const std::string& kind = workload.kind;
  if (kind == "echo" || kind == "ack" || kind == "binary")
    return std::make_unique<Answers>(workload, stage);
  if (kind == "broadcast" || kind == "room" || kind == "except" || kind == "namespace")
    return std::make_unique<Rounds>(workload, stage);
  if (kind == "kick") return std::make_unique<Kick>(workload, stage);
  if (kind == "join") return std::make_unique<Moves>(workload, stage);
  if (kind == "connect") return std::make_unique<Visits>(workload, stage);
  if (kind == "idle") return std::make_unique<Idle>(workload, stage);
  throw std::runtime_error("there is no kind of work called " + kind);
}

}  // namespace bench
