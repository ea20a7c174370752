// The load generator: many Socket.IO clients on one thread, and one line of JSON with what
// happened. It measures latency; the server's CPU time is read from outside, by bench/compare,
// between the lines "begin" and "end" on standard output. After each of them it waits for a line.
#include <csignal>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

#include <CLI/CLI.hpp>

#include "bench/load/generator.hpp"
#include "bench/load/workload.hpp"

namespace {

using bench::Transport;
using bench::Workload;

void announce(const char* what) {
  std::puts(what);
  std::fflush(stdout);
  for (int c = std::getchar(); c != '\n' && c != EOF; c = std::getchar()) continue;
}

void print(const bench::Report& report) {
  const auto microseconds = [&](double share) {
    return static_cast<double>(report.latencies.quantile(share)) / 1e3;
  };
  std::printf(R"({"messages":%llu,"seconds":%.6f,"p50_us":%.1f,"p99_us":%.1f,"max_us":%.1f,)",
              static_cast<unsigned long long>(report.messages), report.seconds, microseconds(0.5),
              microseconds(0.99), static_cast<double>(report.latencies.most()) / 1e3);
  std::printf(R"("generator_cpu_s":%.6f,"lost":%llu,"resumed":%llu})", report.cpu_seconds,
              static_cast<unsigned long long>(report.lost),
              static_cast<unsigned long long>(report.resumed));
  std::puts("");
}

void add_flags(CLI::App& app, Workload& workload) {
  app.add_option("kind", workload.kind,
                 "echo, ack, binary, join (leave and join a room), broadcast, room, except, "
                 "namespace, connect, idle, kick (echo, and disconnect the others); poll: echo by "
                 "polling; upgrade: connect by upgrade");
  app.add_option("--host", workload.host, "an IPv4 address");
  app.add_option("--port", workload.port);
  app.add_option("--path", workload.path);
  const std::map<std::string, Transport> transports = {{"websocket", Transport::websocket},
                                                       {"polling", Transport::polling},
                                                       {"upgrade", Transport::upgrade}};
  app.add_option("--transport", workload.transport, "websocket, polling, upgrade: how clients come")
      ->transform(CLI::CheckedTransformer(transports));
  app.add_flag("--tls", workload.tls, "the server's certificate is not checked");
  app.add_flag("--resume", workload.resume, "TLS connections take up earlier sessions");
  app.add_option("--connections", workload.connections, "connect: at a time");
  app.add_option("--in-flight", workload.in_flight,
                 "messages of a connection, or rounds, at a time");
  app.add_option("--together", workload.together,
                 "messages under way at a time, of clients that take turns; 0: see --in-flight");
  app.add_option("--payload", workload.payload, "bytes of the event's string or attachment");
  app.add_option("--groups", workload.groups, "rooms or namespaces that clients are dealt to");
  app.add_option("--warm-up", workload.warm_up, "seconds");
  app.add_option("--seconds", workload.seconds);
  app.add_option("--count", workload.count, "messages to measure, instead of seconds");
  app.add_option("--rate", workload.rate, "messages per second; 0: as answers come");
}

// What has a name of its own though it is a kind and a transport.
void resolve(Workload& workload) {
  if (workload.kind == "poll") {
    workload.kind = "echo";
    workload.transport = Transport::polling;
  } else if (workload.kind == "upgrade") {
    workload.kind = "connect";
    workload.transport = Transport::upgrade;
  }
  const bool by_polling = workload.transport == Transport::polling;
  const bool needs_frames =
      workload.kind == "binary" || workload.kind == "connect" || workload.kind == "kick";
  if (by_polling && needs_frames)
    throw std::runtime_error(workload.kind + " by polling can't be generated");
  if (workload.groups == 0 || workload.connections < workload.groups)
    throw std::runtime_error("there must be a client in each group");
}

}  // namespace

int main(int argc, char** argv) {
  Workload workload;
  CLI::App app("Load for a Socket.IO server");
  add_flags(app, workload);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  try {
    resolve(workload);
    bench::Generator generator(workload);
    generator.prepare();
    announce("begin");
    const bench::Report report = generator.measure();
    announce("end");
    print(report);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench-load: %s\n", error.what());
    return 1;
  }
}
