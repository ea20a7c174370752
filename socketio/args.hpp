#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/system/result.hpp>

#include "socketio/binary.hpp"
#include "socketio/json.hpp"

namespace socketio {

/// Arguments of any shape, in dynamic form: for handlers that do not know what comes, and for
/// building arguments at run time.
///
/// Where a binary value stands, `values` has the object `{"_placeholder":true,"num":N}` and
/// `attachments[N]` has the bytes. As parameter of a handler it takes all arguments from its
/// position on and must be the last one (before an Ack); as argument of an emit it stands for all
/// of its values.
struct Args {
  boost::json::array values;
  std::vector<Binary> attachments;

  std::size_t size() const noexcept { return values.size(); }
  const boost::json::value& operator[](std::size_t index) const { return values.at(index); }

  /// Adds `bytes` to the attachments and returns the value that stands for it, to be put anywhere
  /// into `values`.
  boost::json::value add_binary(Binary bytes);
  /// The bytes that `value` stands for; none when it is no placeholder of an attachment.
  const Binary* binary(const boost::json::value& value) const noexcept;
  /// The bytes of argument `index`; none when there is no such argument or it is not binary.
  const Binary* binary(std::size_t index) const noexcept;
};

/// Arguments as they came, checked but not decoded: what a relay passes on. An emit splices their
/// JSON text into its packet byte for byte and shares the attachments.
///
/// Ownership: an object that you name yourself (a handler's parameter by value, a capture, a
/// member, any copy) owns its bytes, and further copies share them. The one behind a handler's
/// `const RawArgs&` borrows the message being dispatched: it costs nothing, and is valid until the
/// handler returns (for a coroutine: until its first suspension).
///
/// As parameter of a handler it takes all arguments from its position on and must be the last one
/// (before an Ack); as argument of an emit it stands for all of its values.
class RawArgs {
 public:
  /// The message being dispatched, which outlives the borrowing.
  struct Borrowed {
    std::string_view text;                       ///< the values, comma between each two
    std::span<const std::string_view> elements;  ///< each value within `text`
    std::span<const Binary>
        attachments;  ///< what placeholders in `text` refer to; empty in a packet without any
  };

  /// No arguments.
  RawArgs() = default;
  explicit RawArgs(const Borrowed& message) noexcept : view_(message) {}
  /// Copies the bytes if `other` only borrows them; also in place of a move.
  RawArgs(const RawArgs& other);
  RawArgs& operator=(RawArgs other) noexcept;
  ~RawArgs() = default;

  std::size_t size() const noexcept { return view_.elements.size(); }
  bool empty() const noexcept { return size() == 0; }
  /// The JSON text of one argument. Requires: index < size().
  std::string_view operator[](std::size_t index) const noexcept { return view_.elements[index]; }
  /// The JSON text of all arguments with commas between them, without brackets.
  std::string_view text() const noexcept { return view_.text; }
  std::span<const Binary> attachments() const noexcept { return view_.attachments; }
  /// The arguments from `first` on, borrowed from this object.
  Borrowed from(std::size_t first) const noexcept;

  /// Decodes all arguments.
  Args parse() const;

 private:
  struct Owned {
    std::string text;
    std::vector<std::string_view> elements;
    std::vector<Binary> attachments;
  };

  static std::shared_ptr<const Owned> own(const Borrowed& message);
  void adopt(std::shared_ptr<const Owned> owned) noexcept;

  Borrowed view_;
  std::shared_ptr<const Owned> owned_;  // null: borrowed, or no arguments
};

}  // namespace socketio
