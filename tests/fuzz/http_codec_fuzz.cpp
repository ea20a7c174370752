// Bytes give the same requests however they are split. The first two bytes of the input choose
// where the second way cuts, and how much body is welcome.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "transports/http_codec.hpp"

namespace {

using namespace engineio;
using namespace engineio::transports;

void check(bool condition) {
  if (!condition) std::abort();
}

void note_head(std::string& out, HttpCodec& codec) {
  const Request request = codec.take_head();
  check(request.target.starts_with('/'));
  check(request.headers.size() <= Limits().header_fields);
  out += "head " + request.method + ' ' + request.target;
  for (const auto& [name, value] : request.headers) {
    check(!name.empty() && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    out += '\n' + name + ':' + value;
  }
  out += request.upgrade ? '1' : '0';
  out += codec.keep_alive() ? '1' : '0';
  out += codec.has_body() ? '1' : '0';
}

// Returns false after an error.
bool feed(std::string& out, HttpCodec& codec, std::string_view piece, std::size_t body_limit) {
  for (;;) {
    const auto [event, consumed] = codec.feed(piece);
    check(consumed <= piece.size());
    piece.remove_prefix(consumed);
    switch (event) {
      case HttpEvent::need_more: check(piece.empty()); return true;
      case HttpEvent::head:
        note_head(out, codec);
        codec.set_body_limit(body_limit);
        break;
      case HttpEvent::body: {
        const std::string body = codec.take_body();
        check(body.size() <= body_limit);
        out += "body " + body;
        codec.next();
        break;
      }
      case HttpEvent::error:
        out += "error " + std::to_string(codec.fault().status) + std::string(codec.fault().reason);
        return false;
    }
  }
}

std::string transcript(std::string_view bytes, std::size_t piece_size, const Limits& limits,
                       std::size_t body_limit) {
  HttpCodec codec(limits);
  std::string out;
  do {
    const std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    // A copy of exactly this size, so that reading beyond it is seen.
    const std::string exact(piece);
    if (!feed(out, codec, exact, body_limit)) break;
  } while (!bytes.empty());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t body_limit = std::size_t{data[1]} * 16;
  Limits limits;
  limits.header_bytes = 512;
  limits.header_fields = 10;
  const std::string whole =
      transcript(bytes, std::max<std::size_t>(bytes.size(), 1), limits, body_limit);
  check(transcript(bytes, 1, limits, body_limit) == whole);
  check(transcript(bytes, std::size_t{data[0]} + 1, limits, body_limit) == whole);
  return 0;
}
