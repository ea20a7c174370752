#include "socketio/detail/room_index.hpp"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace socketio::detail {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

struct Member final : RoomMember {
  explicit Member(char its_name) : name(its_name) {}
  char name;
};

class RoomIndexTest : public ::testing::Test {
 protected:
  ~RoomIndexTest() override {
    for (Member* member : {&a, &b, &c}) index.remove(*member);
  }
  std::string visit(const Audience& audience) {
    std::string names;
    index.visit(audience, [&](RoomMember& member) { names += static_cast<Member&>(member).name; });
    return names;
  }

  RoomIndex index;
  Member a{'a'}, b{'b'}, c{'c'};
};

TEST_F(RoomIndexTest, KeepsTheOrderOfJoiningOnBothSides) {
  EXPECT_TRUE(index.join(b, "x"));
  EXPECT_TRUE(index.join(a, "y"));
  EXPECT_TRUE(index.join(a, "x"));
  EXPECT_FALSE(index.join(a, "x"));
  EXPECT_EQ(visit({.rooms = {"x"}}), "ba");
  EXPECT_THAT(index.rooms_of(a), ElementsAre("y", "x"));
  EXPECT_EQ(a.room_count(), 2U);
  EXPECT_TRUE(index.contains(b, "x"));
  EXPECT_FALSE(index.contains(b, "y"));
  EXPECT_FALSE(index.contains(b, "z"));
}

TEST_F(RoomIndexTest, ErasesEmptyRooms) {
  index.join(a, "x");
  index.join(b, "x");
  EXPECT_TRUE(index.leave(a, "x"));
  EXPECT_FALSE(index.leave(a, "x"));
  EXPECT_EQ(index.rooms(), 1U);
  EXPECT_TRUE(index.leave(b, "x"));
  EXPECT_EQ(index.rooms(), 0U);
  EXPECT_FALSE(index.leave(b, "x"));
}

TEST_F(RoomIndexTest, VisitsEachMemberOnce) {
  index.add(a);
  index.add(b);
  index.add(c);
  for (Member* member : {&a, &b}) index.join(*member, "x");
  for (Member* member : {&b, &c}) index.join(*member, "y");
  EXPECT_EQ(visit({}), "abc");
  EXPECT_EQ(visit({.rooms = {"y", "x", "y"}}), "bca");
  EXPECT_EQ(visit({.except = {"x"}}), "c");
  EXPECT_EQ(visit({.rooms = {"x"}, .except = {"y", "none"}}), "a");
  EXPECT_EQ(visit({.rooms = {"none"}}), "");
}

TEST_F(RoomIndexTest, RemovesAMemberFromEverything) {
  index.add(a);
  for (const char* room : {"x", "y", "z"}) index.join(a, room);
  index.remove(a);
  EXPECT_EQ(index.rooms(), 0U);
  EXPECT_TRUE(index.all().empty());
  EXPECT_THAT(index.rooms_of(a), IsEmpty());
}

TEST_F(RoomIndexTest, LetsAListenerChangeTheIndex) {
  struct Meddler final : RoomListener {
    void room_created(const std::string&) override {}
    void room_joined(const std::string&, RoomMember&) override {}
    void room_left(const std::string& room, RoomMember& member) override {
      if (room == "x") index->join(member, "other");
    }
    void room_deleted(const std::string& room) override { deleted.push_back(room); }
    RoomIndex* index = nullptr;
    std::vector<std::string> deleted;
  } meddler;
  meddler.index = &index;
  index.join(a, "x");
  index.listen(&meddler);
  index.leave(a, "x");
  index.listen(nullptr);
  EXPECT_THAT(index.rooms_of(a), ElementsAre("other"));
  EXPECT_THAT(meddler.deleted, ElementsAre("x"));
}

// Memberships of a member in more than eight rooms are found in another way.
TEST_F(RoomIndexTest, FindsAMemberAmongItsRoomsHoweverMany) {
  for (const std::size_t count : {7U, 8U, 9U, 20U}) {
    SCOPED_TRACE(count);
    std::vector<std::string> rooms;
    for (std::size_t i = 0; i < count; ++i) rooms.push_back("room " + std::to_string(i));
    index.join(b, rooms.front());
    for (const std::string& room : rooms) EXPECT_TRUE(index.join(a, room));
    for (const std::string& room : rooms) {
      EXPECT_FALSE(index.join(a, room));
      EXPECT_TRUE(index.contains(a, room));
    }
    EXPECT_FALSE(index.contains(a, "other"));
    EXPECT_FALSE(index.leave(a, "other"));
    EXPECT_THAT(index.rooms_of(a), ElementsAreArray(rooms));
    for (const std::string& room : rooms) {
      EXPECT_TRUE(index.leave(a, room));
      EXPECT_FALSE(index.contains(a, room));
      EXPECT_FALSE(index.leave(a, room));
    }
    EXPECT_THAT(index.rooms_of(a), IsEmpty());
    index.leave_all(b);
    EXPECT_EQ(index.rooms(), 0U);
  }
}

TEST_F(RoomIndexTest, LeavesItsMembersWithoutRoomsWhenItEnds) {
  {
    RoomIndex other;
    for (char room = 'A'; room < 'A' + 12; ++room) other.join(a, std::string(1, room));
    other.join(b, "A");
    other.add(b);
  }
  EXPECT_EQ(a.room_count(), 0U);
  EXPECT_EQ(b.room_count(), 0U);
  index.add(b);  // may be another's
  EXPECT_EQ(visit({}), "b");
}

// A model with plain sets, and many steps at random.
TEST(RoomIndexModel, AgreesWithSets) {
  std::mt19937 random(7);
  RoomIndex index;
  std::vector<std::unique_ptr<Member>> members;
  for (char name = 'a'; name < 'i'; ++name) members.push_back(std::make_unique<Member>(name));
  std::set<std::pair<std::string, char>> model;
  for (int step = 0; step < 5'000; ++step) {
    Member& member = *members[random() % members.size()];
    const std::string room(1,
                           static_cast<char>('A' + random() % 16));  // more than are looked through
    switch (random() % 5) {
      case 0:
      case 1: EXPECT_EQ(index.join(member, room), model.emplace(room, member.name).second); break;
      case 2:
      case 3: EXPECT_EQ(index.leave(member, room), model.erase({room, member.name}) == 1); break;
      default:
        if (random() % 10 != 0) break;
        index.leave_all(member);
        std::erase_if(model, [&](const auto& entry) { return entry.second == member.name; });
    }
    std::set<std::string> rooms;
    for (const auto& [name, who] : model) rooms.insert(name);
    ASSERT_EQ(index.rooms(), rooms.size());
    std::string in_room;
    index.visit({.rooms = {room}},
                [&](RoomMember& who) { in_room += static_cast<Member&>(who).name; });
    for (const auto& who : members) {
      ASSERT_EQ(in_room.find(who->name) != std::string::npos, model.contains({room, who->name}));
      ASSERT_EQ(index.contains(*who, room), model.contains({room, who->name}));
    }
  }
  for (const auto& member : members) index.remove(*member);
}

}  // namespace
}  // namespace socketio::detail
