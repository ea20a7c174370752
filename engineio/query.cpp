#include "engineio/query.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "engineio/detail/hex.hpp"
#include "engineio/payload.hpp"

namespace engineio {
namespace {

using Items = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t few_items = 16;

std::optional<char> escaped_byte(std::string_view text) noexcept {
  if (text.size() < 3) return std::nullopt;
  const int high = detail::hex_value(text[1]);
  const int low = detail::hex_value(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high << 4 | low);
}

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (const auto byte = text[i] == '%' ? escaped_byte(text.substr(i)) : std::nullopt) {
      out += *byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return to_valid_utf8(std::move(out));
}

// Sets apart what repeats an earlier key: gives its value to the first of the key, and is dropped.
void merge_few(Items& items) {
  for (std::size_t i = 1; i < items.size();) {
    const auto end = items.begin() + static_cast<std::ptrdiff_t>(i);
    const auto first = std::find_if(items.begin(), end,
                                    [&](const auto& item) { return item.first == end->first; });
    if (first == end) {
      ++i;
      continue;
    }
    first->second = std::move(end->second);
    items.erase(end);
  }
}

// The same by sorting: a hostile query has thousands of keys, and comparing each with each would
// take long.
void merge_many(Items& items) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return items[a].first < items[b].first; });
  std::vector<bool> repeated(items.size());
  for (std::size_t i = 0; i < order.size();) {
    const std::size_t first = order[i];
    std::size_t last = first;
    for (++i; i < order.size() && items[order[i]].first == items[first].first; ++i) {
      last = order[i];
      repeated[last] = true;
    }
    if (last != first) items[first].second = std::move(items[last].second);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (repeated[i]) continue;
    if (kept != i) items[kept] = std::move(items[i]);
    ++kept;
  }
  items.resize(kept);
}

}  // namespace

Query Query::parse(std::string_view text) {
  Query query;
  const auto separators = std::min<std::ptrdiff_t>(std::count(text.begin(), text.end(), '&'), 8);
  query.items_.reserve(static_cast<std::size_t>(separators) + 1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    query.items_.emplace_back(decode(item.substr(0, equals)),
                              decode(item.substr(std::min(equals + 1, item.size()))));
  }
  if (query.items_.size() <= few_items) {
    merge_few(query.items_);
  } else {
    merge_many(query.items_);
  }
  return query;
}

std::string_view Query::get(std::string_view key) const noexcept {
  for (const auto& [name, value] : items_) {
    if (name == key) return value;
  }
  return {};
}

bool Query::has(std::string_view key) const noexcept {
  return std::any_of(items_.begin(), items_.end(),
                     [&](const auto& item) { return item.first == key; });
}

}  // namespace engineio
