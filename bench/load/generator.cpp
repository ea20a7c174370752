#include "bench/load/generator.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t opening_at_a_time = 64;  // or the server's queue of new connections runs over
constexpr std::size_t sockets_per_turn = 32;
constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t patience = 20 * second;  // for answers that do not come

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

}  // namespace

Generator::Generator(const Workload& workload)
    : workload_(workload), epoll_(::epoll_create1(0)), work_(make_work(workload, *this)) {
  if (workload.tls) tls_ = std::make_unique<TlsContext>(workload.resume);
  if (workload.rate > 0)
    unit_ns_ = 1e9 * static_cast<double>(work_->messages_per_unit()) / workload.rate;
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // paced units begin when they are due
}

Generator::~Generator() { ::close(epoll_); }

void Generator::prepare() {
  const std::uint64_t deadline = now_ns() + 6 * patience;
  while (joined_ < work_->clients()) {
    while (clients_.size() < std::min(work_->clients(), joined_ + opening_at_a_time)) open_client();
    turn(second / 10);
    if (now_ns() > deadline) throw std::runtime_error("clients do not get in");
  }
  run(workload_.warm_up, 0);
}

Report Generator::measure() {
  report_ = {};
  const double cpu = cpu_seconds();
  const std::uint64_t began = now_ns();
  run(workload_.seconds, workload_.count);
  report_.seconds = static_cast<double>(now_ns() - began) / 1e9;
  report_.cpu_seconds = cpu_seconds() - cpu;
  return report_;
}

// For that long, or for so many messages; then everything under way ends.
void Generator::run(double seconds, std::uint64_t messages) {
  const std::size_t unit = work_->messages_per_unit();
  begun_ = ended_ = 0;
  limit_ = (messages + unit - 1) / unit;
  running_ = true;
  phase_began_ = now_ns();
  const std::uint64_t end = phase_began_ + static_cast<std::uint64_t>(seconds * 1e9);
  const bool paced = unit_ns_ > 0;
  for (std::size_t i = 0; !paced && i < work_->parallel() && (limit_ == 0 || i < limit_); ++i)
    begin_unit(nullptr, now_ns());
  while (limit_ > 0 ? ended_ < limit_ : now_ns() < end) {
    if (paced) begin_due_units();
    turn(paced ? static_cast<std::uint64_t>(unit_ns_ / 2) : second / 100);
  }
  running_ = false;
  drain();
}

void Generator::begin_due_units() {
  const std::uint64_t now = now_ns();
  while (limit_ == 0 || begun_ < limit_) {
    const auto due =
        phase_began_ + static_cast<std::uint64_t>(static_cast<double>(begun_) * unit_ns_);
    if (due > now) return;
    begin_unit(nullptr, due);
  }
}

void Generator::drain() {
  const std::uint64_t deadline = now_ns() + patience;
  while (ended_ < begun_) {
    turn(second / 100);
    if (now_ns() > deadline) throw std::runtime_error("answers do not come");
  }
}

void Generator::begin_unit(Client* client, std::uint64_t now) {
  ++begun_;
  work_->begin_unit(client, now);
}

void Generator::unit_ended(std::uint64_t begun, Client* client) {
  ++ended_;
  report_.latencies.add(now_ - begun);
  if (running_ && unit_ns_ == 0 && (limit_ == 0 || begun_ < limit_)) begin_unit(client, now_);
}

Client& Generator::open_client() {
  std::size_t number = clients_.size();
  if (free_numbers_.empty()) {
    clients_.emplace_back();
  } else {
    number = free_numbers_.back();
    free_numbers_.pop_back();
  }
  ClientEvents& events = *this;
  clients_[number] = std::make_unique<Client>(workload_, events, number, work_->nsp_of(number),
                                              work_->room_of(number));
  Client& client = *clients_[number];
  client.begin(open_channel(client));
  flush(client.channel());
  return client;
}

std::unique_ptr<Channel> Generator::open_channel(Client& client) {
  auto channel = std::make_unique<Channel>(client, workload_, channels_opened_++, tls_.get());
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.ptr = channel.get()}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, channel->stream.socket(), &event);
  return channel;
}

void Generator::close_client(Client& client) {
  client.channel().stream.flush();
  client.channel().gone = true;
  free_numbers_.push_back(client.number());
  gone_.push_back(std::move(clients_[client.number()]));
}

void Generator::wants_upgrade(Client& client) {
  std::unique_ptr<Channel> channel = open_channel(client);
  Channel& opened = *channel;
  client.upgrade_over(std::move(channel));
  flush(opened);
}

void Generator::left(std::unique_ptr<Channel> channel) {
  channel->gone = true;
  gone_channels_.push_back(std::move(channel));
}

void Generator::joined(Client& client) {
  ++joined_;
  if (client.channel().stream.resumed()) ++report_.resumed;
  flush_later(client);  // after an upgrade what came last came on the other connection
  work_->joined(client);
}

void Generator::turn(std::uint64_t nanoseconds) {
  std::array<epoll_event, sockets_per_turn> events;
  const timespec limit{.tv_sec = static_cast<time_t>(nanoseconds / second),
                       .tv_nsec = static_cast<long>(nanoseconds % second)};
  const int count = ::epoll_pwait2(epoll_, events.data(), events.size(), &limit, nullptr);
  for (int i = 0; i < count; ++i) {
    auto& channel = *static_cast<Channel*>(events[static_cast<std::size_t>(i)].data.ptr);
    const bool readable = events[static_cast<std::size_t>(i)].events & ~std::uint32_t{EPOLLOUT};
    if (readable && !channel.gone) read(channel);
    if (!channel.gone) flush_later(channel);
  }
  flush_all();
}

void Generator::read(Channel& channel) {
  bool more = true;
  while (more && !channel.gone) {
    const std::ptrdiff_t got = channel.stream.read(buffer_.data(), buffer_.size());
    if (got < 0) return lose(channel);
    if (got == 0) return;
    const auto size = static_cast<std::size_t>(got);
    more = size == buffer_.size() || channel.stream.has_more();
    now_ = now_ns();
    channel.client.read(channel, {buffer_.data(), size});
  }
}

void Generator::lose(Channel& channel) {
  if (workload_.kind != "idle") throw std::runtime_error("the server closed a connection");
  ++report_.lost;
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, channel.stream.socket(), nullptr);
}

void Generator::flush_later(Client& client) { flush_later(client.channel()); }

void Generator::flush_later(Channel& channel) {
  if (std::exchange(channel.to_be_flushed, true)) return;
  to_be_flushed_.push_back(&channel);
}

void Generator::flush(Channel& channel) {
  const bool waits = channel.stream.flush();
  if (waits == channel.waits) return;
  channel.waits = waits;
  epoll_event event{.events = EPOLLIN | EPOLLET | (waits ? EPOLLOUT : 0U),
                    .data = {.ptr = &channel}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, channel.stream.socket(), &event);
}

void Generator::flush_all() {
  for (Channel* channel : to_be_flushed_) {
    channel->to_be_flushed = false;
    flush(*channel);
  }
  to_be_flushed_.clear();
  gone_.clear();
  gone_channels_.clear();
}

}  // namespace bench
