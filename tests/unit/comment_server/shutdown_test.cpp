#include "examples/comment_server/shutdown.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comment_server {
namespace {

using namespace std::chrono_literals;
using testing::ExitedWithCode;

/// Signals concern the whole process, so each test is a process of its own.
class ShutdownTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

int no_exit_code_wanted() { return 99; }

TEST_F(ShutdownTest, ASignalBeginsItAndTheProgramEndsByItself) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const auto program = [signal] {
      Shutdown::block_signals();
      std::latch begun(1);
      {
        Shutdown shutdown(
            1h, [&] { begun.count_down(); }, no_exit_code_wanted);
        kill(getpid(), signal);
        begun.wait();
        if (shutdown.left() > 1h || shutdown.left() < 59min) std::_Exit(98);
      }
      std::_Exit(7);
    };
    EXPECT_EXIT(program(), ExitedWithCode(7), "");
  }
}

TEST_F(ShutdownTest, WithoutASignalNothingHappens) {
  const auto program = [] {
    Shutdown::block_signals();
    {
      Shutdown shutdown(
          1ms, [] { std::_Exit(98); }, no_exit_code_wanted);
      if (shutdown.left() != 1ms) std::_Exit(97);
    }
    std::_Exit(7);
  };
  EXPECT_EXIT(program(), ExitedWithCode(7), "");
}

TEST_F(ShutdownTest, AtTheEndOfTheGracePeriodTheProcessEnds) {
  const auto program = [] {
    Shutdown::block_signals();
    Shutdown shutdown(
        1ms, [] {}, [] { return 5; });
    kill(getpid(), SIGTERM);
    for (;;) pause();
  };
  EXPECT_EXIT(program(), ExitedWithCode(5), "");
}

TEST_F(ShutdownTest, ASecondSignalEndsTheProcessAtOnce) {
  const auto program = [] {
    Shutdown::block_signals();
    Shutdown shutdown(
        1h, [] { kill(getpid(), SIGINT); }, no_exit_code_wanted);
    kill(getpid(), SIGTERM);
    for (;;) pause();
  };
  EXPECT_EXIT(program(), ExitedWithCode(128 + SIGINT), "");
}

}  // namespace
}  // namespace comment_server
