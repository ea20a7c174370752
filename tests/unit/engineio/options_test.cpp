#include "engineio/options.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace engineio {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds tick{1};

std::string refusal(const Options& options) {
  try {
    validate(options);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(OptionsCheck, takes_the_defaults) { EXPECT_EQ(refusal({}), ""); }

// Every time but the heartbeat's, which share a bound.
TEST(OptionsCheck, bounds_times) {
  milliseconds Limits::*const members[] = {
      &Limits::header_timeout, &Limits::body_timeout,          &Limits::keep_alive_timeout,
      &Limits::close_timeout,  &Limits::tls_handshake_timeout, &Limits::assembly_timeout};
  for (milliseconds Limits::*member : members) {
    Options options;
    for (const milliseconds good : {0ms, longest_duration}) {
      options.limits.*member = good;
      EXPECT_EQ(refusal(options), "");
    }
    for (const milliseconds bad :
         {-1ms, longest_duration + tick, milliseconds::min(), milliseconds::max()}) {
      options.limits.*member = bad;
      EXPECT_NE(
          refusal(options).find("timeout: " + std::to_string(bad.count()) + " ms is not from 0 to"),
          std::string::npos);
    }
  }
  EXPECT_EQ(refusal({.upgrade_timeout = 0ms}), "");
  EXPECT_NE(refusal({.upgrade_timeout = -1ms}), "");
}

TEST(OptionsCheck, wants_some_time_for_the_heartbeat_and_no_more_than_a_client_can_wait) {
  EXPECT_EQ(refusal({.ping_interval = tick, .ping_timeout = tick}), "");
  EXPECT_EQ(refusal({.ping_interval = 0ms}), "ping_interval: 0 ms is not from 1 to 2147483647 ms");
  EXPECT_EQ(refusal({.ping_timeout = 0ms}), "ping_timeout: 0 ms is not from 1 to 2147483647 ms");
  EXPECT_EQ(refusal({.ping_interval = longest_duration - 1s, .ping_timeout = 1s}), "");
  EXPECT_NE(refusal({.ping_interval = longest_duration - 1s, .ping_timeout = 1s + tick}), "");
}

// A message is one Block.
TEST(OptionsCheck, bounds_a_message_to_what_a_block_can_hold) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3'999'999'999}, std::size_t{4'000'000'000}})
    EXPECT_EQ(refusal({.max_payload = size}), "");
  EXPECT_EQ(refusal({.max_payload = 4'000'000'001}), "max_payload is more than 4 GB");
}

TEST(OptionsCheck, wants_a_transport) {
  EXPECT_EQ(refusal({.transports = {TransportKind::websocket}}), "");
  EXPECT_EQ(refusal({.transports = {}}), "transports: none is left to connect with");
}

TEST(OptionsCheck, wants_a_path_that_a_request_can_have) {
  for (const char* good : {"", "/", "/socket.io", "chat/", "/%20", "/caf\xC3\xA9"})
    EXPECT_EQ(refusal({.path = good}), "") << good;
  for (const char* bad : {"/a b", "/a?b", "/#", "/\n", "/\x7F"})
    EXPECT_NE(refusal({.path = bad}), "") << bad;
}

TEST(OptionsCheck, includes_the_cors_rules) {
  EXPECT_NE(refusal({.cors = Cors{.origins = {"*"}, .credentials = true}}), "");
}

}  // namespace
}  // namespace engineio
