#include "engineio/error.hpp"

#include <gtest/gtest.h>

namespace engineio {
namespace {

TEST(Error, HasTheExactBodies) {
  using enum AdmissionError;
  EXPECT_EQ(error_body(transport_unknown), R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(error_body(session_id_unknown), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(error_body(bad_handshake_method), R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(error_body(bad_request), R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(error_body(forbidden), R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(error_body(unsupported_protocol_version),
            R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST(Error, CarriesTheApplicationsMessageAsJson) {
  EXPECT_EQ(error_body(AdmissionError::forbidden, "not \"you\"\\\n\b\f\r\t\x01 é"),
            R"({"code":4,"message":"not \"you\"\\\n\b\f\r\t\u0001 é"})");
  EXPECT_EQ(error_body(AdmissionError::forbidden, "\xff"),
            "{\"code\":4,\"message\":\"\xEF\xBF\xBD\"}");
}

TEST(Error, OnlyForbiddenIs403) {
  EXPECT_EQ(http_status(AdmissionError::forbidden), 403);
  EXPECT_EQ(http_status(AdmissionError::transport_unknown), 400);
  EXPECT_EQ(http_status(AdmissionError::unsupported_protocol_version), 400);
}

}  // namespace
}  // namespace engineio
