#pragma once

#include <array>
#include <cstddef>
#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include "socketio/detail/json_scanner.hpp"

namespace socketio::detail {

// Two handlers of JsonScanner that build the dynamic form of a text. Boost.JSON mixes an object's
// address into the hash of its keys and takes the rest of a division by the capacity, which is the
// number of members. Where that is a multiple of a high power of two, low bits of hash and address
// decide, which a client can guess: its keys could all meet in one bucket. The usual builder stops
// at such an object, and the text is read again by the other one, which gives objects an odd
// capacity.

/// Builds with Boost.JSON's own stack.
class StackValueBuilder {
 public:
  explicit StackValueBuilder(boost::json::storage_ptr storage);

  void on_begin(bool object, const char* at);
  void on_end(bool object, const char* after);
  void on_key(const JsonString& token);
  void on_string(const JsonString& token);
  void on_number(const JsonNumber& token);
  void on_literal(std::string_view word);

  /// Met an object that is to be built with more care; there is no value then.
  bool stopped() const noexcept { return stopped_; }
  /// The value. To be called once, after the scanner went through. Requires: not stopped().
  boost::json::value release() { return stack_.release(); }

 private:
  boost::json::string_view plain(const JsonString& token);

  std::array<unsigned char, 1024> first_values_;
  std::array<std::byte, 512> first_bytes_;
  std::pmr::monotonic_buffer_resource pool_{first_bytes_.data(), first_bytes_.size()};
  boost::json::value_stack stack_;
  std::pmr::vector<std::size_t> outer_counts_{&pool_};
  std::pmr::vector<char> unescaped_{&pool_};
  std::size_t count_ = 0;  // values of the innermost container so far
  bool stopped_ = false;
};

/// Builds with objects of odd capacity. Finished values wait in one list; a closing bracket moves
/// the last of them into their container.
class CarefulValueBuilder {
 public:
  explicit CarefulValueBuilder(boost::json::storage_ptr storage);

  void on_begin(bool object, const char* at);
  void on_end(bool object, const char* after);
  void on_key(const JsonString& token);
  void on_string(const JsonString& token);
  void on_number(const JsonNumber& token);
  void on_literal(std::string_view word);

  /// The value. To be called once, after the scanner went through.
  boost::json::value release() { return std::move(items_.front().value); }

 private:
  struct Item {
    std::string_view key;  // in the text, or in pool_ if it had escapes; empty in an array
    boost::json::value value;
  };
  struct Frame {
    std::size_t first_item;
    std::string_view key;
  };

  template <class T>
  void add(T&& value) {
    items_.push_back(Item{key_, boost::json::value(std::forward<T>(value), storage_)});
  }
  boost::json::value make_array(std::size_t first);
  boost::json::value make_object(std::size_t first);

  std::pmr::monotonic_buffer_resource pool_;
  std::vector<Item> items_;
  std::vector<Frame> frames_;
  std::string_view key_;
  boost::json::storage_ptr storage_;
};

}  // namespace socketio::detail
