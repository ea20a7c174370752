// Any text decodes to a packet or to none; a binary message written again decodes to itself; what
// goes into the log is one printable line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engineio/detail/log_text.hpp"
#include "engineio/detail/utf8.hpp"
#include "engineio/packet.hpp"

namespace {

using namespace engineio;

void check(bool condition) {
  if (!condition) std::abort();
}

void check_base64(std::string_view bytes) {
  std::string text;
  append_base64_message(text, bytes);
  const auto packet = decode_packet(text);
  check(packet && packet->binary && packet->type == PacketType::message && packet->data == bytes);
}

void check_log_text(std::string_view text) {
  const std::string shown = detail::loggable(text, 64);
  check(shown.size() <= 64 && detail::is_valid_utf8(shown));
  for (const char c : shown) check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto packet = decode_packet(text)) {
    check(!text.empty());
    check(packet->binary ? packet->data.size() <= size : packet->data == text.substr(1));
  }
  check_base64(text);
  check_log_text(text);
  return 0;
}
