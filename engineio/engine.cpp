#include "engineio/engine.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "engineio/detail/heap_trim.hpp"

namespace engineio {
namespace {

void fill_with_randomness(std::span<unsigned char> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw std::system_error(errno, std::system_category(), "getrandom");
    filled += static_cast<std::size_t>(count);
  }
}

// Randomness for many ids with one system call: a call costs more than the rest of a handshake's
// bookkeeping.
void next_random(std::span<unsigned char, 15> bytes) {
  thread_local std::array<unsigned char, 15 * 64> pool;
  thread_local std::size_t used = pool.size();
  if (used == pool.size()) {
    fill_with_randomness(pool);
    used = 0;
  }
  std::copy_n(pool.begin() + static_cast<std::ptrdiff_t>(used), bytes.size(), bytes.begin());
  std::fill_n(pool.begin() + static_cast<std::ptrdiff_t>(used), bytes.size(),
              static_cast<unsigned char>(0));
  used += bytes.size();
}

}  // namespace

std::string random_session_id() {
  static constexpr char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<unsigned char, 15> bytes;
  next_random(bytes);
  std::string id(20, '\0');
  for (std::size_t i = 0; i < 5; ++i) {
    const auto group =
        static_cast<unsigned>(bytes[3 * i] << 16 | bytes[3 * i + 1] << 8 | bytes[3 * i + 2]);
    for (std::size_t k = 0; k < 4; ++k) id[4 * i + k] = alphabet[group >> (18 - 6 * k) & 63];
  }
  return id;
}

std::size_t home_loop(std::string_view id, std::size_t loops) noexcept {
  return loops == 1 ? 0 : std::hash<std::string_view>{}(id) % loops;
}

Engine::Engine(Loop& loop, const Options& options, SessionHandlerFactory factory,
               std::atomic<std::size_t>& total_sessions)
    : loop_(loop),
      options_(options),
      factory_(std::move(factory)),
      total_sessions_(total_sessions),
      heap_(std::make_unique<detail::HeapTrim>()) {}

Engine::~Engine() = default;

std::shared_ptr<Session> Engine::find(std::string_view id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second;
}

std::string Engine::new_id(const Request& request) const {
  if (options_.generate_id) return options_.generate_id(request);
  for (;;) {
    std::string id = random_session_id();
    if (home_loop(id, loop_.count()) == loop_.index()) return id;
  }
}

bool Engine::full() const noexcept {
  return closed_ ||
         (options_.limits.sessions != 0 && total_sessions_.load() >= options_.limits.sessions);
}

// One step looks and counts: loops that admit at the same instant can't pass the limit together.
bool Engine::take_place() noexcept {
  const std::size_t limit = options_.limits.sessions;
  std::size_t taken = total_sessions_.load();
  do {
    if (limit != 0 && taken >= limit) return false;
  } while (!total_sessions_.compare_exchange_weak(taken, taken + 1));
  return true;
}

std::shared_ptr<Session> Engine::create(std::string id, std::shared_ptr<const Request> request) {
  if (closed_ || find(id) || !take_place()) return nullptr;
  const auto place = sessions_.try_emplace(std::move(id)).first;
  place->second = std::make_shared<Session>(*this, place->first, std::move(request));
  heap_->session_opened(sessions_.size());
  return place->second;
}

void Engine::open(Session& session, std::unique_ptr<Transport> transport) {
  std::unique_ptr<SessionHandler> handler;
  try {
    handler = factory_(session);
  } catch (...) {
    log_thrown(options_.log, "the making of a session's handler");
    transport->close();
    return session.close_now();
  }
  session.open(std::move(transport), std::move(handler));
}

void Engine::close() {
  closed_ = true;
  std::vector<std::shared_ptr<Session>> all;
  all.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) all.push_back(session);
  for (const auto& session : all) session->close_now();
}

void Engine::remove(const std::string& id) {
  if (sessions_.erase(id) == 0) return;
  --total_sessions_;
  const TimePoint now = loop_.now();
  const TimePoint look = heap_->next_look(sessions_.size(), now);
  if (trim_.armed() && look >= trim_at_) return;
  trim_at_ = look;
  loop_.arm(trim_, look - now);
}

void Engine::on_trim_deadline() {
  if (!heap_->look(sessions_.size(), detail::HeapTrim::free_bytes(), loop_.now())) return;
  sessions_.rehash(0);
  heap_->trim(sessions_.size());
}

void Engine::log(LogLevel level, std::string_view line) const {
  write_log(options_.log, level, line);
}

}  // namespace engineio
