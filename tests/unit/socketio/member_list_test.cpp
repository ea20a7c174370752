#include "socketio/detail/member_list.hpp"

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "socketio/detail/room_index.hpp"

namespace socketio::detail {
namespace {

struct Member final : RoomMember {
  explicit Member(char its_name) : name(its_name) {}
  char name;
  Place place;
};

class MemberListTest : public ::testing::Test {
 protected:
  Member& add(char name) {
    Member& member = members.emplace_back(name);
    list.add(member, member.place);
    return member;
  }
  std::string names() const {
    std::string all;
    list.for_each([&](RoomMember& member) { all += static_cast<Member&>(member).name; });
    EXPECT_EQ(all.size(), list.size());
    EXPECT_EQ(all.empty(), list.empty());
    return all;
  }

  std::deque<Member> members;
  MemberList list;
};

TEST_F(MemberListTest, KeepsTheOrderOfComing) {
  Member& a = add('a');
  Member& b = add('b');
  add('c');
  EXPECT_EQ(names(), "abc");
  list.remove(b.place);
  EXPECT_FALSE(b.place.taken());
  list.add(b, b.place);
  EXPECT_EQ(names(), "acb");
  list.remove(a.place);
  EXPECT_EQ(&list.front(), &members[2]);
  EXPECT_EQ(names(), "cb");
}

TEST_F(MemberListTest, KeepsItThroughAnyGaps) {
  for (const std::size_t count : {7U, 8U, 9U, 16U, 17U, 100U}) {
    SCOPED_TRACE(count);
    std::vector<Member*> left;
    for (std::size_t i = 0; i < count; ++i) left.push_back(&add(static_cast<char>('0' + i)));
    std::mt19937 random(static_cast<unsigned>(count));
    while (!left.empty()) {
      const auto one = left.begin() + static_cast<std::ptrdiff_t>(random() % left.size());
      list.remove((*one)->place);
      left.erase(one);
      std::string expected;
      for (const Member* member : left) expected += member->name;
      ASSERT_EQ(names(), expected);
    }
  }
}

TEST_F(MemberListTest, LetsItsMembersGoWhenItIsCleared) {
  Member& a = add('a');
  list.remove(add('b').place);
  list.clear();
  EXPECT_EQ(names(), "");
  EXPECT_FALSE(a.place.taken());
  list.add(a, a.place);
  EXPECT_EQ(names(), "a");
}

}  // namespace
}  // namespace socketio::detail
