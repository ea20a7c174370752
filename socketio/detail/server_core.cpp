#include "socketio/detail/server_core.hpp"

#include <algorithm>
#include <stdexcept>

#include "engineio/detail/log_throttle.hpp"
#include "socketio/detail/client.hpp"

namespace socketio::detail {
namespace {

DecoderLimits decoder_limits_of(const Options& options) {
  DecoderLimits limits;
  limits.max_attachments = options.limits.attachments;
  limits.max_pending_bytes = options.engine.max_payload;
  limits.max_event_name_bytes = options.limits.event_name_bytes;
  limits.max_namespace_bytes = options.limits.namespace_bytes;
  limits.max_connect_bytes = options.limits.connect_payload_bytes;
  limits.json.max_depth = options.limits.json_depth;
  return limits;
}

}  // namespace

// Apart, so that faults of clients can't hide failures of handlers.
struct ServerCore::LogThrottles {
  engineio::detail::LogThrottle infos;
  engineio::detail::LogThrottle errors;
};

ServerCore::ServerCore(const Options& options, std::vector<engineio::Loop*> loops)
    : options_(options),
      decoder_limits_(decoder_limits_of(options)),
      loops_(std::move(loops)),
      scratch_(loops_.size()),
      log_throttles_(loops_.size()) {
  of("/");
}

ServerCore::~ServerCore() = default;

std::size_t ServerCore::loop_here() const noexcept {
  const auto here = std::find_if(loops_.begin(), loops_.end(),
                                 [](engineio::Loop* loop) { return loop->running_here(); });
  return static_cast<std::size_t>(here - loops_.begin());
}

NamespaceCore& ServerCore::of(std::string_view name) {
  std::string full(name);
  if (!full.starts_with('/')) full.insert(full.begin(), '/');
  if (NamespaceCore* known = find(full)) return *known;
  if (frozen_)
    throw std::logic_error("socketio: namespace " + full + " can't be made after listen()");
  if (full.find(',') != std::string::npos)
    throw std::invalid_argument("socketio: a namespace's name has no comma");
  auto made = std::make_shared<NamespaceCore>(*this, full);
  return *namespaces_.emplace(std::move(full), std::move(made)).first->second;
}

NamespaceCore* ServerCore::find(std::string_view name) const noexcept {
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : found->second.get();
}

std::unique_ptr<engineio::SessionHandler> ServerCore::make_client(engineio::Session& session) {
  return std::make_unique<Client>(*this, session);
}

void ServerCore::shut_down(std::size_t loop) {
  for (const auto& [name, nsp] : namespaces_) nsp->shard(loop).shut_down();
}

void ServerCore::close() {
  for (const auto& [name, nsp] : namespaces_) nsp->close();
}

void ServerCore::log(engineio::LogLevel level, std::string_view line) const {
  engineio::write_log(options_.engine.log, level, line);
}

void ServerCore::log_some(engineio::Loop& loop, engineio::LogLevel level, const std::string& line) {
  LogThrottles& throttles = log_throttles_[loop.index()];
  auto& throttle = level == engineio::LogLevel::error ? throttles.errors : throttles.infos;
  if (const auto end = throttle.admit(loop.now())) log(level, line + *end);
}

}  // namespace socketio::detail
