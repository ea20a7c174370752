#include "bench/load/client.hpp"

#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr char separator = '\x1e';  // of packets in a polling payload

[[noreturn]] void unexpected(std::string_view what) {
  throw std::runtime_error("unexpected: " + std::string(what.substr(0, 200)));
}

bool polls(const Workload& workload) { return workload.transport != Transport::websocket; }

}  // namespace

std::string event_text(std::string_view type, std::string_view name,
                       std::initializer_list<std::string_view> arguments) {
  std::string text(type);
  text.append(R"([")").append(name).append(1, '"');
  for (const std::string_view argument : arguments)
    text.append(R"(,")").append(argument).append(1, '"');
  return text += ']';
}

Message::Message(std::string text, std::string_view attachment) : packet(std::move(text)) {
  append_frame(frames, Opcode::text, packet);
  if (!attachment.empty()) append_frame(frames, Opcode::binary, attachment);
}

Client::Client(const Workload& workload, ClientEvents& events, std::size_t number, std::string nsp,
               std::string room)
    : workload_(workload),
      events_(events),
      number_(number),
      nsp_(std::move(nsp)),
      room_(std::move(room)) {}

void Client::begin(std::unique_ptr<Channel> channel) {
  channel_ = std::move(channel);
  if (polls(workload_)) return request("GET", {});
  request_upgrade(*channel_);
}

void Client::upgrade_over(std::unique_ptr<Channel> channel) {
  candidate_ = std::move(channel);
  request_upgrade(*candidate_);
}

void Client::read(Channel& channel, std::string_view input) {
  while (!channel.upgraded) {
    const auto response = channel.responses.next(input);
    if (!response) return;
    on_response(channel, *response);
  }
  while (const auto frame = channel.frames.next(input)) on_frame(channel, *frame);
}

void Client::send(const Message& message) {
  if (!channel_->upgraded) return send_packet(message.packet);
  if (message.frames.size() < FrameReader::kept)
    channel_->stream.output() += message.frames;
  else
    channel_->stream.write(message.frames);
}

std::uint64_t Client::take_sent() {
  if (sent_.empty()) return 0;
  const std::uint64_t first = sent_.front();
  sent_.pop_front();
  return first;
}

void Client::on_response(Channel& channel, const Response& response) {
  if (response.status == "101") {
    channel.upgraded = true;
    if (&channel == candidate_.get()) reply(channel, "2probe");
    return;
  }
  if (response.status != "200") unexpected(response.body);
  requested_ = false;
  if (response.body != "ok") on_payload(response.body);
  next_request();
}

void Client::on_payload(std::string_view payload) {
  while (!payload.empty()) {
    const std::size_t size = payload.find(separator);
    on_packet(*channel_, payload.substr(0, size));
    payload.remove_prefix(size == payload.npos ? payload.size() : size + 1);
  }
}

void Client::on_frame(Channel& channel, const Frame& frame) {
  if (frame.opcode == Opcode::text) return on_packet(channel, frame.payload);
  if (frame.opcode == Opcode::binary) return events_.answered(*this);
  unexpected("a frame that is neither text nor binary");
}

void Client::on_packet(Channel& channel, std::string_view packet) {
  switch (packet.empty() ? '\0' : packet[0]) {
    case '0':
      sid_ = between(packet, R"("sid":")", '"');
      return reply(channel, nsp_.empty() ? "40" : "40" + nsp_ + ",");
    case '2': reply(channel, "3"); return events_.pinged();
    case '3': probed_ = true; return change_over();
    case '4': return on_message(packet);
    case '6': return;
    default: unexpected(packet);
  }
}

void Client::on_message(std::string_view packet) {
  switch (packet.size() > 1 ? packet[1] : '\0') {
    case '0':
      joining_ = !room_.empty();
      return joining_ ? reply(*channel_, event_text("420", "join", {room_})) : on_ready();
    case '2': return events_.answered(*this);
    case '3':
      if (!std::exchange(joining_, false)) return events_.answered(*this);
      return on_ready();
    case '5':  // its attachment is what is waited for
      return;
    default: unexpected(packet);
  }
}

void Client::on_ready() {
  joined_ = true;
  if (workload_.transport == Transport::upgrade) return events_.wants_upgrade(*this);
  events_.joined(*this);
}

void Client::reply(Channel& channel, std::string_view packet) {
  if (channel.upgraded) return append_frame(channel.stream.output(), Opcode::text, packet);
  send_packet(packet);
}

void Client::send_packet(std::string_view packet) {
  if (!queue_.empty()) queue_ += separator;
  queue_ += packet;
  next_request();
}

// One request at a time on the connection: what there is to say first, then a poll for what is
// expected.
void Client::next_request() {
  if (requested_ || channel_->upgraded) return;
  if (!queue_.empty()) {
    request("POST", queue_);
    queue_.clear();
    return;
  }
  if (probed_) return change_over();
  const bool parks = workload_.transport == Transport::upgrade || workload_.kind == "idle";
  if (!joined_ || !sent_.empty() || parks) request("GET", {});
}

void Client::request(std::string_view method, std::string_view body) {
  requested_ = true;
  std::string& out = channel_->stream.output();
  out.append(method).append(" ").append(workload_.path).append("?EIO=4&transport=polling");
  if (!sid_.empty()) out.append("&sid=").append(sid_);
  out.append(" HTTP/1.1\r\nHost: ").append(workload_.host).append("\r\n");
  if (!body.empty()) {
    out.append("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n");
  }
  out.append("\r\n").append(body);
}

void Client::request_upgrade(Channel& channel) {
  std::string& out = channel.stream.output();
  out.append("GET ").append(workload_.path).append("?EIO=4&transport=websocket");
  if (!sid_.empty()) out.append("&sid=").append(sid_);
  out.append(" HTTP/1.1\r\nHost: ").append(workload_.host);
  out.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
  out.append("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n");
}

// The poll that is parked comes back first, empty-handed.
void Client::change_over() {
  if (!candidate_ || requested_) return;
  reply(*candidate_, "5");
  std::swap(channel_, candidate_);
  events_.left(std::move(candidate_));
  events_.joined(*this);
}

}  // namespace bench
