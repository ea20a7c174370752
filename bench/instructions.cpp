// Runs one workload with server and clients on one thread, and tells how often the server's part
// asked the heap for memory. Under callgrind only the server's part is counted: bench/instructions
// does that.
#include <valgrind/callgrind.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/describe.hpp>
#include <socketio/server.hpp>

#include "bench/workloads.hpp"

namespace {

bool counting = false;
std::size_t allocations = 0;

void count_allocation() {
  if (counting) ++allocations;
}

}  // namespace

// The program's own allocation functions take the place of libc's, and pass on to them.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  count_allocation();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  count_allocation();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  count_allocation();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}
}

namespace {

struct Comment {
  std::string author, text;
  int likes = 0;
};
BOOST_DESCRIBE_STRUCT(Comment, (), (author, text, likes))

void serve(socketio::Server& io) {
  using namespace socketio;
  io.on("echo", [](Socket socket, const RawArgs& args) { socket.emit("echo", args); });
  io.on("typed", [](Socket socket, const Comment& comment) { socket.emit("typed", comment); });
  io.on("ack", [](Socket, const RawArgs& args, Ack<RawArgs> ack) { ack(args); });
  io.on("broadcast", [&io](const RawArgs& args) { io.emit("broadcast", args); });
}

void measure(const bench::Workload& workload, std::size_t steps) {
  boost::asio::io_context context(1);
  socketio::Server io(context);
  serve(io);
  io.listen("127.0.0.1", 0);
  bool measuring = false;
  const bench::RunServer run = [&] {
    counting = measuring;
    if (measuring) CALLGRIND_TOGGLE_COLLECT;
    context.poll();
    if (measuring) CALLGRIND_TOGGLE_COLLECT;
    counting = false;
  };
  workload.open(io.port(), run);
  const std::size_t warm_up = steps / 4 + 2;  // tables, pools and lazy symbols settle
  for (std::size_t i = 0; i < warm_up; ++i) workload.step(run);
  measuring = true;
  for (std::size_t i = 0; i < steps; ++i) workload.step(run);
  measuring = false;
  const std::size_t messages = steps * workload.messages;
  std::printf("{\"messages\":%zu,\"allocations\":%zu}\n", messages, allocations);
  std::fflush(stdout);
  std::_Exit(0);  // the clients need no goodbye
}

}  // namespace

int main(int argc, char** argv) {
  const auto found = argc == 3 ? bench::workloads().find(argv[1]) : bench::workloads().end();
  if (found == bench::workloads().end()) {
    std::fprintf(stderr, "usage: bench-instructions <workload> <steps>; workloads:");
    for (const auto& [name, workload] : bench::workloads())
      std::fprintf(stderr, " %s", name.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  try {
    measure(found->second, static_cast<std::size_t>(std::atoll(argv[2])));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
    return 1;
  }
}
