// The load generator: many Socket.IO clients on one thread, and one line of JSON with what
// happened. It measures latency; the server's CPU time is read by bench/compare from outside,
// between the lines "begin" and "end" on standard output.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/load/client.hpp"
#include "bench/load/histogram.hpp"

namespace {

using bench::Client;
using bench::Workload;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

class Generator {
 public:
  explicit Generator(const Workload& workload) : workload_(workload), epoll_(::epoll_create1(0)) {}

  void run() {
    for (int i = 0; i < workload_.connections; ++i) add_client();
    while (joined_ < workload_.connections) turn(100);
    start_work();
    run_for(workload_.warm_up);
    announce("begin");
    latencies_.clear();
    answered_ = 0;
    const std::uint64_t begin = now_ns();
    run_for(workload_.seconds);
    const double seconds = static_cast<double>(now_ns() - begin) / 1e9;
    announce("end");
    std::printf("{\"messages\":%llu,\"seconds\":%.3f,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
                static_cast<unsigned long long>(answered_), seconds,
                static_cast<double>(latencies_.quantile(0.5)) / 1e3,
                static_cast<double>(latencies_.quantile(0.99)) / 1e3);
  }

 private:
  // Tells the one who watches, and waits until it has read the server's clocks.
  static void announce(const char* what) {
    std::puts(what);
    std::fflush(stdout);
    if (std::getchar() == EOF) return;
  }

  bool is(const char* kind) const { return workload_.kind == kind; }

  void add_client() {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(workload_.port);
    ::inet_pton(AF_INET, workload_.host.c_str(), &address.sin_addr);
    if (socket < 0 ||
        ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto client = std::make_unique<Client>(workload_, socket);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = client.get()}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    client->begin();
    flush(*client);
    clients_.insert(client.release());
  }

  void remove_client(Client* client) {
    linger reset{.l_onoff = 1, .l_linger = 0};  // or the ports of closed connections run out
    ::setsockopt(client->socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(client->socket());
    clients_.erase(client);
    delete client;
  }

  void start_work() {
    working_ = true;
    if (is("poll")) return;  // each began as soon as it had joined
    if (is("idle") || is("connect")) {
      if (is("connect"))
        while (!clients_.empty()) reconnect(*clients_.begin());
      return;
    }
    for (Client* client : clients_) {
      for (int i = 0; i < workload_.in_flight; ++i) client->work(now_ns());
      flush(*client);
      if (is("broadcast")) return;  // one client asks, all get it
    }
  }

  void reconnect(Client* client) {
    remove_client(client);
    if (clients_.size() < 16) add_client();
  }

  void run_for(double seconds) {
    const std::uint64_t end = now_ns() + static_cast<std::uint64_t>(seconds * 1e9);
    while (now_ns() < end) turn(10);
  }

  void turn(int timeout) {
    epoll_event events[512];
    const int count = ::epoll_wait(epoll_, events, 512, timeout);
    for (int i = 0; i < count; ++i) read(static_cast<Client*>(events[i].data.ptr));
  }

  void read(Client* client) {
    const ssize_t got = ::recv(client->socket(), buffer_, sizeof buffer_, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) throw std::runtime_error("the server closed a connection");
    std::string_view input(buffer_, static_cast<std::size_t>(got));
    for (;;) {
      const Client::Event event = client->next(input);
      if (event == Client::Event::none) break;
      if (event == Client::Event::failed) throw std::runtime_error("an unexpected answer");
      if (event == Client::Event::joined && on_joined(client)) return;
      if (event == Client::Event::answered) on_answered(*client);
    }
    flush(*client);
  }

  bool on_joined(Client* client) {
    ++joined_;
    if (is("poll")) client->work(now_ns());
    if (!working_ || !is("connect")) return false;
    ++answered_;
    reconnect(client);
    return true;
  }

  void on_answered(Client& client) {
    const std::uint64_t now = now_ns();
    ++answered_;
    if (is("broadcast")) {
      if (++deliveries_ % static_cast<std::uint64_t>(workload_.connections) != 0) return;
      Client& asking = **clients_.begin();
      asking.work(now);
      flush(asking);
      return;
    }
    latencies_.add(now - client.answered_message_sent());
    client.work(now);
  }

  static void flush(Client& client) {
    std::string& output = client.output();
    if (output.empty()) return;
    const ssize_t sent = ::send(client.socket(), output.data(), output.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(output.size())) throw std::runtime_error("a short write");
    output.clear();
  }

  const Workload& workload_;
  int epoll_;
  std::unordered_set<Client*> clients_;
  bench::Histogram latencies_;
  std::uint64_t answered_ = 0;
  std::uint64_t deliveries_ = 0;
  int joined_ = 0;
  bool working_ = false;
  char buffer_[256 * 1024];
};

}  // namespace

int main(int argc, char** argv) {
  Workload workload;
  CLI::App app("Load for a Socket.IO server");
  app.add_option("kind", workload.kind, "echo, ack, broadcast, connect, poll, idle");
  app.add_option("--host", workload.host);
  app.add_option("--port", workload.port);
  app.add_option("--path", workload.path);
  app.add_option("--connections", workload.connections);
  app.add_option("--in-flight", workload.in_flight);
  app.add_option("--payload", workload.payload);
  app.add_option("--seconds", workload.seconds);
  app.add_option("--warm-up", workload.warm_up);
  CLI11_PARSE(app, argc, argv);
  try {
    Generator(workload).run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
  }
}
