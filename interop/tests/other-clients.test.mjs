// Clients other than today's: socket.io-client 3, which speaks the same protocol revision, and Debian's python3-socketio.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { io as io3 } from "socket.io-client-v3";

import { ask, transportSets, whenConnected, whenUpgraded } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { next, patience } from "../support/waiting.mjs";

scenario("socket.io-client 3.1.3", "interop", (host) => {
  for (const [title, options] of transportSets) {
    it(`${title}: events, acknowledgements, binary, namespaces, disconnect`, async (t) => {
      const socket = io3(host.url, { forceNew: true, ...options });
      t.after(() => socket.disconnect());
      await whenConnected(socket);
      if (title.includes("upgrade")) assert.equal(await whenUpgraded(socket), "websocket");
      const event = next(socket, "echo");
      socket.emit("echo", "é", { b: Buffer.from([1, 2]) });
      assert.deepEqual(await event, ["é", { b: Buffer.from([1, 2]) }]);
      assert.deepEqual(await ask(socket, "echo", 1, [Buffer.from([3])]), [1, [Buffer.from([3])]]);
      socket.on("question", (number, reply) => reply(number + 1));
      assert.deepEqual((await ask(socket, "ask", 0, "question", 41))[0].answer, [42]);
      const guarded = socket.io.socket("/guarded", { auth: { token: "letmein" } });
      t.after(() => guarded.disconnect());
      await whenConnected(guarded);
      const ended = next(socket, "disconnect");
      socket.emit("disconnect-me", false);
      assert.equal((await ended)[0], "io server disconnect");
    });
  }
});

scenario("python3-socketio", "interop", (host) => {
  const script = fileURLToPath(new URL("../python/smoke.py", import.meta.url));
  const python = process.env.INTEROP_PYTHON ?? "/usr/bin/python3";
  for (const transports of ["polling", "websocket", "polling,websocket"]) {
    it(transports, async () => {
      const { stdout } = await promisify(execFile)(python, [script, host.url, transports], { timeout: 3 * patience });
      assert.match(stdout, /^ok$/m);
    });
  }
});
