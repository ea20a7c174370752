// Namespaces on one connection, middleware and its refusals, catch-all listeners.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, open, settle, transportSets, whenConnected, whenRefused } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { next, record } from "../support/waiting.mjs";

scenario("namespaces", "interop", (host) => {
  it("share a connection and hear nothing of each other", async (t) => {
    const main = await connect(t, host.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    assert.equal(main.io.engine, chat.io.engine);
    const heard = record(chat, "news");
    const arrival = next(main, "news");
    main.emit("cast", { from: "namespace" }, "news", 1);
    assert.deepEqual(await arrival, [1]);
    await settle(main, chat);
    assert.deepEqual(heard, []);
    const across = next(chat, "news");
    main.emit("cast", { from: "namespace", nsp: "/chat" }, "news", 2);
    assert.deepEqual(await across, [2]);
  });
  it("leaving one keeps the other, and it can be joined again", async (t) => {
    const main = await connect(t, host.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    const { id } = chat;
    chat.disconnect();
    assert.equal((await host.report({ event: "disconnect", id })).reason, "client namespace disconnect");
    assert.deepEqual(await ask(main, "echo", 1), [1]);
    chat.connect();
    await whenConnected(chat);
    assert.notEqual(chat.id, id);
  });
  it("one that does not exist is refused, the connection stays", async (t) => {
    const main = await connect(t, host.url);
    const nowhere = open(t, "/nowhere", { manager: main.io });
    const refusal = await whenRefused(nowhere);
    assert.equal(refusal.message, "Invalid namespace");
    assert.equal(refusal.data, undefined);
    assert.deepEqual(await ask(main, "echo", 1), [1]);
  });
  it("the same one twice needs two connections", async (t) => {
    const first = await connect(t, `${host.url}/chat`);
    const second = await connect(t, `${host.url}/chat`);
    assert.notEqual(first.io.engine.id, second.io.engine.id);
    assert.deepEqual(await ask(first, "fetch", {}), [[first.id, second.id].sort()]);
  });
});

scenario("middleware", "interop", (host) => {
  for (const [title, options] of transportSets) {
    it(`${title}: admits with the right token`, async (t) => {
      const socket = open(t, `${host.url}/guarded`, { ...options, auth: { token: "letmein", x: 1 } });
      const admitted = next(socket, "admitted");
      await whenConnected(socket);
      assert.deepEqual(await admitted, [{ token: "letmein", x: 1 }]);
    });
    it(`${title}: refuses with a message and data`, async (t) => {
      const refusal = await whenRefused(open(t, `${host.url}/guarded`, { ...options, auth: { token: "é" } }));
      assert.equal(refusal.message, "not authorised");
      assert.deepEqual(refusal.data, { code: 401, token: "é" });
    });
  }
  it("refuses with a message only", async (t) => {
    const refusal = await whenRefused(open(t, `${host.url}/guarded`));
    assert.equal(refusal.message, "no token");
    assert.equal(refusal.data, undefined);
  });
  it("a refused client is not active, and may come back with another token", async (t) => {
    const socket = open(t, `${host.url}/guarded`, { auth: { token: "wrong" } });
    await whenRefused(socket);
    assert.equal(socket.active, false);
    socket.auth = { token: "letmein" };
    socket.connect();
    await whenConnected(socket);
  });
  it("a refusal in one namespace leaves the others alone", async (t) => {
    const main = await connect(t, host.url);
    await whenRefused(open(t, "/guarded", { manager: main.io }));
    assert.deepEqual(await ask(main, "echo", 1), [1]);
  });
});

scenario("catch-all listeners", "interop", (host) => {
  /** What the server's listeners did, in order, up to the answer to `outgoing`. */
  async function heardFor(t, ...packets) {
    const socket = await connect(t, `${host.url}/any`);
    const heard = [];
    socket.onAny((event, ...args) => heard.push([event, ...args]));
    for (const packet of packets) socket.emit(...packet);
    const [outgoing] = await ask(socket, "outgoing");
    return { heard, outgoing };
  }
  it("come before the event's own", async (t) => {
    const { heard, outgoing } = await heardFor(t, ["known", 1, { a: 2 }]);
    assert.deepEqual(heard, [["any", "known", [1, { a: 2 }]], ["handled", "known"]]);
    assert.deepEqual(outgoing, ["any", "handled"]);
  });
  it("hear events that nobody else handles", async (t) => {
    const { heard } = await heardFor(t, ["unknown", "x"], ["", "empty name"]);
    assert.deepEqual(heard, [["any", "unknown", ["x"]], ["any", "", ["empty name"]]]);
  });
  it("hear events that a socket's middleware then stops", async (t) => {
    const { heard } = await heardFor(t, ["blocked"]);
    assert.deepEqual(heard, [["any", "blocked", []], ["refused", "blocked here"]]);
  });
});
