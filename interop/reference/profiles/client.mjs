// Profile `client`: the server that the official Socket.IO client's own tests talk to.
import { Server } from "socket.io";

const answersInUtf8 = ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"];

export function attach(httpServer) {
  const io = new Server(httpServer, {
    pingInterval: 2000,
    connectionStateRecovery: {},
    allowRequest: (_request, decide) => setTimeout(() => decide(null, true), 10),
  });
  io.use((socket, next) => {
    const refused = Boolean(socket.handshake.query.fail);
    next(refused ? new Error("Auth failed (main namespace)") : undefined);
  });
  io.of("/no").use((_socket, next) => next(new Error("Auth failed (custom namespace)")));
  io.of("/foo").on("connection", (socket) => {
    socket.on("getId", (reply) => reply(socket.id));
  });
  for (const name of ["/timeout_socket", "/valid", "/asd"]) io.of(name);
  io.of("/abc").on("connection", (socket) => socket.emit("handshake", socket.handshake));
  io.on("connection", (socket) => {
    addTextEvents(socket);
    addBinaryEvents(socket);
  });
  return io;
}

function addTextEvents(socket) {
  socket.on("hi", () => socket.emit("hi"));
  socket.on("echo", (argument, reply) => reply(argument));
  socket.on("ack", () => {
    socket.emit("ack", (number, flags) => {
      if (number === 5 && flags?.test) socket.emit("got it");
    });
  });
  socket.on("getAckDate", (_data, reply) => reply(new Date()));
  socket.on("getDate", () => socket.emit("takeDate", new Date()));
  socket.on("getDateObj", () => socket.emit("takeDateObj", { date: new Date() }));
  socket.on("getUtf8", () => answersInUtf8.forEach((text) => socket.emit("takeUtf8", text)));
  socket.on("false", () => socket.emit("false", false));
  socket.on("getHandshake", (reply) => reply(socket.handshake));
  socket.on("getId", (reply) => reply(socket.id));
}

function addBinaryEvents(socket) {
  const bytes = Buffer.from("asdfasdf");
  const isMixed = (value) =>
    value?.hello === "lol" && Buffer.isBuffer(value.message) && value.goodbye === "gotcha";
  socket.on("doge", () => socket.emit("doge", bytes));
  socket.on("getbin", () => socket.emit("takebin", bytes));
  socket.on("buffa", (value) => Buffer.isBuffer(value) && socket.emit("buffack"));
  socket.on("blob", (value) => Buffer.isBuffer(value) && socket.emit("back"));
  socket.on("jsonbuff", (value) => isMixed(value) && socket.emit("jsonbuff-ack"));
  socket.on("jsonblob", (value) => isMixed(value) && socket.emit("jsonblob-ack"));

  const seen = [];
  socket.on("abuff1", (value) => Buffer.isBuffer(value) && seen.push("abuff1"));
  socket.on("abuff2", () => seen.includes("abuff1") && socket.emit("abuff2-ack"));
  socket.on("blob1", (value) => Buffer.isBuffer(value) && seen.push("blob1"));
  socket.on("blob2", (value) => value === "second" && seen.includes("blob1") && seen.push("blob2"));
  socket.on("blob3", (value) => {
    if (Buffer.isBuffer(value) && seen.includes("blob2")) socket.emit("blob3-ack");
  });
}
