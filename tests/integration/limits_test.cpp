// Every limit at one less, exactly, and one more.

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/notes.hpp"
#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::transports::fragment;
using engineio::transports::last_fragment;
using engineio::transports::text_frame;
using support::get;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::RawClient;
using support::WebSocketSession;

class LimitsOf : public support::ServerTest {
 protected:
  support::Notes<std::string> order;
};
RUN_ON_LOOPS(LimitsOf);

std::string get_of(std::size_t bytes) {
  const std::string shortest = get("/", "A: \r\n");
  return get("/", "A: " + std::string(bytes - shortest.size(), 'x') + "\r\n");
}

TEST_P(LimitsOf, header_bytes) {
  options.engine.limits.header_bytes = 1000;
  EXPECT_EQ(get_of(1000).size(), 1000U);
  EXPECT_EQ(ask(get_of(999)).status, 404);
  EXPECT_EQ(ask(get_of(1000)).status, 404);
  EXPECT_EQ(ask(get_of(1001)).status, 431);
}

TEST_P(LimitsOf, header_fields) {
  options.engine.limits.header_fields = 10;  // one of them is Host
  const auto with = [](int fields) {
    std::string lines;
    for (int i = 1; i < fields; ++i) lines += "A: b\r\n";
    return get("/", lines);
  };
  EXPECT_EQ(ask(with(9)).status, 404);
  EXPECT_EQ(ask(with(10)).status, 404);
  EXPECT_EQ(ask(with(11)).status, 431);
}

TEST_P(LimitsOf, max_payload) {
  options.engine.max_payload = 100;
  PollingSession session = polling();
  WebSocketSession web = websocket();
  for (const std::size_t size : {99U, 100U}) {
    EXPECT_EQ(session.post(std::string(size, '4')).body, "ok");
    EXPECT_EQ(session.poll().size(), size);
    web.send(std::string(size, '4'));
    EXPECT_EQ(web.text().size(), size);
    web.wire.send(fragment(1, std::string(size - 1, '4')) + last_fragment("4"));
    EXPECT_EQ(web.text().size(), size);
  }
  EXPECT_EQ(session.post(std::string(101, '4')).status, 413);
  web.wire.try_send(text_frame(std::string(101, '4')));
  EXPECT_EQ(web.close_code(), 1009U);
  EXPECT_EQ(server().ending(web.sid()).description, "Max payload size exceeded");
}

TEST_P(LimitsOf, message_fragments) {
  options.engine.limits.message_fragments = 3;
  WebSocketSession web = websocket();
  web.wire.send(fragment(1, "4a") + last_fragment("b"));
  EXPECT_EQ(web.text(), "4ab");
  web.wire.send(fragment(1, "4a") + fragment(0, "") + last_fragment("b"));
  EXPECT_EQ(web.text(), "4ab");
  web.wire.try_send(fragment(1, "4a") + fragment(0, "") + fragment(0, "") + last_fragment("b"));
  EXPECT_EQ(web.close_code(), 1008U);
}

TEST_P(LimitsOf, sessions) {
  options.engine.limits.sessions = 2;
  PollingSession first = polling();
  WebSocketSession second = websocket();
  const auto refused = ask(get(polling_target));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(ask(support::upgrade(support::websocket_target)).status, 503);
  EXPECT_EQ(first.post("1").body, "ok");  // frees a place
  server().wait_for_sessions(1);
  EXPECT_EQ(ask(get(polling_target)).status, 200);
  check_service = false;
}

// Those that poll hold none, and would go on for ever.
TEST_P(LimitsOf, sessions_to_the_number_of_descriptors) {
  constexpr rlim_t most = 200;
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit low{most, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  server();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  check_service = false;
  RawClient client = connect();
  for (rlim_t i = 0; i < most; ++i) ASSERT_EQ(client.request(get(polling_target)).status, 200) << i;
  EXPECT_EQ(client.request(get(polling_target)).status, 503);
}

TEST_P(LimitsOf, sessions_when_all_loops_admit_at_once) {
  constexpr int limit = 41;
  options.engine.limits.sessions = limit;
  check_service = false;
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> admitted = 0;
    std::atomic<int> turned_away = 0;
    std::mutex mutex;
    std::vector<std::string> sids;
    in_parallel(8, [&](int) {
      for (int i = 0; i < 10; ++i) {
        const auto answer = ask(get(polling_target));
        ++(answer.status == 200 ? admitted : turned_away);
        if (answer.status != 200) continue;
        const std::lock_guard lock(mutex);
        sids.push_back(support::sid_of(answer.body));
      }
    });
    EXPECT_EQ(admitted, limit);
    EXPECT_EQ(turned_away, 80 - limit);
    for (const std::string& sid : sids)
      EXPECT_EQ(ask(post(std::string(polling_target) + "&sid=" + sid, "1")).body, "ok");
    server().wait_for_sessions(0);
  }
}

TEST_P(LimitsOf, connections_per_address) {
  options.engine.limits.connections_per_address = 3;
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(connect());
    EXPECT_EQ(clients.back().request(get("/")).status, 404);
  }
  EXPECT_EQ(connect().read_to_end(), "");
  clients.pop_back();
  for (;;) {  // until the server has seen the end of it
    RawClient again = connect();
    if (again.try_send(get("/", "Connection: close\r\n")) && !again.read_to_end().empty()) break;
  }
  clients.clear();
  check_service = false;
}

TEST_P(LimitsOf, sessions_per_second_per_address) {
  options.engine.limits.sessions_per_second_per_address = 3;
  RawClient client = connect();
  std::string statuses;
  for (int i = 0; i < 5; ++i)
    statuses += std::to_string(client.request(get(polling_target)).status) + ' ';
  EXPECT_TRUE(statuses.starts_with("200 200 200 ")) << statuses;
  while (client.request(get(polling_target)).status !=
         429) {  // whatever second it is, the fourth is refused
  }
  check_service = false;
}

// Whatever second it is, more than the limit at once are refused; the address's own session goes
// on.
TEST_P(LimitsOf, T29_unknown_sessions_per_second_per_address) {
  options.engine.limits.unknown_sessions_per_second_per_address = 3;
  PollingSession own = polling();
  support::Connect elsewhere;
  elsewhere.from = "127.0.0.2";
  PollingSession foreign(port(), elsewhere);
  const auto guess = [](const std::string& sid) {
    return get(std::string(polling_target) + "&sid=" + sid);
  };
  RawClient client = connect();
  std::string statuses;
  for (int i = 0; i < 4; ++i) {
    const auto answer = client.request(guess("guess" + std::to_string(i)));
    statuses += std::to_string(answer.status) + ' ';
    if (answer.status == 429) continue;
    EXPECT_EQ(answer.body, support::session_unknown);
  }
  EXPECT_TRUE(statuses.starts_with("400 400 400 ")) << statuses;
  bool refused_a_hit = false;
  while (!refused_a_hit) {
    while (client.request(guess("guess")).status != 429) {
    }
    refused_a_hit = client.request(post(foreign.target(), "4a")).status == 429;
    EXPECT_EQ(own.post("4a").body, "ok");
    own.poll();
  }
  EXPECT_EQ(foreign.post("4a").body, "ok");  // from its own address
}

TEST_P(LimitsOf, T29_log_lines_of_guesses) {
  RawClient client = connect();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const std::string sid(1 + static_cast<std::size_t>(i) * 5, 'x');
    EXPECT_EQ(client.request(get(std::string(polling_target) + "&sid=" + sid)).status, 400);
  }
  const auto passed = std::chrono::steady_clock::now() - begin;
  std::size_t lines = 0;
  for (const std::string& line : server().log_lines()) {
    if (line.find("Session ID unknown") == std::string::npos) continue;
    ++lines;
    EXPECT_LE(line.size(), 120U) << line;
  }
  const auto seconds =
      static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(passed).count());
  EXPECT_GE(lines, 1U);
  EXPECT_LE(lines, GetParam() * (seconds + 1));  // each loop has its own
}

TEST_P(LimitsOf, T30_bind_sessions_to_address) {
  options.engine.bind_sessions_to_address = true;
  PollingSession session = polling();
  support::Connect elsewhere;
  elsewhere.from = "127.0.0.2";
  RawClient thief(port(), elsewhere);
  EXPECT_EQ(thief.request(get(session.target())).body, support::session_unknown);
  EXPECT_EQ(thief.request(post(session.target(), "1")).body, support::session_unknown);
  RawClient upgrading(port(), elsewhere);
  EXPECT_EQ(upgrading
                .request(support::upgrade(std::string(support::websocket_target) +
                                          "&sid=" + session.sid()))
                .status,
            400);
  EXPECT_EQ(session.post("4a").body, "ok");
  EXPECT_EQ(session.poll(), "4a");
  websocket_of(session).complete_upgrade();
  for (const std::string& line : server().log_lines())
    EXPECT_EQ(line.find(session.sid()), std::string::npos) << line;
}

TEST_P(LimitsOf, packets_per_second) {
  options.engine.limits.packets_per_second = 50;
  WebSocketSession within = websocket();
  for (int i = 0; i < 50; ++i) within.send("4x");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(within.text(), "4x");
  WebSocketSession over = websocket();
  std::string flood;
  for (int i = 0; i < 200; ++i) flood += text_frame("4x");
  over.wire.try_send(flood);
  EXPECT_EQ(over.close_code(), 1005U);
  EXPECT_EQ(server().ending(over.sid()).description, "packet rate limit");
}

TEST_P(LimitsOf, packets_per_turn_keeps_the_order) {
  options.engine.limits.packets_per_turn = 1;
  PollingSession session = polling();
  WebSocketSession web = websocket();
  std::string body;
  std::string frames;
  for (int i = 0; i < 20; ++i) {
    body += (i == 0 ? "4"
                    : "\x1e"
                      "4") +
            std::to_string(i);
    frames += text_frame("4" + std::to_string(i));
  }
  EXPECT_EQ(session.post(body).body, "ok");
  std::string received = session.poll();
  while (received.size() < body.size()) received += '\x1e' + session.poll();
  EXPECT_EQ(received, body);
  web.wire.send(frames);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(web.text(), "4" + std::to_string(i));
}

// One write of a client, while another one waits for the loop.
TEST_P(LimitsOf, turn_time) {
  options.engine.limits.turn_time = 0ms;
  setup = [this](engineio::Server& io) {
    io.on_message([this, &io](engineio::Socket socket, engineio::Message message) {
      if (message.data == "0") {
        for (std::size_t i = 0; i < io.loops(); ++i)
          if (io.loop(i).running_here()) io.loop(i).post([this] { order.add("others"); });
      }
      order.add(std::string(message.data));
      socket.send(message);
    });
  };
  check_service = false;
  WebSocketSession web = websocket();
  std::string frames;
  for (int i = 0; i < 20; ++i) frames += text_frame("4" + std::to_string(i));
  web.wire.send(frames);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(web.text(), "4" + std::to_string(i));
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) expected.push_back(std::to_string(i));
  expected.insert(expected.begin() + 8, "others");
  EXPECT_EQ(order.all(), expected);
}

TEST_P(LimitsOf, send_queue_hard_bytes) {
  options.engine.limits.send_queue_hard_bytes = 5 * (1001 + 128);
  PollingSession within = polling();
  EXPECT_EQ(within.post("4flood 5").body, "ok");
  EXPECT_EQ(within.poll().size(), 5U * 1001 + 4);
  PollingSession over = polling();
  EXPECT_EQ(over.post("4flood 6").body, "ok");
  EXPECT_EQ(server().ending(over.sid()).description, "send queue limit");
}

// What is held back of the requests that follow a parked one: then the server stops reading.
TEST_P(LimitsOf, pipelined_bytes) {
  options.engine.limits.pipelined_bytes = 1000;
  PollingSession session = polling();
  std::string requests = get(session.target());
  for (int i = 0; i < 2000; ++i) requests += get("/" + std::to_string(i));
  std::size_t sent = 0;
  const std::string endless = std::string(1'000'000, 'x');
  session.getting.send(requests);
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n";
  session.getting.send(head);
  for (int idle = 0; idle < 10 && sent < 100'000'000;) {
    const std::size_t more = session.getting.send_some(endless);
    sent += more;
    if (more == 0) {
      ++idle;
      expect_service();
    }
  }
  EXPECT_LT(sent, 100'000'000U);
  EXPECT_EQ(session.post("4go on").body, "ok");
  EXPECT_EQ(session.getting.answer().body, "4go on");
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(session.getting.answer().status, 404);
  EXPECT_EQ(session.getting.answer().status, 413);
}

}  // namespace
