#include "socketio/detail/room_index.hpp"

#include <algorithm>
#include <memory>

namespace socketio::detail {
namespace {

// A member in more rooms has its memberships in the table. Looking through a few touches no memory
// that joining and leaving would not touch anyhow, which counts with thousands of members.
constexpr std::size_t rooms_to_look_through = 8;

// Tables keep their size when what was in them has gone. Halving twice at a time, seldom, keeps
// leaving as cheap as it is.
template <class Table>
void shrink_if_sparse(Table& table) {
  constexpr std::size_t small = 1'024;
  if (table.bucket_count() > small && table.size() < table.bucket_count() / 8)
    table.rehash(table.bucket_count() / 4);
}

}  // namespace

RoomIndex::~RoomIndex() {
  for (auto& [name, room] : rooms_) {
    while (!room.members.empty()) unlink(*find(room.members.front(), room));
  }
  all_.clear();
}

void RoomIndex::remove(RoomMember& member) {
  leave_all(member);
  if (member.place_.taken()) all_.remove(member.place_);
}

bool RoomIndex::join(RoomMember& member, std::string_view name) {
  auto found = rooms_.find(name);
  const bool created = found == rooms_.end();
  if (created) {
    found = rooms_.try_emplace(std::string(name), std::string_view{}).first;
    found->second.name = found->first;
  }
  Room& room = found->second;
  if (!created && find(member, room)) return false;
  enter(member, room);
  if (listener_) {
    const std::string copy(name);
    if (created) listener_->room_created(copy);
    if (!created || contains(member, copy)) listener_->room_joined(copy, member);
  }
  return true;
}

bool RoomIndex::leave(RoomMember& member, std::string_view name) {
  Membership* const membership = find(member, name);
  if (!membership) return false;
  drop(*membership);
  return true;
}

void RoomIndex::leave_all(RoomMember& member) {
  while (!member.rooms_.empty()) drop(member.rooms_.front());
}

// What was joined last is mostly what is asked for: the first is mostly a socket's own room.
template <class Predicate>
Membership* RoomIndex::find_if(RoomMember& member, Predicate predicate) {
  const auto found = std::find_if(member.rooms_.rbegin(), member.rooms_.rend(), predicate);
  return found == member.rooms_.rend() ? nullptr : &*found;
}

Membership* RoomIndex::find(RoomMember& member, const Room& room) const {
  if (!member.in_table_)
    return find_if(member, [&](const Membership& its) { return &its.room == &room; });
  const auto found = table_.find(Key{&room, &member});
  return found == table_.end() ? nullptr : found->second;
}

Membership* RoomIndex::find(RoomMember& member, std::string_view name) const {
  if (!member.in_table_)
    return find_if(member, [&](const Membership& its) { return its.room.name == name; });
  const auto room = rooms_.find(name);
  return room == rooms_.end() ? nullptr : find(member, room->second);
}

void RoomIndex::enter(RoomMember& member, Room& room) {
  auto membership = std::make_unique<Membership>(room, member);
  room.members.add(member, membership->place);
  member.rooms_.push_back(*membership.release());
  ++member.room_count_;
  if (member.in_table_) {
    table_.emplace(Key{&room, &member}, &member.rooms_.back());
  } else if (member.room_count_ > rooms_to_look_through) {
    for (Membership& its : member.rooms_) table_.emplace(Key{&its.room, &member}, &its);
    member.in_table_ = true;
  }
}

void RoomIndex::drop(Membership& membership) {
  Room& room = membership.room;
  RoomMember& member = membership.member;
  unlink(membership);
  if (!listener_) {
    if (room.members.empty()) erase_if_empty(room.name);
    return;
  }
  const std::string name(room.name);
  listener_->room_left(name, member);
  erase_if_empty(name);
}

void RoomIndex::unlink(Membership& membership) {
  Room& room = membership.room;
  RoomMember& member = membership.member;
  if (member.in_table_) {
    table_.erase(Key{&room, &member});
    shrink_if_sparse(table_);
  }
  room.members.remove(membership.place);
  if (--member.room_count_ == 0) member.in_table_ = false;
  member.rooms_.erase_and_dispose(member.rooms_.iterator_to(membership),
                                  std::default_delete<Membership>());
}

void RoomIndex::erase_if_empty(std::string_view name) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end() || !room->second.members.empty()) return;
  auto node = rooms_.extract(room);
  shrink_if_sparse(rooms_);
  if (listener_) listener_->room_deleted(node.key());
}

bool RoomIndex::contains(RoomMember& member, std::string_view name) const {
  return find(member, name) != nullptr;
}

std::vector<std::string> RoomIndex::rooms_of(const RoomMember& member) const {
  std::vector<std::string> names;
  names.reserve(member.room_count_);
  for (const Membership& membership : member.rooms_) names.emplace_back(membership.room.name);
  return names;
}

}  // namespace socketio::detail
