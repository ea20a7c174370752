#include "socketio/detail/room_index.hpp"

namespace socketio::detail {
namespace {

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
  for (auto& [name, room] : rooms_) room.members.clear();
  for (RoomMember& member : all_) member.rooms_.clear();
  all_.clear();
}

void RoomIndex::remove(RoomMember& member) {
  leave_all(member);
  if (member.is_linked()) all_.erase(all_.iterator_to(member));
}

bool RoomIndex::join(RoomMember& member, std::string_view name) {
  auto found = rooms_.find(name);
  const bool created = found == rooms_.end();
  if (created) {
    found = rooms_.try_emplace(std::string(name), std::string_view{}).first;
    found->second.name = found->first;
  }
  Room& room = found->second;
  const auto [place, added] = memberships_.try_emplace(Key{&room, &member}, room, member);
  if (!added) return false;
  room.members.push_back(place->second);
  member.rooms_.push_back(place->second);
  ++member.room_count_;
  if (listener_) {
    const std::string copy(name);
    if (created) listener_->room_created(copy);
    listener_->room_joined(copy, member);
  }
  return true;
}

bool RoomIndex::leave(RoomMember& member, std::string_view name) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end()) return false;
  const auto found = memberships_.find(Key{&room->second, &member});
  if (found == memberships_.end()) return false;
  drop(found->second);
  return true;
}

void RoomIndex::leave_all(RoomMember& member) {
  while (!member.rooms_.empty()) drop(member.rooms_.front());
}

void RoomIndex::drop(Membership& membership) {
  Room& room = membership.room;
  RoomMember& member = membership.member;
  room.members.erase(room.members.iterator_to(membership));
  member.rooms_.erase(member.rooms_.iterator_to(membership));
  --member.room_count_;
  memberships_.erase(Key{&room, &member});
  shrink_if_sparse(memberships_);
  if (!listener_) return erase_if_empty(room.name);
  const std::string name(room.name);
  listener_->room_left(name, member);
  erase_if_empty(name);
}

void RoomIndex::erase_if_empty(std::string_view name) {
  const auto room = rooms_.find(name);
  if (room == rooms_.end() || !room->second.members.empty()) return;
  auto node = rooms_.extract(room);
  shrink_if_sparse(rooms_);
  if (listener_) listener_->room_deleted(node.key());
}

bool RoomIndex::contains(const RoomMember& member, std::string_view name) const {
  const auto room = rooms_.find(name);
  return room != rooms_.end() && memberships_.contains(Key{&room->second, &member});
}

std::vector<std::string> RoomIndex::rooms_of(const RoomMember& member) const {
  std::vector<std::string> names;
  names.reserve(member.room_count_);
  for (const Membership& membership : member.rooms_) names.emplace_back(membership.room.name);
  return names;
}

}  // namespace socketio::detail
