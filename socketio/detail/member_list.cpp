#include "socketio/detail/member_list.hpp"

#include <algorithm>

namespace socketio::detail {
namespace {

// With fewer slots the gaps of those who have left do no harm.
constexpr std::size_t few = 8;
// Slots whose memory is kept for those who come next.
constexpr std::size_t kept = 64;

}  // namespace

void MemberList::add(RoomMember& member, Place& place) {
  slots_.push_back({&member, &place});
  place.index_ = static_cast<std::uint32_t>(slots_.size() - 1);
  ++size_;
}

void MemberList::remove(Place& place) {
  slots_[place.index_] = {};
  place.index_ = Place::none;
  --size_;
  if (slots_.size() > few && slots_.size() > 2 * size_) close_gaps();
}

void MemberList::clear() noexcept {
  for (const Slot& slot : slots_) {
    if (slot.place) slot.place->index_ = Place::none;
  }
  slots_.clear();
  size_ = 0;
}

RoomMember& MemberList::front() const noexcept {
  return *std::find_if(slots_.begin(), slots_.end(), [](const Slot& slot) {
            return slot.member != nullptr;
          })->member;
}

// Seldom enough that leaving costs the same on average: half of the slots have left since the last
// time.
void MemberList::close_gaps() {
  slots_.erase(std::remove_if(slots_.begin(), slots_.end(),
                              [](const Slot& slot) { return slot.member == nullptr; }),
               slots_.end());
  for (std::size_t i = 0; i < slots_.size(); ++i)
    slots_[i].place->index_ = static_cast<std::uint32_t>(i);
  if (slots_.capacity() > std::max(kept, 4 * slots_.size())) slots_.shrink_to_fit();
}

}  // namespace socketio::detail
