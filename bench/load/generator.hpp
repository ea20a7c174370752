#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "bench/load/client.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/tls_stream.hpp"
#include "bench/load/work.hpp"
#include "bench/load/workload.hpp"

namespace bench {

/// What a measurement gave.
struct Report {
  std::uint64_t messages = 0;
  double seconds = 0;
  double cpu_seconds = 0;     ///< the generator's own, user and system
  std::uint64_t lost = 0;     ///< idle clients whose connection the server closed
  std::uint64_t resumed = 0;  ///< TLS connections that took up an earlier session
  Histogram latencies = {};
};

/// Runs the clients on one thread and one epoll set: opens them, lets them work for a while to warm
/// up, and measures. Between phases everything under way comes to its end, so what the server does
/// while it is measured is for the messages that are counted.
class Generator : private Stage, private ClientEvents {
 public:
  explicit Generator(const Workload& workload);
  ~Generator() override;

  /// Opens the clients and warms up.
  void prepare();
  /// Everything that is measured happens in here.
  Report measure();

 private:
  Client& open_client() override;
  void close_client(Client& client) override;
  void flush_later(Client& client) override;
  void count_messages(std::uint64_t messages) override { report_.messages += messages; }
  void unit_ended(std::uint64_t begun, Client* client) override;
  void wants_upgrade(Client& client) override;
  void left(std::unique_ptr<Channel> channel) override;
  void joined(Client& client) override;
  void answered(Client& client) override { work_->answered(client); }
  void pinged() override { work_->pinged(); }

  std::unique_ptr<Channel> open_channel(Client& client);
  void run(double seconds, std::uint64_t messages);
  void begin_unit(Client* client, std::uint64_t now);
  void begin_due_units();
  void drain();
  void turn(std::uint64_t nanoseconds);
  void read(Channel& channel);
  void lose(Channel& channel);
  void flush_later(Channel& channel);
  void flush(Channel& channel);
  void flush_all();

  const Workload& workload_;
  int epoll_;
  std::unique_ptr<TlsContext> tls_;
  std::vector<std::unique_ptr<Client>> clients_;  // by number; null: gone
  std::vector<std::size_t> free_numbers_;         // of those that are gone
  std::vector<std::unique_ptr<Client>> gone_;     // until the end of the turn
  std::vector<std::unique_ptr<Channel>> gone_channels_;
  std::vector<Channel*> to_be_flushed_;
  std::unique_ptr<Work> work_;
  Report report_;
  std::size_t channels_opened_ = 0;
  std::size_t joined_ = 0;
  bool running_ = false;     // what ends is begun again
  std::uint64_t begun_ = 0;  // units of this phase
  std::uint64_t ended_ = 0;
  std::uint64_t limit_ = 0;  // units of this phase at most; 0: any number
  double unit_ns_ = 0;       // between units, when they are paced
  std::uint64_t phase_began_ = 0;
  std::uint64_t now_ = 0;  // when the bytes came that are being looked at
  std::array<char, 256 * 1024> buffer_;
};

}  // namespace bench
