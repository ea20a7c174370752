// Profile `interop`: the application of our own scenarios. README.md specifies it event by event; the C++ twin in
// interop/profiles/ implements the same text, so change all three together.
import { Server } from "socket.io";

export function attach(httpServer) {
  const io = new Server(httpServer, {
    pingInterval: 1000,
    pingTimeout: 3000,
    maxHttpBufferSize: 1e6,
  });
  for (const name of ["/", "/chat"]) addApplication(io, io.of(name));
  addGuarded(io.of("/guarded"));
  addCatchAll(io.of("/any"));
  return io;
}

/** One line of JSON on stdout: the scenarios read the server's view of a disconnect there. */
function report(line) {
  console.log(JSON.stringify(line));
}

function addApplication(io, namespace) {
  namespace.on("connection", (socket) => {
    reportDisconnect(socket);
    addEchoes(socket);
    addRooms(socket);
    addBroadcasts(io, socket);
    addUtilities(io, socket);
    addEndings(io, socket);
  });
}

function reportDisconnect(socket) {
  for (const event of ["disconnecting", "disconnect"]) {
    socket.on(event, (reason) => {
      const rooms = [...socket.rooms].filter((room) => room !== socket.id).sort();
      report({ event, nsp: socket.nsp.name, id: socket.id, reason, rooms, connected: socket.connected });
    });
  }
}

function addEchoes(socket) {
  let sent = 0;
  socket.on("echo", (...args) => {
    if (typeof args.at(-1) === "function") args.pop()(...args);
    else socket.emit("echo", ...args);
  });
  socket.on("burst", (count) => {
    for (let i = 0; i < count; ++i) socket.emit("burst", sent++);
  });
  socket.on("volatile-burst", (count) => {
    for (let i = 0; i < count; ++i) socket.volatile.emit("volatile", i);
    socket.emit("volatile-end");
  });
  socket.on("attachments", (count) => {
    socket.emit("attachments", Array.from({ length: count }, (_, i) => Buffer.from([i])));
  });
  socket.on("ask", (milliseconds, event, ...args) => {
    const reply = args.pop();
    if (milliseconds === 0) {
      socket.emit(event, ...args, (...answer) => reply({ error: null, answer }));
      return;
    }
    socket.timeout(milliseconds).emit(event, ...args, (error, ...answer) => {
      reply({ error: error?.message ?? null, answer });
    });
  });
  socket.on("handshake", (reply) => reply(socket.handshake));
  socket.on("remember", (value, reply) => {
    socket.data.remembered = value;
    reply();
  });
  socket.on("recall", (reply) => reply(socket.data.remembered ?? null));
}

function addRooms(socket) {
  socket.on("join", (rooms, reply) => {
    socket.join(rooms);
    reply();
  });
  socket.on("leave", (room, reply) => {
    socket.leave(room);
    reply();
  });
  socket.on("rooms", (reply) => reply([...socket.rooms].sort()));
}

/** The operator that an `audience` argument describes: {from, nsp, to, except, flags}. */
function select(io, socket, { from = "socket", nsp, to = [], except = [], flags = [] }) {
  let target = from === "socket" ? socket : io.of(nsp ?? socket.nsp.name);
  if (flags.includes("broadcast")) target = target.broadcast;
  if (flags.includes("local")) target = target.local;
  if (flags.includes("volatile")) target = target.volatile;
  for (const room of to) target = target.to(room);
  if (except.length > 0) target = target.except(except);
  return target;
}

function addBroadcasts(io, socket) {
  socket.on("cast", (audience, event, ...args) => {
    select(io, socket, audience).emit(event, ...args);
  });
  socket.on("cast-ack", (audience, milliseconds, event, ...args) => {
    const reply = args.pop();
    select(io, socket, audience).timeout(milliseconds).emit(event, ...args, (error, responses) => {
      reply({ error: error?.message ?? null, responses });
    });
  });
}

function addUtilities(io, socket) {
  const within = (audience) => select(io, socket, { ...audience, from: "namespace" });
  socket.on("count", async (audience, reply) => reply((await within(audience).fetchSockets()).length));
  socket.on("fetch", async (audience, reply) => {
    const sockets = await within(audience).fetchSockets();
    reply(sockets.map(({ id }) => id).sort());
  });
  socket.on("sockets-join", (audience, rooms, reply) => {
    within(audience).socketsJoin(rooms);
    reply();
  });
  socket.on("sockets-leave", (audience, rooms, reply) => {
    within(audience).socketsLeave(rooms);
    reply();
  });
  socket.on("disconnect-sockets", (audience, close) => within(audience).disconnectSockets(close));
}

function addEndings(io, socket) {
  socket.on("disconnect-me", (close) => socket.disconnect(close));
  socket.on("emit-then-disconnect", (close) => {
    socket.emit("last words");
    socket.disconnect(close);
  });
  socket.on("shutdown", () => io.close());
}

function addGuarded(namespace) {
  namespace.use((socket, next) => {
    const { token } = socket.handshake.auth;
    if (token === "letmein") return next();
    if (token === undefined) return next(new Error("no token"));
    const refusal = new Error("not authorised");
    refusal.data = { code: 401, token };
    return next(refusal);
  });
  namespace.on("connection", (socket) => socket.emit("admitted", socket.handshake.auth));
}

function addCatchAll(namespace) {
  namespace.on("connection", (socket) => {
    const outgoing = [];
    socket.onAnyOutgoing((event) => outgoing.push(event));
    socket.onAny((event, ...args) => {
      if (event === "outgoing") return;
      socket.emit("any", event, args.filter((argument) => typeof argument !== "function"));
    });
    socket.use(([event], next) => next(event === "blocked" ? new Error("blocked here") : undefined));
    socket.on("error", (error) => socket.emit("refused", error.message));
    socket.on("known", () => socket.emit("handled", "known"));
    socket.on("blocked", () => socket.emit("handled", "blocked"));
    socket.on("outgoing", (reply) => reply(outgoing));
  });
}
