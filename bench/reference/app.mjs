// The events of bench/server.cpp, for a JavaScript server.
export function serve(io) {
  io.on("connection", (socket) => {
    socket.on("echo", (...args) => socket.emit("echo", ...args));
    socket.on("ack", (...args) => args.pop()(...args));
    socket.on("broadcast", (...args) => io.emit("broadcast", ...args));
    socket.on("join", (room, ack) => {
      socket.join(room);
      ack();
    });
    socket.on("room", (room, text) => io.to(room).emit("room", text));
  });
}

export function option(name, fallback) {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : process.argv[at + 1];
}
