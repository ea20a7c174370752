// The flags and events of bench/server.cpp, for a JavaScript server.
import { parseArgs } from "node:util";

const { values: flags } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "3000" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    "max-payload": { type: "string", default: "1000000" },
    "ping-interval": { type: "string", default: "25000" },
  },
});
export { flags };

export const engineOptions = {
  path: "/socket.io/",
  maxHttpBufferSize: Number(flags["max-payload"]),
  pingInterval: Number(flags["ping-interval"]),
};

function serveNamespace(nsp) {
  nsp.on("connection", (socket) => {
    socket.on("echo", (...args) => socket.emit("echo", ...args));
    socket.on("ack", (...args) => args.pop()(...args));
    socket.on("broadcast", (...args) => nsp.emit("broadcast", ...args));
    socket.on("join", (room, ack) => {
      socket.join(room);
      ack();
    });
    socket.on("leave", (room, ack) => {
      socket.leave(room);
      ack();
    });
    socket.on("room", (room, ...args) => nsp.to(room).emit("room", ...args));
    socket.on("except", (room, ...args) => nsp.except(room).emit("except", ...args));
    socket.on("kick", () => socket.broadcast.disconnectSockets(true));
  });
}

export function serve(io) {
  serveNamespace(io.of("/"));
  for (let i = 0; i < 10; ++i) serveNamespace(io.of(`/n${i}`));
}
