#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include <boost/container/small_vector.hpp>

namespace socketio::detail {

class RoomMember;

/// Where a member stands in a MemberList; lives as long as it does so.
class Place {
 public:
  bool taken() const noexcept { return index_ != none; }

 private:
  friend class MemberList;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t index_ = none;
};

/// Members in the order in which they came. Adding and removing cost the same whatever their
/// number.
///
/// They are listed in one piece of memory: through a list that is linked from one to the next, a
/// broadcast to thousands would wait at each of them for its memory, to learn where the next is.
class MemberList {
 public:
  /// `place` is free, and lasts until remove() or clear().
  void add(RoomMember& member, Place& place);
  /// Requires: `place` is of this list.
  void remove(Place& place);
  void clear() noexcept;

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }
  /// Requires: not empty.
  RoomMember& front() const noexcept;
  /// Calls `function(RoomMember&)` for each. Requires: it leaves the list alone.
  template <class Function>
  void for_each(Function&& function) const {
    for (const Slot& slot : slots_) {
      if (slot.member) function(*slot.member);
    }
  }

 private:
  struct Slot {
    RoomMember* member;  // null: has left
    Place* place;
  };
  void close_gaps();

  boost::container::small_vector<Slot, 1> slots_;  // most rooms are a socket's own
  std::size_t size_ = 0;
};

}  // namespace socketio::detail
