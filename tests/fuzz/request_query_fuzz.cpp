// Any text is a query, of distinct keys in well-formed UTF-8; written again with everything escaped
// it reads the same. Admission bears any query.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "engineio/admission.hpp"
#include "engineio/detail/utf8.hpp"
#include "engineio/query.hpp"

namespace {

using namespace engineio;

void check(bool condition) {
  if (!condition) std::abort();
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

void check_admission(const Query& query) {
  Request request;
  request.method = "GET";
  request.query = query;
  const Options options;
  for (const bool upgrade : {false, true}) {
    request.upgrade = upgrade;
    const auto unknown = admit(request, options, {});
    const auto known = admit(request, options, TransportKind::polling);
    check(session_id_of(request).empty() || unknown.outcome == Admission::Outcome::refused);
    check(known.outcome != Admission::Outcome::handshake || session_id_of(request).empty());
    check(unknown.context.size() <= 400 && detail::is_valid_utf8(unknown.context));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Query query = Query::parse({reinterpret_cast<const char*>(data), size});
  std::set<std::string_view> keys;
  std::string again;
  for (const auto& [key, value] : query.items()) {
    check(detail::is_valid_utf8(key) && detail::is_valid_utf8(value));
    check(keys.insert(key).second);
    check(query.has(key) && query.get(key) == value);
    again += escaped(key) + '=' + escaped(value) + '&';
  }
  check(Query::parse(again).items() == query.items());
  check_admission(query);
  return 0;
}
