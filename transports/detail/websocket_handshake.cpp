#include "transports/detail/websocket_handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "transports/detail/head_validator.hpp"

namespace engineio::transports::detail {
namespace {

constexpr std::string_view protocol_guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3

constexpr std::string_view key_field = "Sec-WebSocket-Key";

constexpr std::string_view digits_and_letters =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_letter_or_digit(char c) noexcept {
  return digits_and_letters.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

/// Splits off what precedes the first comma.
std::string_view take_element(std::string_view& list) noexcept {
  const auto comma = std::min(list.find(','), list.size());
  const auto element = trimmed(list.substr(0, comma));
  list.remove_prefix(std::min(comma + 1, list.size()));
  return element;
}

bool list_contains(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    if (equals_ignoring_case(take_element(list), token)) return true;
  }
  return false;
}

/// Looks at all fields of that name, as if they were one list.
bool has_token(const Request& request, std::string_view name, std::string_view token) noexcept {
  return std::any_of(request.headers.begin(), request.headers.end(), [&](const HeaderField& field) {
    return equals_ignoring_case(field.name, name) && list_contains(field.value, token);
  });
}

/// The value of a field that may come once only; empty when it is absent or comes again.
std::string_view only_value(const Request& request, std::string_view name) noexcept {
  const auto named = [&](const HeaderField& field) {
    return equals_ignoring_case(field.name, name);
  };
  if (std::count_if(request.headers.begin(), request.headers.end(), named) != 1) return {};
  return trimmed(request.header(name));
}

/// Base64 of exactly 16 bytes, as an encoder writes it: 22 characters, the last of which carries
/// two bits, and "==".
bool is_valid_key(std::string_view key) noexcept {
  if (key.size() != 24 || !key.ends_with("==")) return false;
  const auto digits = key.substr(0, 22);
  const bool base64 = std::all_of(digits.begin(), digits.end(), [](char c) {
    return is_letter_or_digit(c) || c == '+' || c == '/';
  });
  return base64 && std::string_view("AQgw").find(digits.back()) != std::string_view::npos;
}

std::string_view first_subprotocol(const Request& request) noexcept {
  std::string_view list = request.header("Sec-WebSocket-Protocol");
  const auto first = take_element(list);
  return is_token(first) ? first : std::string_view();
}

// Looked up once: OpenSSL would do it for every digest, which takes longer than the digest.
const EVP_MD* sha1() {
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> fetched(
      EVP_MD_fetch(nullptr, "SHA1", nullptr), &EVP_MD_free);
  return fetched.get();
}

}  // namespace

std::string websocket_accept_key(std::string_view key) {
  const std::string input = std::string(key).append(protocol_guid);
  std::array<unsigned char, 20> digest = {};
  if (!sha1() ||
      EVP_Digest(input.data(), input.size(), digest.data(), nullptr, sha1(), nullptr) != 1) {
    throw std::runtime_error(
        "SHA-1, which WebSocket handshakes need, is not available from OpenSSL");
  }
  std::array<unsigned char, 29> base64 = {};  // with the NUL that OpenSSL adds
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

std::optional<WebSocketRefusal> refuse_websocket(const Request& request) {
  using Refusal = WebSocketRefusal;
  if (request.method != "GET") return Refusal{405, "Invalid HTTP method", {{"Allow", "GET"}}};
  if (!has_token(request, "Upgrade", "websocket")) return Refusal{400, "Invalid Upgrade header"};
  if (!has_token(request, "Connection", "upgrade"))
    return Refusal{400, "Invalid Connection header"};
  if (only_value(request, "Sec-WebSocket-Version") != "13") {
    return Refusal{
        426, "Missing or invalid Sec-WebSocket-Version header", {{"Sec-WebSocket-Version", "13"}}};
  }
  if (!is_valid_key(only_value(request, key_field)))
    return Refusal{400, "Missing or invalid Sec-WebSocket-Key header"};
  return std::nullopt;
}

std::vector<HeaderField> accept_websocket(const Request& request) {
  std::vector<HeaderField> headers;
  headers.reserve(4);
  headers.push_back({"Upgrade", "websocket"});
  headers.push_back({"Connection", "Upgrade"});
  headers.push_back({"Sec-WebSocket-Accept", websocket_accept_key(only_value(request, key_field))});
  const auto subprotocol = first_subprotocol(request);
  if (!subprotocol.empty()) headers.push_back({"Sec-WebSocket-Protocol", std::string(subprotocol)});
  return headers;
}

}  // namespace engineio::transports::detail
