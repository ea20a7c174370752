#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socketio/detail/socket_core.hpp"
#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using testing::TestClient;
using testing::Wire;
using testing::World;

TEST(Rooms, TellWhoListens) {
  World world({.limits = {.rooms_per_socket = 3}});
  Wire calls;
  world.main().on_rooms(
      {.created = [&](const std::string& room) { calls.push_back("created " + room); },
       .joined = [&](const std::string& room,
                     const std::string&) { calls.push_back("joined " + room); },
       .left = [&](const std::string& room,
                   const std::string&) { calls.push_back("left " + room); },
       .deleted = [&](const std::string& room) { calls.push_back("deleted " + room); }});
  Socket socket;
  Wire errors;
  world.main().on_connection([&](Socket it) { socket = it; }).on_error([&](const Error& e) {
    errors.push_back(e.message);
  });
  TestClient client = world.client();
  const std::string id = client.join();
  EXPECT_THAT(calls, ElementsAre("created " + id, "joined " + id));
  calls.clear();
  world.at(0, [&] {
    socket.join("a");
    socket.join("a");
    socket.join({"b", "too many"});
    socket.leave({"b", "b"});
    socket.leave(std::vector<std::string>{"b"});
  });
  EXPECT_THAT(errors, ElementsAre("too many rooms"));
  EXPECT_THAT(calls,
              ElementsAre("created a", "joined a", "created b", "joined b", "left b", "deleted b"));
  calls.clear();
  client.leave();
  EXPECT_THAT(calls, ElementsAre("left " + id, "deleted " + id, "left a", "deleted a"));
}

// Whoever listens may put an end to the socket that is joining.
TEST(Rooms, ListenersMayDisconnectTheSocket) {
  for (const bool at_once : {true, false}) {
    World world;
    Wire calls;
    const auto end = [&] {
      for (const auto& socket : world.core().of("/").shard(0).collect({}))
        socket->disconnect(false);
    };
    world.main()
        .on_rooms(
            {.created =
                 [&, at_once](const std::string&) {
                   if (at_once) end();
                 },
             .joined =
                 [&, at_once](const std::string&, const std::string&) {
                   calls.push_back("joined");
                   if (!at_once) end();
                 },
             .left = [&](const std::string&, const std::string&) { calls.push_back("left"); }})
        .on_connection([&] { calls.push_back("connection"); })
        .on_disconnect([&] { calls.push_back("disconnect"); });
    TestClient client = world.client();
    client.send("0");
    EXPECT_THAT(client.received(), ElementsAre("41"));
    if (at_once) {
      EXPECT_THAT(calls, ElementsAre("left", "disconnect"));
    } else {
      EXPECT_THAT(calls, ElementsAre("joined", "left", "disconnect"));
    }
  }
}

// Clients decide how often they come and go.
TEST(Rooms, ListenersThatFailAreALogLineASecond) {
  World world;
  world.main().on_rooms(
      {.joined = [](const std::string&, const std::string&) { throw std::runtime_error("no"); }});
  for (int i = 0; i < 3; ++i) world.client().join();
  EXPECT_THAT(world.log(), ElementsAre("namespace /: on_rooms failed: no"));
}

TEST(Rooms, OfASocketsOwnNameAreAlwaysJoined) {
  for (const std::size_t limit : {0U, 1U, 2U}) {
    World world({.limits = {.rooms_per_socket = limit}});
    Wire errors;
    Wire rooms;
    world.main()
        .use([](Socket socket) -> Admission {
          socket.join({"a", "b"});
          return Admit{};
        })
        .on_connection([&](Socket socket) { rooms = socket.rooms(); })
        .on_error([&](const Error& e) { errors.push_back(e.message); });
    TestClient client = world.client();
    const std::string id = client.join();
    EXPECT_THAT(rooms, limit == 2 ? Wire({"a", id}) : Wire({id})) << limit;
    EXPECT_EQ(errors.size(), limit == 2 ? 1U : 2U) << limit;
  }
}

}  // namespace
}  // namespace socketio
