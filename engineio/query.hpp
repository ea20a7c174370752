#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engineio {

/// The parameters of a request's query, decoded by the rules of URLSearchParams: `+` is a space,
/// `%XX` a byte, malformed escapes stay as they are, bytes that are not UTF-8 become U+FFFD. A key
/// that comes twice keeps its first place and its last value. Any key is an ordinary key
/// (`__proto__` too).
class Query {
 public:
  Query() = default;
  /// Parses what follows the `?` of a request target. Total: every text has a meaning.
  static Query parse(std::string_view text);

  /// The value of `key`; empty when it is absent.
  std::string_view get(std::string_view key) const noexcept;
  bool has(std::string_view key) const noexcept;
  const std::vector<std::pair<std::string, std::string>>& items() const noexcept { return items_; }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

}  // namespace engineio
