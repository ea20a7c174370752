#include "engineio/options.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "engineio/cors.hpp"

namespace engineio {
namespace {

// A message is one Block.
constexpr std::size_t largest_max_payload = 4'000'000'000;

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

void check_path(const std::string& path) {
  const bool can_come = std::all_of(path.begin(), path.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && c != '?' && c != '#';
  });
  if (!can_come) refuse("path: no request has a space, a control character, \"?\" or \"#\" in it");
}

}  // namespace

void check_duration(const char* name, milliseconds value, milliseconds least) {
  if (value >= least && value <= longest_duration) return;
  refuse(std::string(name) + ": " + std::to_string(value.count()) + " ms is not from " +
         std::to_string(least.count()) + " to " + std::to_string(longest_duration.count()) + " ms");
}

void validate(const Options& options) {
  const Limits& limits = options.limits;
  constexpr milliseconds some{1};
  check_path(options.path);
  check_duration("ping_interval", options.ping_interval, some);
  check_duration("ping_timeout", options.ping_timeout, some);
  // The clients' timer waits for the sum, and one that is set to more fires at once.
  if (options.ping_interval + options.ping_timeout > longest_duration)
    refuse("ping_interval and ping_timeout are more than 24 days together");
  check_duration("upgrade_timeout", options.upgrade_timeout);
  check_duration("limits.turn_time", limits.turn_time);
  check_duration("limits.header_timeout", limits.header_timeout);
  check_duration("limits.body_timeout", limits.body_timeout);
  check_duration("limits.keep_alive_timeout", limits.keep_alive_timeout);
  check_duration("limits.tls_handshake_timeout", limits.tls_handshake_timeout);
  check_duration("limits.close_timeout", limits.close_timeout);
  check_duration("limits.assembly_timeout", limits.assembly_timeout);
  if (options.max_payload > largest_max_payload) refuse("max_payload is more than 4 GB");
  if (options.transports.empty()) refuse("transports: none is left to connect with");
  if (options.cors) validate(*options.cors);
}

}  // namespace engineio
