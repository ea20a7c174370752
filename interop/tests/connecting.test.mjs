// How clients reach the server: each transport, the upgrade under traffic, the handshake, many clients at once.
import assert from "node:assert/strict";
import { it } from "node:test";

import { ask, connect, open, transportSets, whenConnected, whenUpgraded } from "../support/clients.mjs";
import { scenario } from "../support/scenarios.mjs";
import { next, nextMany, record, until } from "../support/waiting.mjs";

scenario("connecting", "interop", (host) => {
  for (const [title, options] of transportSets) {
    it(`${title}: connects, talks both ways, disconnects`, async (t) => {
      const socket = await connect(t, host.url, options);
      assert.match(socket.id, /^[\w-]{20}$/);
      assert.notEqual(socket.id, socket.io.engine.id);
      assert.deepEqual(await ask(socket, "echo", 1, "2", { 3: [true, null] }), [1, "2", { 3: [true, null] }]);
      const answer = next(socket, "echo");
      socket.emit("echo", "— é 😀 \u2028 \"quoted\"");
      assert.deepEqual(await answer, ["— é 😀 \u2028 \"quoted\""]);
      const { id } = socket;
      socket.disconnect();
      const { reason } = await host.report({ event: "disconnect", id });
      assert.equal(reason, "client namespace disconnect");
    });
  }

  it("polling first, then websocket", async (t) => {
    const socket = open(t, host.url);
    await next(socket.io, "open");
    assert.equal(socket.io.engine.transport.name, "polling");
    await whenConnected(socket);
    assert.equal(await whenUpgraded(socket), "websocket");
    assert.deepEqual(await ask(socket, "echo", "after"), ["after"]);
  });
  it("polling only stays on polling, websocket only starts there", async (t) => {
    const polling = await connect(t, host.url, { transports: ["polling"] });
    const webSocket = await connect(t, host.url, { transports: ["websocket"] });
    await ask(polling, "echo");
    await ask(webSocket, "echo");
    assert.equal(polling.io.engine.transport.name, "polling");
    assert.equal(webSocket.io.engine.transport.name, "websocket");
  });
  it("websocket first, polling as the second choice", async (t) => {
    const socket = await connect(t, host.url, { transports: ["websocket", "polling"] });
    assert.equal(socket.io.engine.transport.name, "websocket");
  });
  it("rememberUpgrade starts with websocket the second time", async (t) => {
    const socket = await connect(t, host.url, { rememberUpgrade: true });
    await whenUpgraded(socket);
    socket.disconnect().connect();
    await whenConnected(socket);
    assert.equal(socket.io.engine.transport.name, "websocket");
  });
  it("a megabyte of events over each transport", async (t) => {
    for (const [, options] of transportSets) {
      const socket = await connect(t, host.url, options);
      const text = "x".repeat(100_000);
      const answers = nextMany(socket, "echo", 10);
      for (let i = 0; i < 10; ++i) socket.emit("echo", i, text);
      const seen = await answers;
      assert.deepEqual(seen.map(([i]) => i), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.ok(seen.every(([, echoed]) => echoed === text));
    }
  });
});

scenario("upgrade under traffic", "interop", (host) => {
  /** Sends numbers all through the upgrade and beyond; every tenth also makes the server send five of its own. */
  async function talkThroughTheUpgrade(t, options) {
    const socket = open(t, host.url, options);
    const echoes = record(socket, "echo");
    const bursts = record(socket, "burst");
    await whenConnected(socket);
    let sent = 0;
    const send = () => {
      if (sent % 10 === 0) socket.emit("burst", 5);
      socket.emit("echo", sent++);
    };
    let upgraded = false;
    const upgrade = whenUpgraded(socket).then(() => (upgraded = true));
    while (!upgraded) {
      for (let i = 0; i < 3; ++i) send();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await upgrade;
    for (let i = 0; i < 300; ++i) send();
    await until(socket, "echo", () => echoes.length >= sent, `${sent} echoes`);
    await ask(socket, "echo");
    assert.equal(socket.io.engine.transport.name, "websocket");
    assert.deepEqual(echoes.map(([number]) => number), [...Array(sent).keys()]);
    assert.deepEqual(bursts.map(([number]) => number), [...Array(Math.ceil(sent / 10) * 5).keys()]);
  }

  it("nothing is lost, doubled or out of order, in either direction", (t) => talkThroughTheUpgrade(t));
  it("nor with ten clients at once", (t) =>
    Promise.all(Array.from({ length: 10 }, () => talkThroughTheUpgrade(t))));
  it("nor with binary in between", async (t) => {
    const socket = open(t, host.url);
    const echoes = record(socket, "echo");
    await whenConnected(socket);
    const upgrade = whenUpgraded(socket);
    for (let i = 0; i < 200; ++i) {
      socket.emit("echo", i, Buffer.from([i % 256]), { deep: [Buffer.from([1, i % 256])] });
      if (i % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await upgrade;
    await until(socket, "echo", () => echoes.length >= 200, "200 echoes");
    echoes.forEach(([number, bytes, { deep }], i) => {
      assert.equal(number, i);
      assert.deepEqual(bytes, Buffer.from([i % 256]));
      assert.deepEqual(deep, [Buffer.from([1, i % 256])]);
    });
  });
});

scenario("handshake", "interop", (host) => {
  it("shows what the client sent", async (t) => {
    const socket = await connect(t, host.url, {
      transports: ["polling"],
      query: { page: "/articles/42", "a b": "é&=" },
      auth: { token: "abc", list: [1, null] },
      extraHeaders: { "X-Custom": "yes", "User-Agent": "interop" },
    });
    const before = Date.now();
    const [handshake] = await ask(socket, "handshake");
    assert.deepEqual(Object.keys(handshake), [
      "headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth",
    ]);
    assert.equal(handshake.headers["x-custom"], "yes");
    assert.equal(handshake.headers["user-agent"], "interop");
    assert.match(handshake.time, /^\w{3} \w{3} \d\d \d{4} \d\d:\d\d:\d\d GMT[+-]\d{4} \(.+\)$/);
    assert.match(handshake.address, /^(::ffff:)?127\.0\.0\.1$/);
    assert.equal(handshake.xdomain, false);
    assert.equal(handshake.secure, false);
    assert.ok(Math.abs(handshake.issued - before) < 60_000);
    assert.match(handshake.url, /^\/socket\.io\/\?page=%2Farticles%2F42&a%20b=%C3%A9%26%3D&EIO=4&transport=polling&t=[\w.-]+$/);
    const { t: _cacheBuster, ...query } = handshake.query;
    assert.deepEqual(query, { page: "/articles/42", "a b": "é&=", EIO: "4", transport: "polling" });
    assert.deepEqual(handshake.auth, { token: "abc", list: [1, null] });
  });
  it("a websocket handshake has its own URL; an Origin makes it cross-domain", async (t) => {
    const socket = await connect(t, host.url, {
      transports: ["websocket"],
      extraHeaders: { Origin: "http://elsewhere.example" },
    });
    const [handshake] = await ask(socket, "handshake");
    assert.equal(handshake.url, "/socket.io/?EIO=4&transport=websocket");
    assert.equal(handshake.xdomain, true);
    assert.deepEqual(handshake.auth, {});
  });
  it("auth may be a function, asked at each connection", async (t) => {
    let calls = 0;
    const socket = await connect(t, host.url, { auth: (give) => give({ call: ++calls }) });
    assert.deepEqual((await ask(socket, "handshake"))[0].auth, { call: 1 });
    socket.disconnect().connect();
    await whenConnected(socket);
    assert.deepEqual((await ask(socket, "handshake"))[0].auth, { call: 2 });
  });
  it("each namespace of one connection has its own auth and the same URL", async (t) => {
    const main = await connect(t, host.url, { auth: { at: "main" } });
    const chat = await connect(t, "/chat", { manager: main.io, auth: { at: "chat" } });
    const [ofMain] = await ask(main, "handshake");
    const [ofChat] = await ask(chat, "handshake");
    assert.deepEqual([ofMain.auth, ofChat.auth], [{ at: "main" }, { at: "chat" }]);
    assert.equal(ofChat.url, ofMain.url);
    assert.notEqual(main.id, chat.id);
  });
});

scenario("200 clients at once", "interop", (host) => {
  it("all connect, each hears twenty of them once, all leave", async (t) => {
    const options = [{ transports: ["polling"] }, { transports: ["websocket"] }, {}];
    const sockets = await Promise.all(
      Array.from({ length: 200 }, (_, i) => connect(t, host.url, options[i % 3])),
    );
    assert.equal(new Set(sockets.map(({ id }) => id)).size, 200);
    assert.deepEqual(await ask(sockets[0], "count", {}), [200]);
    const heard = sockets.map((socket, i) => nextMany(socket, "greeting", i < 20 ? 19 : 20));
    for (const socket of sockets.slice(0, 20)) socket.emit("cast", { flags: ["broadcast"] }, "greeting", socket.id);
    const seen = await Promise.all(heard);
    seen.forEach((greetings, i) => {
      const ids = new Set(greetings.map(([id]) => id));
      assert.equal(ids.size, greetings.length, "somebody heard the same greeting twice");
      assert.ok(!ids.has(sockets[i].id));
    });
    const ids = sockets.map(({ id }) => id);
    sockets.slice(1).forEach((socket) => socket.disconnect());
    for (const id of ids.slice(1)) await host.report({ event: "disconnect", id });
    assert.deepEqual(await ask(sockets[0], "count", {}), [1]);
  });
});
