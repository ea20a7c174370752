// The server goes away and comes back on the same port: clients find it again by themselves.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, open, transportSets } from "../support/clients.mjs";
import { scenarioPerTarget } from "../support/scenarios.mjs";
import { next, within } from "../support/waiting.mjs";

scenarioPerTarget("reconnecting", (target) => {
  async function start(t, port) {
    const server = await target.conformance("interop", { port });
    t.after(() => server.discard());
    return server;
  }
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    it(`after ${signal} and a restart every client is back, with what it said meanwhile`, async (t) => {
      const server = await start(t);
      const sockets = await Promise.all(transportSets.map(([, options]) => connect(t, server.url, options)));
      const ids = sockets.map(({ id }) => id);
      const gone = sockets.map((socket) => next(socket, "disconnect"));
      await server.stop(signal);
      for (const end of gone) assert.match((await end)[0], /^transport (close|error)$/);
      const answers = sockets.map((socket, i) => socket.emitWithAck("echo", i));
      const back = sockets.map((socket) => next(socket, "connect"));
      await start(t, server.port);
      await Promise.all(back);
      assert.deepEqual(await within(Promise.all(answers), "the answers"), [0, 1, 2]);
      sockets.forEach((socket, i) => assert.notEqual(socket.id, ids[i]));
    });
  }
  it("a client that was there first connects when the server comes", async (t) => {
    const placeholder = await start(t);
    await placeholder.stop("SIGKILL");
    const socket = open(t, placeholder.url);
    const [error] = await next(socket, "connect_error");
    assert.match(error.message, /xhr poll error/);
    const connected = next(socket, "connect");
    await start(t, placeholder.port);
    await connected;
    assert.deepEqual(await ask(socket, "echo", 1), [1]);
  });
  it("namespaces of one connection come back together", async (t) => {
    const server = await start(t);
    const main = await connect(t, server.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    await server.stop("SIGKILL");
    const back = [next(main, "connect"), next(chat, "connect")];
    await start(t, server.port);
    await Promise.all(back);
    assert.deepEqual(await ask(chat, "echo", 1), [1]);
    assert.equal(main.io.engine, chat.io.engine);
  });
}, { concurrency: 2 });
