#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace socketio
