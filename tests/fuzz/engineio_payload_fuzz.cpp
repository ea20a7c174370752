// A body becomes well-formed UTF-8, once and for all; its packets joined again are the body, and
// are one more than its separators.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engineio/detail/utf8.hpp"
#include "engineio/payload.hpp"

namespace {

void check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace engineio;
  const std::string raw(reinterpret_cast<const char*>(data), size);
  const std::string body = to_valid_utf8(raw);
  check(detail::is_valid_utf8(body));
  check(detail::is_valid_utf8(raw) == (body == raw));
  check(to_valid_utf8(body) == body);

  PayloadReader reader(body);
  std::string joined;
  std::ptrdiff_t packets = 0;
  while (const auto packet = reader.next()) {
    check(packet->find(payload_separator) == std::string_view::npos);
    if (packets++ != 0) joined += payload_separator;
    joined += *packet;
  }
  check(reader.done());
  check(joined == body);
  check(packets == std::count(body.begin(), body.end(), payload_separator) + 1);
  return 0;
}
