#include "bench/load/client.hpp"

#include <cstdlib>

namespace bench {
namespace {

// A masked text frame with a key of zeros: the payload stays readable, and masking costs nothing.
void append_frame(std::string& out, std::string_view payload) {
  const std::size_t size = payload.size();
  out += '\x81';
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size <= 0xffff) {
    out += '\xfe';
    out += static_cast<char>(size >> 8);
    out += static_cast<char>(size);
  } else {
    out += '\xff';
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(std::uint64_t{size} >> shift);
  }
  out.append(4, '\0');
  out += payload;
}

std::string_view between(std::string_view text, std::string_view before, char end) {
  const std::size_t at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(end));
}

}  // namespace

std::string event_packet(std::string_view kind, int payload, bool wants_ack) {
  std::string packet = wants_ack ? "420[\"" : "42[\"";
  packet.append(kind).append("\",\"").append(static_cast<std::size_t>(payload), 'x').append("\"]");
  return packet;
}

void Client::begin() {
  if (polls()) return request("GET", {});
  output_.append("GET ")
      .append(workload_.path)
      .append("?EIO=4&transport=websocket HTTP/1.1\r\nHost: ");
  output_.append(workload_.host).append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  output_.append(
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

void Client::request(std::string_view method, std::string_view body) {
  output_.append(method).append(" ").append(workload_.path).append("?EIO=4&transport=polling");
  if (!sid_.empty()) output_.append("&sid=").append(sid_);
  output_.append(" HTTP/1.1\r\nHost: ").append(workload_.host).append("\r\n");
  if (!body.empty()) {
    output_.append("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ");
    output_.append(std::to_string(body.size())).append("\r\n");
  }
  output_.append("\r\n").append(body);
}

void Client::send_text(std::string_view packet) {
  if (polls()) return request("POST", packet);
  append_frame(output_, packet);
}

void Client::work(std::uint64_t now) {
  sent_.push_back(now);
  const bool wants_ack = workload_.kind == "ack";
  const std::string_view event = polls() ? "echo" : std::string_view(workload_.kind);
  thread_local std::string packet = event_packet(event, workload_.payload, wants_ack);
  send_text(packet);
}

void Client::answered() {
  if (sent_.empty()) return;
  answered_sent_ = sent_.front();
  sent_.pop_front();
}

Client::Event Client::next(std::string_view& input) {
  if (!input_.empty()) {
    input_.append(input);
    const std::string all = std::move(input_);
    input_.clear();
    std::string_view rest = all;
    const Event event = polls() || !upgraded_ ? next_response(rest) : next_frame(rest);
    // What is left is seen again with the next call: this path is for the odd split frame only.
    input_ = std::string(rest);
    input = {};
    if (event == Event::none) return Event::none;
    return event;
  }
  return polls() || !upgraded_ ? next_response(input) : next_frame(input);
}

Client::Event Client::next_frame(std::string_view& input) {
  while (!input.empty()) {
    std::size_t header = 2;
    if (input.size() < header) break;
    std::size_t size = static_cast<unsigned char>(input[1]);
    if (size == 126) header = 4;
    if (size == 127) header = 10;
    if (input.size() < header) break;
    if (header > 2) {
      size = 0;
      for (std::size_t i = 2; i < header; ++i)
        size = size << 8 | static_cast<unsigned char>(input[i]);
    }
    if (input.size() < header + size) break;
    const bool text = input[0] == '\x81';
    const std::string_view packet = input.substr(header, size);
    input.remove_prefix(header + size);
    const Event event = text ? on_packet(packet) : Event::failed;
    if (event != Event::none) return event;
  }
  input_.append(input);
  input = {};
  return Event::none;
}

Client::Event Client::next_response(std::string_view& input) {
  const std::size_t end = input.find("\r\n\r\n");
  if (end == input.npos) {
    input_.append(input);
    input = {};
    return Event::none;
  }
  const std::string_view head = input.substr(0, end);
  if (head.starts_with("HTTP/1.1 101")) {
    upgraded_ = true;
    input.remove_prefix(end + 4);
    return next_frame(input);
  }
  std::string_view length = between(head, "Content-Length: ", '\r');
  const auto size = static_cast<std::size_t>(std::atoi(std::string(length).c_str()));
  if (!head.starts_with("HTTP/1.1 200")) return Event::failed;
  if (input.size() < end + 4 + size) {
    input_.append(input);
    input = {};
    return Event::none;
  }
  const std::string_view body = input.substr(end + 4, size);
  input.remove_prefix(end + 4 + size);
  if (body == "ok") {
    request("GET", {});
    return Event::none;
  }
  const Event event = on_packet(body);
  return event;
}

Client::Event Client::on_packet(std::string_view packet) {
  if (packet.starts_with("42") || packet.starts_with("43")) {
    answered();
    return Event::answered;
  }
  if (packet.starts_with('0')) {
    sid_ = between(packet, "\"sid\":\"", '"');
    send_text("40");
    return Event::none;
  }
  if (packet.starts_with("40")) {
    joined_ = true;
    return Event::joined;
  }
  if (packet == "2") {
    send_text("3");
    return Event::none;
  }
  return packet == "6" ? Event::none : Event::failed;
}

}  // namespace bench
