#include "transports/detail/body_reader.hpp"

#include <algorithm>

#include "engineio/detail/hex.hpp"

namespace engineio::transports::detail {
namespace {

constexpr std::uint64_t largest_size_before_a_digit = ~std::uint64_t{0} >> 4;

}  // namespace

BodyReader BodyReader::sized(std::uint64_t length) noexcept {
  BodyReader reader;
  reader.left_ = length;
  reader.state_ = length == 0 ? State::done : State::data;
  return reader;
}

BodyReader BodyReader::chunked(std::size_t max_framing) noexcept {
  BodyReader reader;
  reader.is_chunked_ = true;
  reader.max_framing_ = max_framing;
  reader.state_ = State::size_first;
  return reader;
}

BodyReader::Progress BodyReader::feed(std::string_view bytes, std::string& body,
                                      std::size_t max_bytes) {
  if (state_ == State::data && !check_limit(max_bytes)) return {Verdict::refused, 0};
  std::size_t at = 0;
  while (state_ != State::done && at < bytes.size()) {
    if (state_ == State::data) {
      at += take_data(bytes.substr(at), body);
    } else if (!framing(bytes[at++], max_bytes)) {
      return {Verdict::refused, at};
    }
  }
  return {state_ == State::done ? Verdict::complete : Verdict::need_more, at};
}

std::size_t BodyReader::take_data(std::string_view bytes, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_));
  // Memory follows what came, not what was announced.
  if (!discards_ && body.empty()) body.reserve(count);
  if (!discards_) body.append(bytes.substr(0, count));
  size_ += count;
  left_ -= count;
  framing_ = 0;
  if (left_ == 0) state_ = is_chunked_ ? State::data_cr : State::done;
  return count;
}

bool BodyReader::check_limit(std::size_t max_bytes) noexcept {
  return left_ <= max_bytes - size_ || refuse(413, "request body over the limit");
}

bool BodyReader::framing(char c, std::size_t max_bytes) noexcept {
  if (++framing_ > max_framing_) return refuse(431, "too much between two bytes of a chunked body");
  switch (state_) {
    case State::size_first:
    case State::size: return size_digit(c);
    case State::size_lf: return expect(c, '\n', State::size) && end_of_size(max_bytes);
    case State::data_cr: return expect(c, '\r', State::data_lf);
    case State::data_lf: return expect(c, '\n', State::size_first);
    case State::trailer_first:
    case State::trailer_name: return trailer_start(c);
    case State::trailer_value: return trailer_text(c);
    case State::trailer_lf: return expect(c, '\n', State::trailer_first);
    case State::last_lf: return expect(c, '\n', State::done);
    case State::data:
    case State::done: break;
  }
  return refuse(400, "malformed chunk");
}

bool BodyReader::size_digit(char c) noexcept {
  if (c == '\r' && state_ == State::size) {
    state_ = State::size_lf;
    return true;
  }
  const int digit = engineio::detail::hex_value(c);
  if (digit < 0) return refuse(400, c == ';' ? "chunk extension" : "chunk size is no number");
  if (left_ > largest_size_before_a_digit)
    return refuse(400, "chunk size is too large for any body");
  left_ = left_ << 4 | static_cast<std::uint64_t>(digit);
  state_ = State::size;
  return true;
}

bool BodyReader::end_of_size(std::size_t max_bytes) noexcept {
  state_ = left_ == 0 ? State::trailer_first : State::data;
  return check_limit(max_bytes);
}

bool BodyReader::expect(char c, char wanted, State next) noexcept {
  if (c != wanted) return refuse(400, "line end missing in a chunked body");
  state_ = next;
  return true;
}

bool BodyReader::trailer_start(char c) noexcept {
  if (c == '\r' && state_ == State::trailer_first) {
    state_ = State::last_lf;
  } else if (c == ':' && state_ == State::trailer_name) {
    state_ = State::trailer_value;
  } else if (is_token_character(c)) {
    state_ = State::trailer_name;
  } else {
    return refuse(400, "malformed trailer field");
  }
  return true;
}

bool BodyReader::trailer_text(char c) noexcept {
  if (c == '\r') {
    state_ = State::trailer_lf;
    return true;
  }
  const auto byte = static_cast<unsigned char>(c);
  const bool text = c == '\t' || (byte >= 0x20 && byte != 0x7F);
  return text || refuse(400, "control character in a trailer field");
}

}  // namespace engineio::transports::detail
