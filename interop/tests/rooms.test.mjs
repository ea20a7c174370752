// Rooms, who hears a broadcast, volatile packets, and the utilities that act on many sockets.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, settle } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { next, record } from "../support/waiting.mjs";

const transports = [{ transports: ["polling"] }, { transports: ["websocket"] }, {}];
let roomsMade = 0;

/** Four clients over different transports in the namespace `/chat` of a server that the scenario's other tests share. */
async function four(t, host) {
  const sockets = await Promise.all(
    Array.from({ length: 4 }, (_, i) => connect(t, `${host.url}/chat`, transports[i % 3])),
  );
  const room = (name) => `${name} ${roomsMade}`;
  ++roomsMade;
  const join = (i, ...names) => ask(sockets[i], "join", names.map(room));
  /** The indices of those that hear a broadcast of the first one to that audience. */
  async function whoHears(audience) {
    const heard = sockets.map((socket) => record(socket, "news"));
    sockets[0].emit("cast", audience, "news", "x");
    await settle(...sockets);
    sockets.forEach((socket) => socket.off("news"));
    assert.ok(heard.every((times) => times.length <= 1), "somebody heard it twice");
    return heard.flatMap((times, i) => (times.length > 0 ? [i] : []));
  }
  return { sockets, room, join, whoHears };
}

scenario("rooms", "interop", (host) => {
  it("a socket is in the room of its own id, and in those it joins until it leaves", async (t) => {
    const socket = await connect(t, host.url);
    assert.deepEqual(await ask(socket, "rooms"), [[socket.id]]);
    await ask(socket, "join", "a");
    await ask(socket, "join", ["b", "c"]);
    await ask(socket, "join", "a");
    assert.deepEqual(await ask(socket, "rooms"), [["a", "b", "c", socket.id].sort()]);
    await ask(socket, "leave", "b");
    await ask(socket, "leave", "never joined");
    assert.deepEqual(await ask(socket, "rooms"), [["a", "c", socket.id].sort()]);
  });
  it("to a room from a socket: its members but the sender", async (t) => {
    const { room, join, whoHears } = await four(t, host);
    await join(0, "a");
    await join(1, "a");
    await join(2, "b");
    assert.deepEqual(await whoHears({ to: [room("a")] }), [1]);
    assert.deepEqual(await whoHears({ from: "namespace", to: [room("a")] }), [0, 1]);
    assert.deepEqual(await whoHears({ to: [room("b")] }), [2]);
    assert.deepEqual(await whoHears({ to: [room("nobody")] }), []);
  });
  it("to several rooms: each member once", async (t) => {
    const { room, join, whoHears } = await four(t, host);
    await join(1, "a", "b");
    await join(2, "b");
    assert.deepEqual(await whoHears({ to: [room("a"), room("b"), room("nobody")] }), [1, 2]);
  });
  it("to a socket's id: that one", async (t) => {
    const { sockets, whoHears } = await four(t, host);
    assert.deepEqual(await whoHears({ to: [sockets[3].id] }), [3]);
    assert.deepEqual(await whoHears({ from: "namespace", to: [sockets[0].id] }), [0]);
  });
  it("except rooms and ids", async (t) => {
    const { sockets, room, join, whoHears } = await four(t, host);
    await Promise.all([join(0, "a"), join(1, "a"), join(2, "a", "b"), join(3, "a")]);
    assert.deepEqual(await whoHears({ to: [room("a")], except: [room("b")] }), [1, 3]);
    assert.deepEqual(await whoHears({ from: "namespace", to: [room("a")], except: [sockets[1].id, room("b")] }), [0, 3]);
  });
  it("the whole namespace, with and without the sender", async (t) => {
    const { whoHears } = await four(t, host);
    assert.deepEqual(await whoHears({ from: "namespace" }), [0, 1, 2, 3]);
    assert.deepEqual(await whoHears({ flags: ["broadcast"] }), [1, 2, 3]);
    assert.deepEqual(await whoHears({ from: "namespace", flags: ["local"] }), [0, 1, 2, 3]);
    assert.deepEqual(await whoHears({ flags: [] }), [0]);
  });
  it("who left hears nothing more", async (t) => {
    const { sockets, room, join, whoHears } = await four(t, host);
    await join(1, "a");
    await join(2, "a");
    await ask(sockets[1], "leave", room("a"));
    assert.deepEqual(await whoHears({ to: [room("a")] }), [2]);
  });
  it("the same room name in two namespaces is two rooms", async (t) => {
    const main = await connect(t, host.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    await ask(main, "join", "shared name");
    await ask(chat, "join", "shared name");
    const heard = record(chat, "news");
    main.emit("cast", { from: "namespace", to: ["shared name"] }, "news");
    await settle(main, chat);
    assert.deepEqual(heard, []);
  });
  it("a broadcast keeps its place among other events", async (t) => {
    const [one, two] = await Promise.all([connect(t, host.url), connect(t, host.url)]);
    const heard = [];
    two.onAny((event, number) => heard.push([event, number]));
    const expected = [];
    for (let i = 0; i < 100; ++i) {
      one.emit("cast", { to: [two.id] }, i % 2 ? "odd" : "even", i);
      expected.push([i % 2 ? "odd" : "even", i]);
    }
    await settle(one, two);
    assert.deepEqual(heard, expected);
  });
});

scenario("volatile packets", "interop", (host) => {
  it("websocket: the first of a burst is sent, those that would queue are dropped", async (t) => {
    const socket = await connect(t, host.url, { transports: ["websocket"] });
    const heard = record(socket, "volatile");
    const end = next(socket, "volatile-end");
    socket.emit("volatile-burst", 10);
    await end;
    assert.deepEqual(heard, [[0]]);
  });
  it("polling: at most the first", async (t) => {
    const socket = await connect(t, host.url, { transports: ["polling"] });
    const heard = record(socket, "volatile");
    const end = next(socket, "volatile-end");
    socket.emit("volatile-burst", 10);
    await end;
    assert.ok(heard.length <= 1, `${heard.length} arrived`);
    assert.ok(heard.every(([number]) => number === 0));
  });
  it("a volatile broadcast reaches those who can take it", async (t) => {
    const sender = await connect(t, host.url, { transports: ["websocket"] });
    const hearer = await connect(t, host.url, { transports: ["websocket"] });
    const arrival = next(hearer, "news");
    sender.emit("cast", { to: [hearer.id], flags: ["volatile"] }, "news", { x: Buffer.from([1]) });
    assert.deepEqual(await arrival, [{ x: Buffer.from([1]) }]);
  });
  it("from a client that is not connected: nothing is kept", async (t) => {
    const socket = await connect(t, host.url, { transports: ["websocket"] });
    const heard = record(socket, "echo");
    socket.disconnect();
    socket.volatile.emit("echo", "dropped");
    socket.emit("echo", "kept");
    socket.connect();
    await ask(socket, "echo");
    await ask(socket, "echo");
    assert.deepEqual(heard, [["kept"]]);
  });
});

scenario("utilities", "interop", (host) => {
  it("count and fetch", async (t) => {
    const { sockets, room, join } = await four(t, host);
    const ids = sockets.map(({ id }) => id);
    await join(1, "a");
    await join(2, "a", "b");
    assert.deepEqual(await ask(sockets[0], "count", { to: [room("a")] }), [2]);
    assert.deepEqual(await ask(sockets[0], "count", {}), [4]);
    assert.deepEqual(await ask(sockets[0], "count", { except: [room("a")] }), [2]);
    assert.deepEqual(await ask(sockets[0], "fetch", { to: [room("a")] }), [[ids[1], ids[2]].sort()]);
    assert.deepEqual(await ask(sockets[0], "fetch", { to: [room("a")], except: [room("b")] }), [[ids[1]]]);
    assert.deepEqual(await ask(sockets[0], "fetch", { to: [room("nobody")] }), [[]]);
  });
  it("join and leave for many", async (t) => {
    const { sockets, room, join } = await four(t, host);
    await join(1, "a");
    await join(2, "a");
    await ask(sockets[0], "sockets-join", { to: [room("a")] }, [room("b"), room("c")]);
    assert.deepEqual(await ask(sockets[0], "count", { to: [room("b")] }), [2]);
    assert.deepEqual(await ask(sockets[1], "rooms"), [[sockets[1].id, room("a"), room("b"), room("c")].sort()]);
    await ask(sockets[0], "sockets-leave", { to: [sockets[1].id] }, [room("b")]);
    assert.deepEqual(await ask(sockets[0], "fetch", { to: [room("b")] }), [[sockets[2].id]]);
  });
  for (const close of [false, true]) {
    it(`disconnect many, ${close ? "with" : "without"} their connections`, async (t) => {
      const { sockets, room, join } = await four(t, host);
      const ids = sockets.map(({ id }) => id);
      await join(1, "a");
      await join(2, "a");
      const engines = sockets.map((socket) => socket.io.engine);
      const ended = [1, 2].map((i) => next(sockets[i], "disconnect"));
      sockets[0].emit("disconnect-sockets", { to: [room("a")] }, close);
      for (const end of ended) assert.equal((await end)[0], "io server disconnect");
      for (const i of [1, 2]) {
        const { reason } = await host.report({ event: "disconnect", id: ids[i] });
        assert.equal(reason, "server namespace disconnect");
      }
      assert.deepEqual(await ask(sockets[0], "fetch", {}), [[ids[0], ids[3]].sort()]);
      assert.equal(engines[3].readyState, "open");
    });
  }
  it("data stays with a socket and ends with it", async (t) => {
    const one = await connect(t, host.url);
    const two = await connect(t, host.url);
    await ask(one, "remember", { name: "é" });
    assert.deepEqual(await ask(one, "recall"), [{ name: "é" }]);
    assert.deepEqual(await ask(two, "recall"), [null]);
    one.disconnect().connect();
    assert.deepEqual(await ask(one, "recall"), [null]);
  });
});
