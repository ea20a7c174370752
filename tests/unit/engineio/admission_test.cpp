#include "engineio/admission.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

using Outcome = Admission::Outcome;
using enum TransportKind;

Request request(std::string method, std::string_view query, bool upgrade = false) {
  Request result;
  result.method = std::move(method);
  result.target = "/engine.io/?" + std::string(query);
  result.query = Query::parse(query);
  result.upgrade = upgrade;
  return result;
}

Options with_transports(std::string_view names) {
  Options options;
  options.transports.clear();
  for (const TransportKind kind : {polling, websocket}) {
    if (names.find(to_string(kind)) != std::string_view::npos) options.transports.push_back(kind);
  }
  return options;
}

// In the notation of the vectors: the outcome, or the code and the name at the beginning of the
// context.
std::string summary(const Admission& admission) {
  switch (admission.outcome) {
    case Outcome::existing_session: return "session";
    case Outcome::handshake: return "handshake";
    case Outcome::undecided: return "undecided";
    case Outcome::refused: break;
  }
  std::string result = std::to_string(static_cast<int>(admission.error));
  if (admission.error == AdmissionError::bad_request) {
    result += ' ' + admission.context.substr(0, admission.context.find(' '));
  }
  return result;
}

TEST(Admission, ChecksInTheOrderOfJavaScriptServers) {
  for (const auto& row : vectors::read("admission.txt")) {
    std::optional<TransportKind> found;
    if (row.at(4) != "-") found = row.at(4) == "polling" ? polling : websocket;
    const auto admission = admit(request(row.at(1), row.at(3), row.at(2) == "upgrade"),
                                 with_transports(row.at(0)), found);
    EXPECT_EQ(summary(admission), row.at(5))
        << row[0] << ' ' << row[1] << ' ' << row[2] << " ?" << row[3] << " found " << row[4];
  }
}

TEST(Admission, SaysWhichTransportWasAskedFor) {
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=polling"), {}, {}).transport, polling);
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=websocket", true), {}, {}).transport, websocket);
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=websocket&sid=x", true), {}, polling).transport,
            websocket);
}

TEST(Admission, TreatsAnUpgradeWithoutWebSocketAsAPlainRequest) {
  const auto upgrade = request("GET", "EIO=4&transport=polling&sid=x", true);
  EXPECT_TRUE(is_websocket_upgrade(upgrade, {}));
  EXPECT_FALSE(is_websocket_upgrade(upgrade, with_transports("polling")));
  EXPECT_FALSE(is_websocket_upgrade(request("GET", ""), {}));
}

TEST(Admission, RefusesAnOriginWithControlCharacters) {
  auto bad = request("GET", "EIO=4&transport=polling");
  bad.headers = {{"Origin", "http://a\x01"}};
  const auto admission = admit(bad, {}, {});
  EXPECT_EQ(admission.error, AdmissionError::bad_request);
  EXPECT_EQ(admission.context, R"(INVALID_ORIGIN origin=http://a\x01)");
  for (const char* good : {"http://a", "null", "a\tb c", "caf\xe9", ""}) {
    bad.headers.front().value = good;
    EXPECT_EQ(admit(bad, {}, {}).outcome, Outcome::handshake) << good;
  }
  bad.headers.front().value = "\x7f";
  EXPECT_EQ(admit(bad, {}, {}).outcome, Outcome::refused);
  bad.headers.front().value = "\x01";
  bad.query = Query::parse("transport=bogus");
  EXPECT_EQ(admit(bad, {}, {}).error, AdmissionError::transport_unknown)
      << "the transport is checked first";
  bad.query = Query::parse("EIO=4&transport=polling&sid=dead");
  EXPECT_EQ(admit(bad, {}, {}).error, AdmissionError::bad_request)
      << "the session is checked later";
}

TEST(Admission, GivesAContextForTheLog) {
  const auto context = [](std::string method, std::string_view query,
                          std::optional<TransportKind> found = {}) {
    return admit(request(std::move(method), query), {}, found).context;
  };
  EXPECT_EQ(context("GET", "transport=%0aboo"), R"(transport=\nboo)");
  EXPECT_EQ(context("GET", "transport=polling&sid=lv_VI97HAXpY6yYWAAAB"), "sid=lv_VI9\xE2\x80\xA6");
  EXPECT_EQ(context("POST", "transport=polling"), "method=POST");
  EXPECT_EQ(context("GET", "transport=polling&sid=x", websocket),
            "TRANSPORT_MISMATCH transport=polling previousTransport=websocket");
  EXPECT_EQ(context("GET", "transport=polling&sid=x&EIO=3", polling),
            "PROTOCOL_MISMATCH protocol=3 previousProtocol=4");
  EXPECT_EQ(context("GET", "transport=websocket"), "TRANSPORT_HANDSHAKE_ERROR");
  EXPECT_EQ(context("GET", "transport=polling&EIO=3"), "protocol=3 EIO=3");
  EXPECT_LE(context("GET", "transport=" + std::string(8000, 'x')).size(), 300U);
}

TEST(Admission, AsksTheApplicationAboutHandshakesOnly) {
  Options options;
  options.allow_request = [](const Request&, const DecisionCallback&) {};
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=polling"), options, {}).outcome,
            Outcome::undecided);
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=websocket", true), options, {}).outcome,
            Outcome::undecided);
  EXPECT_EQ(admit(request("GET", "EIO=4&transport=polling&sid=x"), options, polling).outcome,
            Outcome::existing_session);
  EXPECT_EQ(admit(request("POST", "EIO=4&transport=polling"), options, {}).error,
            AdmissionError::bad_handshake_method);
  EXPECT_EQ(admit(request("GET", "transport=polling"), options, {}).outcome, Outcome::undecided)
      << "the revision is checked after the application";
}

TEST(Admission, DoesWhatTheApplicationDecided) {
  Options options;
  options.allow_request = [](const Request&, const DecisionCallback&) {};
  const auto handshake = request("GET", "EIO=4&transport=websocket", true);
  const auto undecided = admit(handshake, options, {});

  const auto allowed = decide_handshake(handshake, undecided, Decision{});
  EXPECT_EQ(allowed.outcome, Outcome::handshake);
  EXPECT_EQ(allowed.transport, websocket);

  const auto refused = decide_handshake(handshake, undecided, Decision{.allowed = false});
  EXPECT_EQ(refused.error, AdmissionError::forbidden);
  EXPECT_EQ(refused.message(), "Forbidden");

  const auto with_message = decide_handshake(handshake, undecided, Decision{false, "come\nback"});
  EXPECT_EQ(with_message.message(), "come\nback");
  EXPECT_EQ(with_message.context, R"(message=come\nback)");

  const auto old = request("GET", "EIO=3&transport=polling");
  const auto too_old = decide_handshake(old, admit(old, options, {}), Decision{});
  EXPECT_EQ(too_old.error, AdmissionError::unsupported_protocol_version);
  EXPECT_EQ(decide_handshake(old, admit(old, options, {}), Decision{.allowed = false}).error,
            AdmissionError::forbidden);
}

TEST(Admission, ReportsAnIdThatCouldNotBeMade) {
  const auto refusal = refuse_failed_id("no\nids");
  EXPECT_EQ(refusal.outcome, Outcome::refused);
  EXPECT_EQ(refusal.error, AdmissionError::bad_request);
  EXPECT_EQ(refusal.message(), "Bad request");
  EXPECT_EQ(refusal.context, R"(ID_GENERATION_ERROR error=no\nids)");
}

}  // namespace
}  // namespace engineio
