#include "examples/comment_server/presence.hpp"

#include <latch>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comment_server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Place here{"/", "here"};
const Place there{"/", "there"};

/// What was told, to be waited for.
class Told {
 public:
  Presence::Tell tell() {
    return [this](const Place& place, std::size_t people) {
      const std::lock_guard lock(mutex_);
      told_.emplace_back(place.room, people);
      changed_.notify_all();
    };
  }
  std::vector<std::pair<std::string, std::size_t>> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 30s, [&] { return told_.size() >= count; });
    return told_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, std::size_t>> told_;
};

TEST(Presence, CountsPerPlace) {
  Presence presence(1ms, [](const Place&, std::size_t) {});
  EXPECT_EQ(presence.people(here), 0u);
  presence.arrive(here);
  presence.arrive(here);
  presence.arrive(there);
  EXPECT_EQ(presence.people(here), 2u);
  EXPECT_EQ(presence.people(there), 1u);
  presence.leave(here);
  presence.leave(there);
  EXPECT_EQ(presence.people(here), 1u);
  EXPECT_EQ(presence.people(there), 0u);
  presence.leave(there);
  EXPECT_EQ(presence.people(there), 0u);
}

TEST(Presence, TellsTheFirstChangeAtOnceAndACrowdTogether) {
  Told told;
  std::latch entered(1);
  std::latch release(1);
  {
    Presence presence(1ms, [&, tell = told.tell()](const Place& place, std::size_t people) {
      if (people == 1) {
        entered.count_down();
        release.wait();
      }
      tell(place, people);
    });
    presence.arrive(here);
    entered.wait();
    for (int i = 0; i < 100; ++i) presence.arrive(here);
    release.count_down();
    EXPECT_THAT(told.first(2), ElementsAre(Pair("here", 1), Pair("here", 101)));
  }
  EXPECT_EQ(told.first(2).size(), 2u);
}

TEST(Presence, TellsThoseWhoAreLeft) {
  Told told;
  Presence presence(1ms, told.tell());
  presence.arrive(here);
  EXPECT_THAT(told.first(1), ElementsAre(Pair("here", 1)));
  presence.arrive(here);
  EXPECT_THAT(told.first(2), ElementsAre(Pair("here", 1), Pair("here", 2)));
  presence.leave(here);
  EXPECT_THAT(told.first(3), ElementsAre(Pair("here", 1), Pair("here", 2), Pair("here", 1)));
}

TEST(Presence, TellsNobodyOfAnEmptyPlace) {
  Told told;
  {
    Presence presence(1h, told.tell());
    presence.arrive(there);
    EXPECT_EQ(told.first(1).size(), 1u);  // now it pauses
    presence.arrive(here);
    presence.leave(here);
  }
  EXPECT_THAT(told.first(1), ElementsAre(Pair("there", 1)));
}

}  // namespace
}  // namespace comment_server
