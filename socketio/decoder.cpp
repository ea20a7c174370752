#include "socketio/decoder.hpp"

#include <algorithm>
#include <utility>

#include "engineio/detail/free_memory.hpp"
#include "socketio/detail/json_scanner.hpp"
#include "socketio/detail/json_writer.hpp"
#include "socketio/detail/placeholders.hpp"

namespace socketio {
namespace {

constexpr std::uint64_t max_ack_id = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t max_kept_elements = 256;
// `\u0041` for `A`: what escapes can make of one byte.
constexpr std::size_t max_escape_growth = 6;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool is_json_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Takes the digits at the front of `rest`; their value stays at `limit` + 1 once it is over
// `limit`, which is taken as at most 10^18: that cannot overflow.
std::uint64_t take_digits(std::string_view& rest, std::uint64_t limit) noexcept {
  limit = std::min<std::uint64_t>(limit, 1'000'000'000'000'000'000);
  std::uint64_t value = 0;
  while (!rest.empty() && is_digit(rest.front())) {
    value = std::min<std::uint64_t>(value * 10 + static_cast<std::uint64_t>(rest.front() - '0'),
                                    limit + 1);
    rest.remove_prefix(1);
  }
  return value;
}

// The same part of another copy of the text.
std::string_view moved(std::string_view part, std::string_view from, std::string_view to) noexcept {
  if (part.empty()) return {};
  return to.substr(static_cast<std::size_t>(part.data() - from.data()), part.size());
}

void copy_string_name(const detail::JsonString& name, std::string& copy) {
  copy.resize(name.raw.size());
  char* const begin = copy.data();
  copy.resize(static_cast<std::size_t>(detail::unescape_json_string(name, begin) - begin));
}

// False: no double can hold it.
bool copy_number_name(const detail::JsonNumber& name, std::string& copy) {
  const auto number = detail::read_json_number(name);
  if (!number) return false;
  detail::NumberText text;
  copy = detail::format_number(*number, text);
  return true;
}

// Handler of JsonScanner that copies a text and writes null for each number beyond the range of a
// double.
class OverflowRewriter {
 public:
  OverflowRewriter(engineio::BlockBuilder& out, const char* begin) noexcept
      : out_(out), copied_(begin) {}

  void on_begin(bool, const char*) noexcept {}
  void on_end(bool, const char*) noexcept {}
  void on_key(const detail::JsonString&) noexcept {}
  void on_string(const detail::JsonString&) noexcept {}
  void on_literal(std::string_view) noexcept {}
  void on_number(const detail::JsonNumber& token) {
    if (!token.may_overflow || detail::read_json_number(token)) return;
    copy_until(token.raw.data());
    out_.append("null");
    copied_ = token.raw.data() + token.raw.size();
  }
  void copy_until(const char* end) {
    out_.append(std::string_view(copied_, static_cast<std::size_t>(end - copied_)));
    copied_ = end;
  }

 private:
  engineio::BlockBuilder& out_;
  const char* copied_;
};

engineio::Block without_overflow(std::string_view message, std::string_view json,
                                 const JsonLimits& limits) {
  engineio::BlockBuilder out(message.size() + 1);
  OverflowRewriter rewriter(out, message.data());
  detail::JsonScanner(json, limits, rewriter).run();
  rewriter.copy_until(message.data() + message.size());
  return out.finish();
}

}  // namespace

enum class Decoder::Fault : std::uint8_t {
  none,
  unknown_type,  // not even a digit
  unknown_type_7,
  unknown_type_8,
  unknown_type_9,
  invalid_payload,
  illegal_count,
  too_many_attachments,
  text_while_waiting,
  unexpected_binary,
  illegal_placeholder,
  packet_too_large,
  namespace_too_long,
  event_name_too_long,
};

struct Decoder::Header {
  std::size_t attachments = 0;  // announced; 0: a packet without any
};

struct Decoder::Pending {
  DecodedPacket packet;
  std::size_t attachments = 0;  // announced
  std::size_t bytes = 0;
};

void DecodedPacket::clear() noexcept {
  args_ = {};
  attachments_.clear();
  text_ = {};
  elements_.clear();
  if (elements_.capacity() > max_kept_elements) engineio::detail::free_memory(elements_);
}

Decoder::Decoder(const DecoderLimits& limits) noexcept : limits_(&limits) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

DecodeStatus Decoder::feed_text(std::string_view message, DecodedPacket& packet) {
  if (fault_ != Fault::none) return DecodeStatus::error;
  if (pending_) return fail(Fault::text_while_waiting);
  packet.clear();
  Header header;
  const Fault fault = parse(message, packet, header);
  if (fault != Fault::none) return fail(fault);
  if (header.attachments == 0) return DecodeStatus::packet;
  return wait(packet.text_ ? packet.text_.payload() : message, packet, header.attachments);
}

DecodeStatus Decoder::feed_binary(const engineio::Block& message, DecodedPacket& packet) {
  if (fault_ != Fault::none) return DecodeStatus::error;
  if (!pending_) return fail(Fault::unexpected_binary);
  if (message.size() > limits_->max_pending_bytes - pending_->bytes)
    return fail(Fault::packet_too_large);
  pending_->bytes += message.size();
  pending_->packet.attachments_.emplace_back(message);
  if (pending_->packet.attachments_.size() < pending_->attachments) return DecodeStatus::waiting;
  return complete(packet);
}

// Moves the packet to where it can wait: nothing of the message is there any longer when the
// attachments come. Where many elements are is noted again then: it can be eight times as big as
// the text.
DecodeStatus Decoder::wait(std::string_view message, DecodedPacket& packet, std::size_t count) {
  if (message.size() > limits_->max_pending_bytes) return fail(Fault::packet_too_large);
  pending_ = std::make_unique<Pending>();
  pending_->attachments = count;
  pending_->bytes = message.size();
  DecodedPacket& kept = pending_->packet;
  kept = std::move(packet);
  packet = {};
  if (kept.elements_.capacity() > max_kept_elements) {
    engineio::detail::free_memory(kept.elements_);
    kept.args_.elements = {};
  }
  if (kept.text_) return DecodeStatus::waiting;
  kept.text_ = engineio::Block::copy_of(message);
  const std::string_view copy = kept.text_.payload();
  if (kept.nsp_ != "/") kept.nsp_ = moved(kept.nsp_, message, copy);
  kept.data_ = moved(kept.data_, message, copy);
  kept.name_ = moved(kept.name_, message, copy);
  kept.args_.text = moved(kept.args_.text, message, copy);
  for (std::string_view& element : kept.elements_) element = moved(element, message, copy);
  return DecodeStatus::waiting;
}

DecodeStatus Decoder::complete(DecodedPacket& packet) {
  DecodedPacket& kept = pending_->packet;
  if (kept.has_data() && !detail::placeholders_fit(kept.data_, kept.attachments_.size())) {
    return fail(Fault::illegal_placeholder);
  }
  if (kept.elements_.empty()) note_elements(kept);
  kept.args_.attachments = kept.attachments_;
  packet = std::move(kept);
  pending_.reset();
  return DecodeStatus::packet;
}

void Decoder::note_elements(DecodedPacket& packet) const {
  if (!packet.has_data()) return;
  detail::ElementRecorder json(packet.elements_);
  detail::JsonScanner(packet.data_, limits_->json, json).run();
  packet.args_.elements =
      std::span(packet.elements_).subspan(packet.type_ == PacketType::event ? 1 : 0);
}

Decoder::Fault Decoder::parse(std::string_view message, DecodedPacket& packet,
                              Header& header) const {
  bool overflow = false;
  Fault fault = parse_header(message, packet, header);
  if (fault == Fault::none && packet.has_data()) fault = parse_data(packet, overflow);
  if (fault != Fault::none || !overflow) return fault;
  packet.text_ = without_overflow(message, packet.data_, limits_->json);
  packet.elements_.clear();
  header = {};
  fault = parse_header(packet.text_.payload(), packet, header);
  return fault == Fault::none ? parse_data(packet, overflow) : fault;
}

Decoder::Fault Decoder::parse_header(std::string_view message, DecodedPacket& packet,
                                     Header& header) const {
  if (message.empty() || !is_digit(message.front())) return Fault::unknown_type;
  const int type = message.front() - '0';
  const int first_unknown = 7;
  if (type >= first_unknown) {
    return static_cast<Fault>(static_cast<int>(Fault::unknown_type_7) + type - first_unknown);
  }
  packet.type_ = static_cast<PacketType>(type);
  std::string_view rest = message.substr(1);
  if (packet.type_ == PacketType::binary_event || packet.type_ == PacketType::binary_ack) {
    const Fault fault = parse_attachment_count(rest, header);
    if (fault != Fault::none) return fault;
    packet.type_ = packet.type_ == PacketType::binary_event ? PacketType::event : PacketType::ack;
  }
  packet.nsp_ = "/";  // never a view of the message, also if that spells it out
  if (rest.starts_with('/')) {
    const std::string_view nsp = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(nsp.size() + 1, rest.size()));
    if (nsp.size() > limits_->max_namespace_bytes) return Fault::namespace_too_long;
    if (nsp != packet.nsp_) packet.nsp_ = nsp;
  }
  packet.id_.reset();
  if (!rest.empty() && is_digit(rest.front())) {
    packet.id_ = take_digits(rest, max_ack_id);
    if (*packet.id_ > max_ack_id) return Fault::invalid_payload;
  }
  packet.data_ = rest;
  packet.name_ = {};
  packet.name_is_copied_ = false;
  return Fault::none;
}

Decoder::Fault Decoder::parse_attachment_count(std::string_view& rest, Header& header) const {
  const bool has_digits = !rest.empty() && is_digit(rest.front());
  header.attachments = take_digits(rest, std::max<std::uint64_t>(limits_->max_attachments, 1));
  if (!has_digits || !rest.starts_with('-') || header.attachments == 0) return Fault::illegal_count;
  rest.remove_prefix(1);
  return header.attachments > limits_->max_attachments ? Fault::too_many_attachments : Fault::none;
}

// Socket.IO protocol 5: which payload each type may have.
Decoder::Fault Decoder::parse_data(DecodedPacket& packet, bool& overflow) const {
  const PacketType type = packet.type_;
  if (type == PacketType::disconnect) return Fault::invalid_payload;
  if (type == PacketType::connect && packet.data_.size() > limits_->max_connect_bytes)
    return Fault::packet_too_large;
  // White space in front would be part of the ack id in the reference.
  if (is_json_space(packet.data_.front())) return Fault::invalid_payload;
  detail::ElementRecorder json(packet.elements_);
  if (detail::JsonScanner(packet.data_, limits_->json, json).run()) return Fault::invalid_payload;
  overflow = json.overflow();
  const detail::JsonShape shape = json.shape();
  if (type == PacketType::connect || type == PacketType::connect_error) {
    const bool text = type == PacketType::connect_error && shape == detail::JsonShape::string;
    return text || shape == detail::JsonShape::object ? Fault::none : Fault::invalid_payload;
  }
  if (shape != detail::JsonShape::array) return Fault::invalid_payload;
  std::span<const std::string_view> arguments = packet.elements_;
  if (type == PacketType::event) {
    const Fault fault = take_event_name(packet, json);
    if (fault != Fault::none) return fault;
    arguments = arguments.subspan(1);
  }
  packet.args_ = {{}, arguments, {}};
  if (arguments.empty()) return Fault::none;
  const char* const end = arguments.back().data() + arguments.back().size();
  packet.args_.text = std::string_view(arguments.front().data(),
                                       static_cast<std::size_t>(end - arguments.front().data()));
  return Fault::none;
}

Decoder::Fault Decoder::take_event_name(DecodedPacket& packet,
                                        const detail::ElementRecorder& json) const {
  if (packet.elements_.empty()) return Fault::invalid_payload;
  const std::size_t limit = limits_->max_event_name_bytes;
  const bool number = json.first_shape() == detail::JsonShape::number;
  if (number) {
    if (!copy_number_name(json.first_number(), packet.name_copy_)) return Fault::invalid_payload;
    packet.name_is_copied_ = true;
  } else if (json.first_shape() == detail::JsonShape::string) {
    const detail::JsonString& name = json.first_string();
    if (name.raw.size() / max_escape_growth > limit) return Fault::event_name_too_long;
    packet.name_ = name.raw;
    packet.name_is_copied_ = name.escaped;
    if (name.escaped) copy_string_name(name, packet.name_copy_);
  } else {
    return Fault::invalid_payload;
  }
  if (packet.event_name().size() > limit) return Fault::event_name_too_long;
  return !number && is_reserved_event(packet.event_name()) ? Fault::invalid_payload : Fault::none;
}

std::size_t Decoder::pending_bytes() const noexcept { return pending_ ? pending_->bytes : 0; }

std::string_view Decoder::error() const noexcept {
  switch (fault_) {
    case Fault::none: return {};
    case Fault::unknown_type: return "unknown packet type NaN";
    case Fault::unknown_type_7: return "unknown packet type 7";
    case Fault::unknown_type_8: return "unknown packet type 8";
    case Fault::unknown_type_9: return "unknown packet type 9";
    case Fault::invalid_payload: return "invalid payload";
    case Fault::illegal_count: return "Illegal attachments";
    case Fault::too_many_attachments: return "too many attachments";
    case Fault::text_while_waiting: return "got plaintext data when reconstructing a packet";
    case Fault::unexpected_binary: return "got binary data when not reconstructing a packet";
    case Fault::illegal_placeholder: return "illegal attachments";
    case Fault::packet_too_large: return "packet too large";
    case Fault::namespace_too_long: return "namespace too long";
    case Fault::event_name_too_long: return "event name too long";
  }
  return {};
}

void Decoder::reset() noexcept {
  pending_.reset();
  fault_ = Fault::none;
}

DecodeStatus Decoder::fail(Fault fault) noexcept {
  pending_.reset();
  fault_ = fault;
  return DecodeStatus::error;
}

}  // namespace socketio
