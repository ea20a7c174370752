#include "engineio/detail/free_memory.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace engineio::detail {
namespace {

TEST(FreeMemory, leaves_nothing_of_a_string) {
  std::string text(1000, 'x');
  free_memory(text);
  EXPECT_EQ(text, "");
  EXPECT_EQ(text.capacity(), std::string().capacity());
}

TEST(FreeMemory, leaves_nothing_of_a_list) {
  std::vector<std::unique_ptr<int>> list(10);
  free_memory(list);
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.capacity(), 0U);
}

}  // namespace
}  // namespace engineio::detail
