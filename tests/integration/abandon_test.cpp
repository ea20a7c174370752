// T36: clients that begin, and then say nothing any more, at each point where one can stop.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/detail/sanitizers.hpp"
#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using support::get;
using support::polling_target;
using support::post;
using support::RawClient;

// The sanitizers make all of it ten times slower; they get a tenth. A request must come in time, or
// its client gets no further than the state before.
constexpr std::size_t abandoned_in_each_state = engineio::detail::any_sanitizer ? 1'000 : 10'000;
constexpr auto time_for_a_request = engineio::detail::any_sanitizer ? 3s : 1s;

// Connections of one client of each state, and the descriptors of both of their ends.
constexpr std::size_t connections_of_a_set = 7;
constexpr std::size_t descriptors_of_a_set = 2 * connections_of_a_set;

class Abandoned : public support::ServerTest {
 protected:
  Abandoned() {
    check_service = false;  // a new client might miss so short a heartbeat
    options.engine.ping_interval = 100ms;
    options.engine.ping_timeout = 100ms;
    options.engine.upgrade_timeout = 100ms;
    engineio::Limits& limits = options.engine.limits;
    limits.header_timeout = limits.keep_alive_timeout = limits.body_timeout = time_for_a_request;
    limits.close_timeout = 100ms;
  }

  /// One client in each of the seven half-states.
  void abandon_one_in_each(std::vector<RawClient>& clients) {
    const auto begin = [&]() -> RawClient& { return clients.emplace_back(port(), how); };
    const auto open = [](RawClient& client) {
      const std::string body = client.request(get(polling_target)).body;
      return std::string(polling_target) + "&sid=" + support::sid_of(body);
    };
    begin();                                          // TCP only
    begin().send(get(polling_target).substr(0, 20));  // half a head
    RawClient& parked = begin();
    const std::string parked_target = open(parked);  // a parked GET
    parked.send(get(parked_target));
    RawClient& posting = begin();  // half a body
    const std::string posting_target = open(posting);
    posting.send(
        post(posting_target, "4abcdef").substr(0, post(posting_target, "4abcdef").size() - 3));
    RawClient& web = begin();  // a WebSocket that says nothing
    web.request(support::upgrade(support::websocket_target));
    RawClient& upgrading = begin();  // a handshake without a poll, and an upgrade without a probe
    const std::string target = open(upgrading);
    begin().request(support::upgrade(std::string(support::websocket_target) +
                                     target.substr(polling_target.size())));
    open(upgrading);  // a handshake without anything
  }

  /// As many sets at a time as there are descriptors for.
  std::size_t sets_at_a_time() {
    const std::size_t wanted = 1'000 * descriptors_of_a_set + 200;
    return (support::raise_descriptor_limit(wanted) - 200) / descriptors_of_a_set;
  }
};
RUN_ON_LOOPS(Abandoned);

TEST_P(Abandoned, T36_clients_leave_nothing_behind) {
  const std::size_t at_a_time = std::min<std::size_t>(sets_at_a_time(), 1'000);
  // The loops share the work the same way however many clients there are: with one, fewer will do.
  const std::size_t wanted =
      GetParam() == 1 ? abandoned_in_each_state / 10 : abandoned_in_each_state;
  server();
  const std::size_t before = support::open_descriptors();
  int network = 2;
  for (std::size_t done = 0; done < wanted; ++network) {
    const std::string from = "127.0.0." + std::to_string(network);  // ports of its own
    how.from = from.c_str();
    const std::size_t sets = std::min(at_a_time, wanted - done);
    std::vector<RawClient> clients;
    clients.reserve(sets * connections_of_a_set);
    for (std::size_t i = 0; i < sets; ++i) abandon_one_in_each(clients);
    for (RawClient& client : clients) client.read_to_end();  // the server ends each by itself
    server().wait_for_sessions(0);
    done += sets;
  }
  how.from = nullptr;
  for (int i = 0; support::open_descriptors() > before && i < 1'000'000; ++i)
    std::this_thread::yield();
  EXPECT_LE(support::open_descriptors(), before);
}

}  // namespace
