#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "socketio/audience.hpp"
#include "socketio/detail/member_list.hpp"

namespace socketio::detail {

class RoomIndex;
struct Room;

/// One member in one room; an element of the member's list, which owns it.
struct Membership : boost::intrusive::list_base_hook<> {
  Membership(Room& in, RoomMember& of) noexcept : room(in), member(of) {}
  Room& room;
  RoomMember& member;
  Place place;  // in the room
};

using RoomsOfMember =
    boost::intrusive::list<Membership, boost::intrusive::constant_time_size<false>>;

/// What can be in rooms: the base of a socket.
class RoomMember {
 public:
  std::size_t room_count() const noexcept { return room_count_; }

 protected:
  RoomMember() = default;
  ~RoomMember() = default;

 private:
  friend class RoomIndex;
  RoomsOfMember rooms_;
  std::size_t room_count_ = 0;
  std::uint64_t mark_ = 0;  // the visit that has seen this member
  Place place_;             // in all()
  bool in_table_ = false;   // its memberships are in the index's table
};

/// A room: its members in the order in which they joined. Exists as long as it has any.
struct Room {
  explicit Room(std::string_view its_name) noexcept : name(its_name) {}
  std::string_view name;  // of the table's key
  MemberList members;
};

/// What happens to rooms: each call may use the index.
struct RoomListener {
  virtual void room_created(const std::string& room) = 0;
  virtual void room_joined(const std::string& room, RoomMember& member) = 0;
  virtual void room_left(const std::string& room, RoomMember& member) = 0;
  virtual void room_deleted(const std::string& room) = 0;

 protected:
  ~RoomListener() = default;
};

/// The rooms of one namespace on one loop: who is in which, in the order of joining. Joining and
/// leaving cost the same whatever the number of rooms and members.
class RoomIndex {
 public:
  RoomIndex() = default;
  RoomIndex(const RoomIndex&) = delete;
  RoomIndex& operator=(const RoomIndex&) = delete;
  ~RoomIndex();

  /// Null: nobody listens, and nothing is spent on it.
  void listen(RoomListener* listener) noexcept { listener_ = listener; }

  /// Makes `member` one of all(); it may be in rooms before. Requires: it is not.
  void add(RoomMember& member) { all_.add(member, member.place_); }
  /// Takes `member` out of every room, and out of all() if it is there.
  void remove(RoomMember& member);
  const MemberList& all() const noexcept { return all_; }

  /// False: it was in the room already.
  bool join(RoomMember& member, std::string_view room);
  /// False: it was not in the room.
  bool leave(RoomMember& member, std::string_view room);
  void leave_all(RoomMember& member);

  bool contains(RoomMember& member, std::string_view room) const;
  std::vector<std::string> rooms_of(const RoomMember& member) const;
  std::size_t rooms() const noexcept { return rooms_.size(); }

  /// Calls `function(RoomMember&)` for each member of the audience, once each, rooms in their order
  /// and members in the order of joining. Requires: `function` leaves the index alone.
  template <class Function>
  void visit(const Audience& audience, Function&& function) {
    const std::uint64_t mark = ++visits_;
    for (const std::string& room : audience.except) {
      for_members(room, [mark](RoomMember& member) { member.mark_ = mark; });
    }
    const auto visit_once = [&](RoomMember& member) {
      if (std::exchange(member.mark_, mark) != mark) function(member);
    };
    if (audience.rooms.empty()) all_.for_each(visit_once);
    for (const std::string& room : audience.rooms) for_members(room, visit_once);
  }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Key {
    const Room* room;
    const RoomMember* member;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      const auto room = reinterpret_cast<std::uintptr_t>(key.room);
      const auto member = reinterpret_cast<std::uintptr_t>(key.member);
      return static_cast<std::size_t>((room ^ (member >> 4)) * 0x9e3779b97f4a7c15ULL >> 7);
    }
  };

  template <class Function>
  void for_members(std::string_view room, Function&& function) {
    const auto found = rooms_.find(room);
    if (found != rooms_.end()) found->second.members.for_each(function);
  }
  template <class Predicate>
  static Membership* find_if(RoomMember& member, Predicate predicate);
  Membership* find(RoomMember& member, const Room& room) const;
  Membership* find(RoomMember& member, std::string_view room) const;
  void enter(RoomMember& member, Room& room);
  void drop(Membership& membership);
  void unlink(Membership& membership);
  void erase_if_empty(std::string_view room);

  std::unordered_map<std::string, Room, TextHash, std::equal_to<>> rooms_;
  std::unordered_map<Key, Membership*, KeyHash> table_;  // of members in many rooms
  MemberList all_;
  RoomListener* listener_ = nullptr;
  std::uint64_t visits_ = 0;
};

}  // namespace socketio::detail
