// Profile `engine-client`: the server that the official Engine.IO client's own tests talk to.
import { Server } from "engine.io";

export function attach(httpServer) {
  const server = new Server({
    pingInterval: 500,
    maxHttpBufferSize: 100,
    allowRequest: (request, decide) => decide(null, !("deny" in request._query)),
  });
  server.attach(httpServer, { path: "/engine.io/" });
  server.on("initial_headers", (headers) => {
    headers["Set-Cookie"] = [
      "1=1; Max-Age=86400",
      "2=2; Path=/; HttpOnly; Secure; SameSite=Strict",
      "3=3; Max-Age=0",
      `4=4; Expires=${new Date().toUTCString()}`,
    ];
  });
  server.on("connection", (session) => {
    session.send("hi");
    session.on("message", (message) => session.send(answer(session, message)));
  });
  return server;
}

function answer(session, message) {
  switch (message) {
    case "give binary":
      return Buffer.from([0, 1, 2, 3, 4]);
    case "give utf8":
      return "пойду спать всем спокойной ночи";
    case "sendHeaders":
      return JSON.stringify(session.transport.dataReq?.headers ?? {});
    default:
      return message;
  }
}
