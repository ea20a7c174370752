#include "socketio/packet.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "socketio/detail/placeholders.hpp"
#include "socketio/json.hpp"

namespace socketio {
namespace {

constexpr std::array<std::string_view, 6> reserved_events = {
    "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};

// For the types, an id, brackets, quotes and commas.
constexpr std::size_t header_room = 48;

// `4`, Engine.IO's type of a message, then `<type>[<nsp>,][<id>]`.
void append_header(engineio::BlockBuilder& out, PacketType type, std::string_view nsp,
                   std::optional<std::uint64_t> id) {
  out.push_back('4');
  out.push_back(static_cast<char>('0' + static_cast<int>(type)));
  if (!nsp.empty() && nsp != "/") {
    out.append(nsp);
    out.push_back(',');
  }
  if (id) append_json_number(out, *id);
}

EncodedPacket finish(engineio::BlockBuilder& text) { return EncodedPacket{text.finish(), {}}; }

// Turns `42…` into `45<count>-…`. The JSON moves by a few bytes, which is cheap as its bulk is in
// the attachments.
void announce_attachments(engineio::BlockBuilder& text, PacketType type, std::size_t count) {
  std::array<char, 24> announcement;
  char* end = announcement.data();
  *end++ = static_cast<char>('0' + static_cast<int>(type));
  end = std::to_chars(end, announcement.data() + announcement.size(), count).ptr;
  *end++ = '-';
  const auto size = static_cast<std::size_t>(end - announcement.data());
  const std::size_t before = text.size();
  char* const begin = text.extend(size - 1) - before;
  std::memmove(begin + 1 + size, begin + 2, before - 2);
  std::memcpy(begin + 1, announcement.data(), size);
}

void drop_misfits(engineio::BlockBuilder& text, std::size_t header_size, std::size_t attachments) {
  if (detail::placeholders_fit(text.view().substr(header_size), attachments)) return;
  const std::string json(text.view().substr(header_size));
  text.shrink(header_size);
  detail::append_without_misfits(text, json, attachments);
}

}  // namespace

std::size_t EncodedPacket::size() const noexcept {
  std::size_t bytes = text.size();
  for (const engineio::Block& attachment : attachments) bytes += attachment.size();
  return bytes;
}

bool is_reserved_event(std::string_view name) noexcept {
  return std::find(reserved_events.begin(), reserved_events.end(), name) != reserved_events.end();
}

PacketWriter::PacketWriter(PacketType type, std::string_view nsp, std::optional<std::uint64_t> id,
                           std::size_t argument_bytes)
    : text_(header_room + nsp.size() + argument_bytes), is_ack_(type == PacketType::ack) {
  append_header(text_, type, nsp, id);
  header_size_ = text_.size();
  text_.push_back('[');
}

EncodedPacket PacketWriter::finish() {
  text_.push_back(']');
  if (!attachments_.empty()) {
    drop_misfits(text_, header_size_, attachments_.size());
    announce_attachments(text_, is_ack_ ? PacketType::binary_ack : PacketType::binary_event,
                         attachments_.size());
  }
  return EncodedPacket{text_.finish(), std::move(attachments_)};
}

EncodedPacket encode_connect(std::string_view nsp, std::string_view sid) {
  engineio::BlockBuilder text;
  append_header(text, PacketType::connect, nsp, std::nullopt);
  text.append(R"({"sid":)");
  append_json_string(text, sid);
  text.push_back('}');
  return finish(text);
}

EncodedPacket encode_connect_error(std::string_view nsp, std::string_view message,
                                   const boost::json::value* data) {
  engineio::BlockBuilder text;
  append_header(text, PacketType::connect_error, nsp, std::nullopt);
  text.append(R"({"message":)");
  append_json_string(text, message);
  if (data) {
    text.append(R"(,"data":)");
    append_json(text, *data);
  }
  text.push_back('}');
  return finish(text);
}

EncodedPacket encode_disconnect(std::string_view nsp) {
  engineio::BlockBuilder text;
  append_header(text, PacketType::disconnect, nsp, std::nullopt);
  return finish(text);
}

}  // namespace socketio
