#include "bench/load/http.hpp"

#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>

namespace bench {
namespace {

std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"\nContent-Length: ", "\ncontent-length: "}) {
    const std::string_view value = between(head, name, '\r');
    if (!value.empty()) return static_cast<std::size_t>(std::atoll(std::string(value).c_str()));
  }
  return 0;
}

}  // namespace

std::string_view between(std::string_view text, std::string_view before, char end) {
  const std::size_t at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, text.find(end));
}

std::optional<Response> ResponseReader::next(std::string_view& input) {
  if (input.empty()) return std::nullopt;
  partial_.append(input);
  const std::string_view all = partial_;
  const std::size_t end = all.find("\r\n\r\n");
  const std::string_view head = all.substr(0, end == all.npos ? 0 : end + 2);
  const std::size_t body = end + 4;
  const std::size_t size = content_length(head);
  if (end == all.npos || all.size() < body + size) {
    input = {};
    return std::nullopt;
  }
  input.remove_prefix(input.size() - (all.size() - body - size));
  taken_.swap(partial_);
  partial_.clear();
  return Response{std::string_view(taken_).substr(9, 3),
                  std::string_view(taken_).substr(body, size)};
}

}  // namespace bench
