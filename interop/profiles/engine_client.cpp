// Profile `engine-client`: the server that the official Engine.IO client's own tests talk to.

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "interop/profiles/profile.hpp"
#include "transports/engine_server.hpp"

namespace interop {
namespace {

std::string http_date_of_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  gmtime_r(&now, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, size};
}

void set_cookies(std::vector<engineio::HeaderField>& headers, const engineio::Request&) {
  headers.push_back({"Set-Cookie", "1=1; Max-Age=86400"});
  headers.push_back({"Set-Cookie", "2=2; Path=/; HttpOnly; Secure; SameSite=Strict"});
  headers.push_back({"Set-Cookie", "3=3; Max-Age=0"});
  headers.push_back({"Set-Cookie", "4=4; Expires=" + http_date_of_now()});
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

std::string headers_as_json(const engineio::Request& request) {
  boost::json::object object;
  for (const auto& [name, value] : request.headers) object[lower_case(name)] = value;
  return boost::json::serialize(object);
}

void answer(const engineio::Socket& socket, engineio::Message message) {
  using namespace std::string_view_literals;
  if (message.data == "give binary") {
    socket.send(engineio::Message{.data = "\0\1\2\3\4"sv, .binary = true});
  } else if (message.data == "give utf8") {
    socket.send("пойду спать всем спокойной ночи"sv);
  } else if (message.data == "sendHeaders") {
    socket.send(headers_as_json(socket.data_request()));
  } else {
    socket.send(message);
  }
}

}  // namespace

void run_engine_client(const Setting& setting) {
  using namespace std::chrono_literals;
  engineio::ServerOptions options{.threads = setting.threads};
  options.engine.ping_interval = 500ms;
  options.engine.max_payload = 100;
  options.engine.initial_headers = set_cookies;
  options.engine.allow_request = [](const engineio::Request& request,
                                    const engineio::DecisionCallback& reply) {
    reply({.allowed = !request.query.has("deny")});
  };
  engineio::Server server(std::move(options));
  server.on_connection([](const engineio::Socket& socket) { socket.send("hi"); });
  server.on_message(answer);
  serve(server, setting);
}

}  // namespace interop
