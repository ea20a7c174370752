#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/client.hpp"
#include "bench/load/workload.hpp"

namespace bench {

/// What a Work does its work with.
class Stage {
 public:
  virtual ~Stage() = default;
  /// Opens one more client.
  virtual Client& open_client() = 0;
  /// Lets it go. It stays valid until the end of the turn.
  virtual void close_client(Client& client) = 0;
  /// The client has something to write.
  virtual void flush_later(Client& client) = 0;
  virtual void count_messages(std::uint64_t messages) = 0;
  /// A unit that was begun at that time is through. `client`: whose, if it may begin the next.
  virtual void unit_ended(std::uint64_t begun, Client* client) = 0;
};

/// What the clients do all day, in units: a message and its answer, an event and all its
/// deliveries, a visit. Who says when a unit begins is the Generator.
class Work {
 public:
  virtual ~Work() = default;

  /// Clients that are there before it begins.
  virtual std::size_t clients() const = 0;
  /// Units under way at a time, unless they are paced.
  virtual std::size_t parallel() const = 0;
  /// What a unit counts as.
  virtual std::size_t messages_per_unit() const { return 1; }

  virtual std::string nsp_of(std::size_t) const { return {}; }
  virtual std::string room_of(std::size_t) const { return {}; }

  virtual void joined(Client& client) = 0;
  /// Begins a unit, `client` with it if it has just ended one.
  virtual void begin_unit(Client* client, std::uint64_t now) = 0;
  virtual void answered(Client& client) = 0;
  virtual void pinged() {}
};

/// Throws std::runtime_error for a kind that there is not.
std::unique_ptr<Work> make_work(const Workload& workload, Stage& stage);

}  // namespace bench
