#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace bench {

/// Runs the server's loop until nothing is ready. What is counted is counted in here only.
using RunServer = std::function<void()>;

/// What the clients of one workload do, as one step that is repeated: requests are sent, the server
/// runs, all answers are read. Everything happens on one thread, so a step costs the same each
/// time.
struct Workload {
  /// Opens the clients, towards the server's port.
  std::function<void(unsigned short port, const RunServer& run)> open;
  /// One step.
  std::function<void(const RunServer& run)> step;
  /// Messages (deliveries, connections, round trips) of one step.
  std::size_t messages = 1;
};

/// By name: echo, echo_16, echo_16_1k, typed, binary, ack, broadcast, poll, connect.
const std::map<std::string, Workload>& workloads();

}  // namespace bench
