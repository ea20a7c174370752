// Profile `socketio`: the server of the Socket.IO protocol's compliance suite.
import { Server } from "socket.io";

export function attach(httpServer) {
  const io = new Server(httpServer, {
    pingInterval: 300,
    pingTimeout: 200,
    maxHttpBufferSize: 1e6,
    connectTimeout: 1000,
    cors: { origin: "*" },
  });
  io.on("connection", (socket) => {
    socket.emit("auth", socket.handshake.auth);
    socket.on("message", (...args) => socket.emit("message-back", ...args));
    socket.on("message-with-ack", (...args) => {
      if (typeof args.at(-1) === "function") args.pop()(...args);
    });
  });
  io.of("/custom").on("connection", (socket) => {
    socket.emit("auth", socket.handshake.auth);
  });
  return io;
}
