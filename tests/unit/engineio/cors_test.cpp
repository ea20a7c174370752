#include "engineio/cors.hpp"

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

Request request_from(const std::string& origin, const std::string& host = "host.example") {
  Request request;
  request.method = "GET";
  request.headers = {{"Host", host}};
  if (!origin.empty()) request.headers.push_back({"origin", origin});
  return request;
}

Cors rules_of(const vectors::Row& row) {
  Cors cors;
  std::istringstream origins(row.at(0));
  for (std::string origin; origins >> origin;) cors.origins.push_back(origin);
  cors.reflect = row.at(1) == "reflect";
  cors.credentials = row.at(2) == "credentials";
  if (row.at(3) != "-") cors.methods = row[3];
  if (row.at(4) != "-") cors.allowed_headers = row[4];
  if (row.at(5) != "-") cors.exposed_headers = row[5];
  if (row.at(6) != "-") cors.max_age_seconds = std::stol(row[6]);
  return cors;
}

std::vector<std::string> lines(const std::vector<HeaderField>& headers) {
  std::vector<std::string> out;
  for (const auto& [name, value] : headers) out.push_back(name + ": " + value);
  return out;
}

TEST(Cors, SetsTheFieldsThatTheJavaScriptPackageSets) {
  for (const auto& row : vectors::read("cors.txt")) {
    const Cors cors = rules_of(row);
    Request request = request_from(row.at(8) == "-" ? "" : row[8]);
    request.method = row.at(7);
    if (row.at(9) != "-") request.headers.push_back({"access-control-request-headers", row[9]});
    const auto headers =
        is_preflight(request) ? preflight_headers(cors, request) : response_headers(cors, request);
    EXPECT_EQ(lines(headers), std::vector<std::string>(row.begin() + 10, row.end()))
        << testing::PrintToString(row);
  }
}

TEST(Cors, NamesNoOriginButThoseOfTheList) {
  const Cors cors{.origins = {"https://good.example", "https://b.example"}};
  for (const char* origin :
       {"null", "https://good.example.evil.com", "http://good.example", "https://GOOD.example",
        "https://good.example:443", "https://good.example/", "*", ""}) {
    for (const auto& headers : {preflight_headers(cors, request_from(origin)),
                                response_headers(cors, request_from(origin))}) {
      EXPECT_NE(headers.at(0).name, "Access-Control-Allow-Origin") << origin;
      EXPECT_EQ(headers.at(0).name, "Vary") << origin;
    }
  }
  EXPECT_EQ(response_headers(cors, request_from("https://good.example")).at(0).value,
            "https://good.example");
}

TEST(Cors, TakesTwoOriginFieldsForAnotherOrigin) {
  const Cors cors{.origins = {"https://good.example"}, .reflect = true};
  Request request = request_from("https://good.example");
  request.headers.push_back({"Origin", "https://good.example"});
  EXPECT_EQ(response_headers(cors, request).at(0).name, "Vary");
  EXPECT_FALSE(origin_may_upgrade(&cors, request));
}

TEST(Cors, GuardsUpgradesByTheList) {
  const Cors cors{.origins = {"https://good.example", "http://dev.example:8080"}};
  const auto may = [&](const std::string& origin) {
    return origin_may_upgrade(&cors, request_from(origin));
  };
  EXPECT_TRUE(may("https://good.example"));
  EXPECT_TRUE(may("http://dev.example:8080"));
  EXPECT_TRUE(may("")) << "not a browser";
  EXPECT_FALSE(may("https://evil.example"));
  EXPECT_FALSE(may("null"));
  EXPECT_FALSE(may("https://good.example.evil.com"));
  EXPECT_FALSE(may("http://good.example"));
  EXPECT_FALSE(may("https://GOOD.example"));
  EXPECT_FALSE(may("https://good.example:443"));
  EXPECT_FALSE(may("http://dev.example"));
  const Cors with_null{.origins = {"null"}};
  EXPECT_TRUE(origin_may_upgrade(&with_null, request_from("null")));
}

TEST(Cors, LetsPagesOfTheSameHostUpgrade) {
  const Cors cors{.origins = {"https://good.example"}};
  EXPECT_TRUE(origin_may_upgrade(&cors, request_from("http://localhost:3000", "localhost:3000")));
  EXPECT_TRUE(origin_may_upgrade(&cors, request_from("https://own.example", "own.example")));
  EXPECT_FALSE(origin_may_upgrade(&cors, request_from("http://localhost:3001", "localhost:3000")));
  EXPECT_FALSE(origin_may_upgrade(&cors, request_from("http://localhost", "localhost:3000")));
  EXPECT_FALSE(origin_may_upgrade(&cors, request_from("ftp://own.example", "own.example")));
  EXPECT_FALSE(origin_may_upgrade(&cors, request_from("own.example", "own.example")));
  EXPECT_FALSE(origin_may_upgrade(&cors, request_from("http://", "")));
}

TEST(Cors, LetsEverybodyUpgradeWithoutRules) {
  EXPECT_TRUE(origin_may_upgrade(nullptr, request_from("https://evil.example")));
  const Cors any{.origins = {"*"}};
  EXPECT_TRUE(origin_may_upgrade(&any, request_from("https://evil.example")));
  const Cors nobody{};
  EXPECT_FALSE(origin_may_upgrade(&nobody, request_from("https://evil.example")));
}

TEST(Cors, RefusesRulesThatMustNotBe) {
  EXPECT_NO_THROW(validate(Cors{.origins = {"*"}}));
  EXPECT_NO_THROW(
      validate(Cors{.origins = {"https://a", "null"}, .credentials = true, .max_age_seconds = -1}));
  EXPECT_NO_THROW(validate(Cors{}));
  const Cors bad[] = {
      {.origins = {"*"}, .credentials = true},
      {.origins = {"*"}, .reflect = true, .credentials = true},
      {.origins = {"https://a", "*"}},
      {.origins = {""}},
      {.origins = {"https://a\r\nX: y"}},
      {.origins = {"*"}, .methods = "GET\r\nX: y"},
      {.origins = {"*"}, .allowed_headers = std::string("a\0", 2)},
      {.origins = {"*"}, .exposed_headers = "a\nb"},
      {.origins = {"*"}, .success_status = 199},
      {.origins = {"*"}, .success_status = 300},
  };
  for (const Cors& cors : bad) EXPECT_THROW(validate(cors), std::invalid_argument);
  EXPECT_NO_THROW(validate(Cors{.origins = {"*"}, .success_status = 200}));
  EXPECT_NO_THROW(validate(Cors{.origins = {"*"}, .success_status = 299}));
}

}  // namespace
}  // namespace engineio
