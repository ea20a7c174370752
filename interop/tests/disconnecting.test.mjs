// Why a connection ended, in the exact words of both sides.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, transportSets } from "../support/clients.mjs";
import { PollingSession, RawWebSocket } from "../support/raw.mjs";
import { scenario, scenarioPerTarget } from "../support/scenarios.mjs";
import { next } from "../support/waiting.mjs";

/** The server's view of the end: `disconnecting` with the rooms still there, then `disconnect` without. */
async function serverSaw(host, id, reason, rooms = []) {
  const ending = await host.report({ event: "disconnecting", id });
  assert.deepEqual([ending.reason, ending.rooms], [reason, rooms]);
  const ended = await host.report({ event: "disconnect", id });
  assert.deepEqual([ended.reason, ended.rooms, ended.connected], [reason, [], false]);
}

scenario("disconnecting", "interop", (host) => {
  for (const [title, options] of transportSets) {
    it(`${title}: the client disconnects`, async (t) => {
      const socket = await connect(t, host.url, options);
      const { id } = socket;
      await ask(socket, "join", ["b", "a"]);
      const ended = next(socket, "disconnect");
      socket.disconnect();
      assert.equal((await ended)[0], "io client disconnect");
      await serverSaw(host, id, "client namespace disconnect", ["a", "b"]);
    });
    for (const close of [false, true]) {
      it(`${title}: the server disconnects the ${close ? "connection" : "namespace"}`, async (t) => {
        const socket = await connect(t, host.url, options);
        const { id } = socket;
        await ask(socket, "join", "a");
        const ended = next(socket, "disconnect");
        socket.emit("disconnect-me", close);
        assert.equal((await ended)[0], "io server disconnect");
        assert.equal(socket.active, false);
        await serverSaw(host, id, "server namespace disconnect", ["a"]);
      });
      it(`${title}: what was sent before the server disconnected arrives (close: ${close})`, async (t) => {
        const socket = await connect(t, host.url, options);
        const words = next(socket, "last words");
        const ended = next(socket, "disconnect");
        socket.emit("emit-then-disconnect", close);
        await words;
        assert.equal((await ended)[0], "io server disconnect");
      });
    }
    it(`${title}: the client closes the connection`, async (t) => {
      const socket = await connect(t, host.url, { ...options, reconnection: false });
      const { id } = socket;
      await ask(socket, "join", "a");
      const ended = next(socket, "disconnect");
      socket.io.engine.close();
      assert.equal((await ended)[0], "forced close");
      await serverSaw(host, id, "transport close", ["a"]);
    });
  }
  it("in the middle of an upgrade: what was sent before the server disconnected arrives on the WebSocket", async () => {
    const session = await PollingSession.open(host.url, "/socket.io/");
    await session.post("40");
    await session.receive();
    const raw = new RawWebSocket(session.webSocketUrl);
    await raw.accepted();
    raw.send("2probe");
    assert.equal(await raw.next(), "3probe");
    await session.post('42["emit-then-disconnect",true]');
    raw.send("5");
    assert.deepEqual([await raw.next(), await raw.next()], ['42["last words"]', "41"]);
    assert.equal((await raw.closed()).code, 1005);
  });
  it("disconnect(false) leaves the other namespaces, disconnect(true) takes them along", async (t) => {
    const main = await connect(t, host.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    const ids = [main.id, chat.id];
    const left = next(chat, "disconnect");
    chat.emit("disconnect-me", false);
    await left;
    assert.deepEqual(await ask(main, "echo", "still here"), ["still here"]);
    chat.connect();
    await next(chat, "connect");
    ids[1] = chat.id;
    const both = [next(main, "disconnect"), next(chat, "disconnect")];
    chat.emit("disconnect-me", true);
    for (const end of both) assert.equal((await end)[0], "io server disconnect");
    for (const id of ids) await serverSaw(host, id, "server namespace disconnect");
  });
});

scenario("disconnecting, by hand", "interop", (host) => {
  const path = "/socket.io/";
  async function webSocket() {
    const raw = await RawWebSocket.open(host.url, path);
    raw.send("40");
    return { raw, id: JSON.parse((await raw.next()).slice(2)).sid };
  }
  async function polling() {
    const session = await PollingSession.open(host.url, path);
    await session.post("40");
    const [packet] = await session.receive();
    return { session, id: JSON.parse(packet.slice(2)).sid };
  }
  const reason = async (id) => (await host.report({ event: "disconnect", id })).reason;

  it("the connection is cut", async () => {
    const { raw, id } = await webSocket();
    raw.socket.terminate();
    await serverSaw(host, id, "transport close");
  });
  it("a close frame", async () => {
    const { raw, id } = await webSocket();
    raw.socket.close(4000, "a code of its own");
    await serverSaw(host, id, "transport close");
  });
  it("no pong", async () => {
    const { raw, id } = await webSocket();
    assert.equal(await raw.next({ pings: true }), "2");
    assert.equal((await raw.closed()).code, 1005);
    await serverSaw(host, id, "ping timeout");
  });
  it("a packet that is none of Engine.IO", async () => {
    const { raw, id } = await webSocket();
    raw.send("abc");
    await serverSaw(host, id, "parse error");
  });
  it("a packet that is none of Socket.IO", async () => {
    const { raw, id } = await webSocket();
    raw.send("4abc");
    await serverSaw(host, id, "forced close");
  });
  it("a message over the limit", async () => {
    const { raw, id } = await webSocket();
    raw.send(`42["echo","${"x".repeat(1e6)}"]`);
    assert.equal((await raw.closed()).code, 1009);
    await serverSaw(host, id, "transport error");
  });
  it("text that is no UTF-8", async () => {
    const { raw, id } = await webSocket();
    raw.socket.send(Buffer.from([0x34, 0xff]), { binary: false });
    assert.equal((await raw.closed()).code, 1007);
    await serverSaw(host, id, "transport error");
  });
  it("a client's ping", async () => {
    const { raw, id } = await webSocket();
    raw.send("2");
    await serverSaw(host, id, "transport error");
  });
  it("a second CONNECT", async () => {
    const { raw, id } = await webSocket();
    raw.send("40");
    await serverSaw(host, id, "forced close");
  });
  it("polling: a violation with a GET parked, and without", async () => {
    const parked = await polling();
    const get = await parked.session.park();
    await parked.session.post("40");
    await get.answer;
    assert.equal(await reason(parked.id), "forced close");
    const bare = await polling();
    await bare.session.post("40");
    assert.equal(await reason(bare.id), "forced server close");
  });
  it("polling: a close packet", async () => {
    const { session, id } = await polling();
    await session.post("1");
    await serverSaw(host, id, "transport close");
  });
  it("polling: two GETs at once", async () => {
    const { session, id } = await polling();
    await Promise.all([session.get(), session.get()]);
    await serverSaw(host, id, "transport error");
  });
  it("polling: an aborted GET", async () => {
    const { session, id } = await polling();
    const abort = new AbortController();
    const parked = await session.park({ signal: abort.signal });
    abort.abort();
    await assert.rejects(parked.answer);
    await serverSaw(host, id, "transport error");
  });
  it("polling: an empty body", async () => {
    const { session, id } = await polling();
    await session.post("");
    await serverSaw(host, id, "parse error");
  });
});

scenarioPerTarget("the server's end", (target) => {
  for (const [title, options] of transportSets) {
    it(`${title}: it shuts down`, async (t) => {
      const server = await target.conformance("interop");
      t.after(() => server.discard());
      const socket = await connect(t, server.url, { ...options, reconnection: false });
      const { id } = socket;
      await ask(socket, "join", "a");
      const ended = next(socket, "disconnect");
      socket.emit("shutdown");
      // A polling client that asks again just then finds nobody, which is an error.
      assert.match((await ended)[0], title === "polling only" ? /^transport (close|error)$/ : /^transport close$/);
      await serverSaw(server, id, "server shutting down", ["a"]);
    });
  }
  it("it falls silent: the client notices", async (t) => {
    const server = await target.conformance("interop");
    t.after(() => server.discard());
    const socket = await connect(t, server.url, { transports: ["websocket"], reconnection: false });
    const ended = next(socket, "disconnect");
    process.kill(server.pid, "SIGSTOP");
    assert.equal((await ended)[0], "ping timeout");
  });
  it("it is killed: the client notices and tries again", async (t) => {
    const server = await target.conformance("interop");
    t.after(() => server.discard());
    const socket = await connect(t, server.url, { transports: ["websocket"] });
    const ended = next(socket, "disconnect");
    await server.stop("SIGKILL");
    assert.equal((await ended)[0], "transport close");
    assert.equal(socket.active, true);
  });
}, { concurrency: 2 });
