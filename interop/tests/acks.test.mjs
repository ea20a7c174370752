// Acknowledgements: from the server, from the client, from many, and those that never come.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, open, transportSets, whenConnected } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { deferred, within } from "../support/waiting.mjs";

scenario("acknowledgements", "interop", (host) => {
  for (const [title, options] of transportSets) {
    it(`${title}: the server answers`, async (t) => {
      const socket = await connect(t, host.url, options);
      assert.deepEqual(await ask(socket, "echo"), []);
      assert.deepEqual(await ask(socket, "echo", 1, null, "three", { four: [] }), [1, null, "three", { four: [] }]);
      assert.equal(await within(socket.emitWithAck("echo", "promised"), "the answer"), "promised");
    });
    it(`${title}: the client answers`, async (t) => {
      const socket = await connect(t, host.url, options);
      socket.on("question", (first, second, reply) => reply(first + second, Buffer.from([7])));
      const [{ error, answer }] = await ask(socket, "ask", 0, "question", 20, 22);
      assert.equal(error, null);
      assert.deepEqual(answer, [42, Buffer.from([7])]);
      const [timed] = await ask(socket, "ask", 10_000, "question", "a", "b");
      assert.deepEqual(timed, { error: null, answer: ["ab", Buffer.from([7])] });
    });
  }
  it("a thousand at once reach their own callbacks", async (t) => {
    const socket = await connect(t, host.url);
    const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask(socket, "echo", i)));
    assert.deepEqual(answers.map(([number]) => number), [...Array(1000).keys()]);
  });
  it("those of two namespaces on one connection do not mix", async (t) => {
    const main = await connect(t, host.url);
    const chat = await connect(t, "/chat", { manager: main.io });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => ask(i % 2 ? main : chat, "echo", i)),
    );
    assert.deepEqual(answers.map(([number]) => number), [...Array(100).keys()]);
  });
  it("the server stops waiting for a client that does not answer", async (t) => {
    const socket = await connect(t, host.url);
    const [result] = await ask(socket, "ask", 50, "nobody listens");
    assert.deepEqual(result, { error: "operation has timed out", answer: [] });
  });
  it("an answer after the server's timeout is ignored", async (t) => {
    const socket = await connect(t, host.url);
    const question = deferred();
    socket.on("question", question.resolve);
    const [result] = await ask(socket, "ask", 50, "question");
    assert.equal(result.error, "operation has timed out");
    (await question.promise)("too late");
    assert.deepEqual(await ask(socket, "echo", "still fine"), ["still fine"]);
  });
  it("only a client's first answer counts", async (t) => {
    const socket = await connect(t, host.url);
    socket.on("question", (reply) => {
      reply("first");
      reply("second");
    });
    assert.deepEqual((await ask(socket, "ask", 0, "question"))[0].answer, ["first"]);
    assert.deepEqual(await ask(socket, "echo", 1), [1]);
  });
  it("the client stops waiting for a server that does not answer", async (t) => {
    const socket = await connect(t, host.url);
    await assert.rejects(socket.timeout(50).emitWithAck("nobody handles this"), /operation has timed out/);
    const { promise, resolve } = deferred();
    socket.timeout(10_000).emit("echo", "in time", (error, answer) => resolve([error, answer]));
    assert.deepEqual(await within(promise, "the answer"), [null, "in time"]);
  });
  it("a client with retries sends until it is acknowledged, in order", async (t) => {
    const socket = open(t, host.url, { retries: 3, ackTimeout: 1000 });
    const answers = [0, 1, 2].map((i) => socket.emitWithAck("echo", i));
    await whenConnected(socket);
    assert.deepEqual(await within(Promise.all(answers), "the answers"), [0, 1, 2]);
  });
  it("a pending one fails when the connection ends", async (t) => {
    const socket = await connect(t, host.url);
    const { promise, resolve } = deferred();
    socket.timeout(10_000).emit("nobody handles this", resolve);
    socket.disconnect();
    assert.match((await within(promise, "the failure")).message, /socket has been disconnected/);
  });
});

scenario("broadcast acknowledgements", "interop", (host) => {
  const voters = (t, count) => Promise.all(Array.from({ length: count }, () => connect(t, host.url)));
  const castAck = (socket, audience, milliseconds, ...event) =>
    ask(socket, "cast-ack", audience, milliseconds, ...event).then(([result]) => result);

  it("every client's first value comes back", async (t) => {
    const sockets = await voters(t, 4);
    await Promise.all(sockets.map((socket) => ask(socket, "join", "all four")));
    sockets.forEach((socket, i) => socket.on("vote", (add, reply) => reply(i + add, "ignored")));
    const audience = { from: "namespace", to: ["all four"] };
    const { error, responses } = await castAck(sockets[0], audience, 10_000, "vote", 10);
    assert.equal(error, null);
    assert.deepEqual(responses.sort(), [10, 11, 12, 13]);
  });
  it("the sender is left out of its own broadcast; binary answers too", async (t) => {
    const sockets = await voters(t, 3);
    await Promise.all(sockets.map((socket) => ask(socket, "join", "binary voters")));
    sockets.forEach((socket, i) => socket.on("vote", (reply) => reply(Buffer.from([i]))));
    const { error, responses } = await castAck(sockets[0], { to: ["binary voters"] }, 10_000, "vote");
    assert.equal(error, null);
    assert.deepEqual(responses.map((bytes) => bytes[0]).sort(), [1, 2]);
  });
  it("a timeout gives the answers that came", async (t) => {
    const sockets = await voters(t, 3);
    await Promise.all(sockets.map((socket) => ask(socket, "join", "lazy voters")));
    sockets[0].on("vote", (reply) => reply("yes"));
    const audience = { from: "namespace", to: ["lazy voters"] };
    const { error, responses } = await castAck(sockets[0], audience, 200, "vote");
    assert.equal(error, "operation has timed out");
    assert.deepEqual(responses, ["yes"]);
  });
  it("nobody there: no answers, no error", async (t) => {
    const [socket] = await voters(t, 1);
    const { error, responses } = await castAck(socket, { from: "namespace", to: ["empty"] }, 10_000, "vote");
    assert.deepEqual([error, responses], [null, []]);
  });
});
