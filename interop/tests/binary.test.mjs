// Binary values anywhere in the arguments, in both directions.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, transportSets } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { next } from "../support/waiting.mjs";

const bytes = (...values) => Buffer.from(values);

scenario("binary", "interop", (host) => {
  const values = [
    ["a buffer", [bytes(1, 2, 3)]],
    ["an empty buffer", [bytes()]],
    ["text around a buffer", ["before", bytes(0, 255, 128), "after", 4]],
    ["nested in objects and arrays", [{ a: [{ b: bytes(1) }, "x", [bytes(2), null]], c: { d: { e: bytes(3) } } }]],
    ["ten attachments", [Array.from({ length: 10 }, (_, i) => bytes(i))]],
    ["bytes that look like packets", [Buffer.from('42["x"]'), Buffer.from("\x1e"), bytes(0x82, 0x7f)]],
    ["text that looks like a placeholder", [{ _placeholder: "true", num: 0 }, bytes(9)]],
    ["300 KB", [Buffer.alloc(300_000, "é€😀")]],
  ];
  for (const [transport, options] of transportSets) {
    for (const [title, args] of values) {
      it(`${transport}: ${title}`, async (t) => {
        const socket = await connect(t, host.url, options);
        const event = next(socket, "echo");
        socket.emit("echo", ...args);
        assert.deepEqual(await event, args);
        assert.deepEqual(await ask(socket, "echo", ...args), args);
      });
    }
  }
  it("typed arrays and their views arrive as their bytes", async (t) => {
    const socket = await connect(t, host.url);
    const whole = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
    const answer = await ask(socket, "echo", whole.buffer, whole.subarray(2, 4), new Uint16Array([0x0201]));
    assert.deepEqual(answer, [Buffer.from(whole), bytes(2, 3), bytes(1, 2)]);
  });
  it("from the server on its own account: ten in one event", async (t) => {
    const socket = await connect(t, host.url);
    const event = next(socket, "attachments");
    socket.emit("attachments", 10);
    assert.deepEqual(await event, [Array.from({ length: 10 }, (_, i) => bytes(i))]);
  });
  it("a broadcast reaches polling and websocket clients alike", async (t) => {
    const sockets = [];
    for (const [, options] of transportSets) sockets.push(await connect(t, host.url, options));
    await Promise.all(sockets.map((socket) => ask(socket, "join", "binary")));
    const arrivals = sockets.map((socket) => next(socket, "file"));
    sockets[0].emit("cast", { from: "namespace", to: ["binary"] }, "file", { name: "é", content: bytes(1, 2) }, bytes(3));
    for (const arrival of arrivals) {
      assert.deepEqual(await arrival, [{ name: "é", content: bytes(1, 2) }, bytes(3)]);
    }
  });
  for (const [transport, options] of transportSets.slice(0, 2)) {
    it(`${transport}: more than ten attachments end the connection`, async (t) => {
      const socket = await connect(t, host.url, { ...options, reconnection: false });
      const { id } = socket;
      const ended = next(socket, "disconnect");
      socket.emit("echo", Array.from({ length: 11 }, (_, i) => bytes(i)));
      const [reason] = await ended;
      assert.match(reason, /^transport (close|error)$/);
      assert.match((await host.report({ event: "disconnect", id })).reason, /^forced (server )?close$/);
    });
  }
});
