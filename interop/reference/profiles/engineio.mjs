// Profile `engineio`: an Engine.IO server that sends every message back as it came.
import { Server } from "engine.io";

export function attach(httpServer) {
  const server = new Server({ pingInterval: 300, pingTimeout: 200, maxHttpBufferSize: 1e6, cors: { origin: "*" } });
  server.attach(httpServer, { path: "/engine.io/" });
  server.on("connection", (session) => {
    session.on("message", (data) => session.send(data));
  });
  return server;
}
