#pragma once

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vectors {

using Row = std::vector<std::string>;

inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text.substr(i + 1).starts_with('x')) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else {
      out += text[++i];
    }
  }
  return out;
}

/// The rows of tests/vectors/NAME: columns between tabs, `\xNN` for a byte, lines that begin with
/// `#` left out. Tests run in the source folder.
inline std::vector<Row> read(const std::string& name) {
  std::ifstream file("tests/vectors/" + name);
  if (!file)
    throw std::runtime_error("cannot read tests/vectors/" + name +
                             "; run the tests in the source folder");
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    Row row;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find('\t', at), line.size());
      row.push_back(unescape(std::string_view(line).substr(at, end - at)));
      at = end + 1;
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw std::runtime_error("no rows in tests/vectors/" + name);
  return rows;
}

}  // namespace vectors
