#include "transports/address_limits.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

namespace engineio::transports {
namespace {

constexpr std::size_t windows_before_cleaning = 4096;

}  // namespace

std::shared_ptr<const void> AddressLimits::admit_connection(std::string_view address) {
  // Nothing to count and nothing to give back: a pointer that owns nothing.
  if (limits_.connections_per_address == 0) return {std::shared_ptr<void>(), this};
  std::string group = group_of(address);
  {
    const std::lock_guard lock(mutex_);
    std::size_t& count = connections_[group];
    if (count >= limits_.connections_per_address) return nullptr;
    ++count;
  }
  return {this, [self = shared_from_this(), group = std::move(group)](const void*) {
            self->give_back(group);
          }};
}

void AddressLimits::give_back(const std::string& group) {
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(group);
  if (found != connections_.end() && --found->second == 0) connections_.erase(found);
}

bool AddressLimits::admit_session(std::string_view address, TimePoint now) {
  const std::size_t limit = limits_.sessions_per_second_per_address;
  if (limit == 0) return true;
  const std::lock_guard lock(mutex_);
  std::size_t& count = count_of(sessions_, address, now);
  if (count >= limit) return false;
  ++count;
  return true;
}

bool AddressLimits::admit_guess(std::string_view address, TimePoint now, bool exists) {
  const std::size_t limit = limits_.unknown_sessions_per_second_per_address;
  if (limit == 0) return true;
  const std::lock_guard lock(mutex_);
  std::size_t& count = count_of(guesses_, address, now);
  if (count >= limit) return false;
  if (!exists) ++count;
  return true;
}

// Of the second that runs for this address.
std::size_t& AddressLimits::count_of(Windows& windows, std::string_view address, TimePoint now) {
  const auto is_over = [now](const Window& window) {
    return now - window.begin >= std::chrono::seconds(1);
  };
  // Once a second: with very many addresses each look at all of them takes long.
  if (windows.of.size() >= windows_before_cleaning &&
      now - windows.cleaned >= std::chrono::seconds(1)) {
    std::erase_if(windows.of, [&](const auto& entry) { return is_over(entry.second); });
    windows.cleaned = now;
  }
  Window& window = windows.of[group_of(address)];
  if (is_over(window)) window = {.begin = now};
  return window.count;
}

std::string AddressLimits::group_of(std::string_view text) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  const ip::address address = ip::make_address(text, error);
  if (error || address.is_v4()) return std::string(text);
  ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes).to_string();
}

}  // namespace engineio::transports
