#include "engineio/query.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

using Items = std::vector<std::pair<std::string, std::string>>;

TEST(Query, ReadsAsUrlSearchParamsDoes) {
  for (const auto& row : vectors::read("query.txt")) {
    Items expected;
    for (std::size_t i = 1; i + 1 < row.size(); i += 2) expected.emplace_back(row[i], row[i + 1]);
    EXPECT_EQ(Query::parse(row[0]).items(), expected) << "of \"" << row[0] << '"';
  }
}

TEST(Query, FindsValues) {
  const Query query = Query::parse("EIO=4&sid=&__proto__=x&transport=polling");
  EXPECT_EQ(query.get("EIO"), "4");
  EXPECT_EQ(query.get("__proto__"), "x");
  EXPECT_EQ(query.get("sid"), "");
  EXPECT_TRUE(query.has("sid"));
  EXPECT_EQ(query.get("eio"), "");
  EXPECT_FALSE(query.has("eio"));
  EXPECT_FALSE(Query().has(""));
}

// Both ways of merging, for few and for many keys, must agree.
TEST(Query, KeepsTheFirstPlaceAndTheLastValueOfAKeyHoweverManyThereAre) {
  for (int keys = 1; keys < 40; ++keys) {
    std::string text;
    Items expected;
    for (int i = 0; i < keys; ++i) {
      const std::string name = "k" + std::to_string(keys - i);
      text += name + "=old&" + name + "=older&";
      expected.emplace_back(name, i % 3 == 0 ? "older" : "new");
    }
    for (int i = 0; i < keys; ++i) {
      if (i % 3 != 0) text += "k" + std::to_string(keys - i) + "=new&";
    }
    EXPECT_EQ(Query::parse(text).items(), expected) << keys << " keys";
  }
}

}  // namespace
}  // namespace engineio
