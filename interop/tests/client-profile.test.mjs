// The servers that the official clients' own tests talk to: each row of the profile `client`, and what `engine-client` shows.
import assert from "node:assert/strict";
import { it } from "node:test";

import { Socket as EngineSocket } from "engine.io-client";

import { ask, connect, open, transportSets, whenConnected, whenRefused } from "../support/clients.mjs";
import { RawWebSocket, request } from "../support/raw.mjs";
import { scenario } from "../support/scenarios.mjs";
import { deferred, next, nextMany, record, within } from "../support/waiting.mjs";

const bytes = Buffer.from("asdfasdf");
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

scenario("profile client", "client", (host) => {
  /** Emits and resolves with the first arguments of the answering event; a recovery offset may follow them. */
  async function exchange(t, sent, answer) {
    const socket = await connect(t, host.url);
    const arrival = next(socket, answer);
    for (const packet of sent) socket.emit(...packet);
    return arrival;
  }
  const mixed = { hello: "lol", message: Buffer.from("hi"), goodbye: "gotcha" };
  const rows = [
    ["hi", [["hi"]], "hi"],
    ["false", [["false"]], "false", false],
    ["doge", [["doge"]], "doge", bytes],
    ["getbin", [["getbin"]], "takebin", bytes],
    ["buffa", [["buffa", bytes]], "buffack"],
    ["jsonbuff", [["jsonbuff", mixed]], "jsonbuff-ack"],
    ["abuff1, abuff2", [["abuff1", bytes], ["abuff2", "please arrive second"]], "abuff2-ack"],
    ["blob", [["blob", bytes]], "back"],
    ["jsonblob", [["jsonblob", mixed]], "jsonblob-ack"],
    ["blob1, blob2, blob3", [["blob1", bytes], ["blob2", "second"], ["blob3", bytes]], "blob3-ack"],
  ];
  for (const [title, sent, answer, ...expected] of rows) {
    it(title, async (t) => {
      const args = await exchange(t, sent, answer);
      assert.deepEqual(args.slice(0, expected.length), expected);
    });
  }
  it("echo", async (t) => {
    const socket = await connect(t, host.url);
    assert.deepEqual(await ask(socket, "echo", { a: [1, bytes] }), [{ a: [1, bytes] }]);
  });
  it("ack: the answer (5, {test}) is got", async (t) => {
    const socket = await connect(t, host.url);
    socket.on("ack", (reply) => reply(5, { test: true }));
    const got = next(socket, "got it");
    socket.emit("ack");
    await got;
  });
  it("getAckDate, getDate, getDateObj", async (t) => {
    const socket = await connect(t, host.url);
    assert.match((await ask(socket, "getAckDate", { test: true }))[0], isoDate);
    assert.match((await exchange(t, [["getDate"]], "takeDate"))[0], isoDate);
    assert.match((await exchange(t, [["getDateObj"]], "takeDateObj"))[0].date, isoDate);
  });
  it("getUtf8", async (t) => {
    const socket = await connect(t, host.url);
    const arrivals = nextMany(socket, "takeUtf8", 5);
    socket.emit("getUtf8");
    const texts = (await arrivals).map(([text]) => text);
    assert.deepEqual(texts, ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]);
  });
  it("getHandshake, getId", async (t) => {
    const socket = await connect(t, host.url, { query: { key1: "&=", key2: "&=?a" } });
    const [handshake] = await ask(socket, "getHandshake");
    assert.equal(handshake.query.key1, "&=");
    assert.equal(handshake.query.key2, "&=?a");
    assert.deepEqual(await ask(socket, "getId"), [socket.id]);
  });
  it("/foo: getId", async (t) => {
    const socket = await connect(t, `${host.url}/foo`);
    assert.deepEqual(await ask(socket, "getId"), [socket.id]);
  });
  it("/abc: the handshake comes by itself", async (t) => {
    const socket = open(t, `${host.url}/abc`, { query: { a: "b" }, auth: { c: "d" } });
    const arrival = next(socket, "handshake");
    await whenConnected(socket);
    const [handshake] = await arrival;
    assert.equal(handshake.query.a, "b");
    assert.deepEqual(handshake.auth, { c: "d" });
  });
  for (const name of ["/timeout_socket", "/valid", "/asd"]) {
    it(`${name}: accepts`, (t) => connect(t, host.url + name));
  }
  it("?fail: the main namespace refuses", async (t) => {
    const refusal = await whenRefused(open(t, host.url, { query: { fail: true } }));
    assert.equal(refusal.message, "Auth failed (main namespace)");
  });
  it("/no: refuses", async (t) => {
    const refusal = await whenRefused(open(t, `${host.url}/no`));
    assert.equal(refusal.message, "Auth failed (custom namespace)");
  });
  it("the handshake takes 10 ms, longer than an impatient client waits", async (t) => {
    for (const [, options] of transportSets) {
      const refusal = await whenRefused(open(t, host.url, { ...options, timeout: 0, reconnection: false }));
      assert.equal(refusal.message, "timeout");
    }
  });
  it("an unknown namespace", async (t) => {
    assert.equal((await whenRefused(open(t, `${host.url}/doesnotexist`))).message, "Invalid namespace");
  });
});

scenario("profile engine-client", "engine-client", (host) => {
  const transports = [["polling"], ["websocket"], ["polling", "websocket"]];
  function openEngine(t, options) {
    const socket = new EngineSocket(host.url, options);
    t.after(() => socket.close());
    return socket;
  }
  /** An open session that was greeted, and upgraded if it may. */
  async function greeted(t, options) {
    const socket = openEngine(t, options);
    const upgraded = options?.transports?.length === 1 ? undefined : next(socket, "upgrade");
    assert.deepEqual(await next(socket, "message"), ["hi"]);
    await upgraded;
    return socket;
  }
  async function answerTo(socket, message) {
    const arrival = next(socket, "message");
    socket.send(message);
    return (await arrival)[0];
  }

  for (const names of transports) {
    const title = names.join(", then ");
    it(`${title}: hi, give utf8, give binary, echo`, async (t) => {
      const socket = await greeted(t, { transports: names });
      assert.equal(socket.transport.name, names.at(-1));
      assert.equal(await answerTo(socket, "give utf8"), "пойду спать всем спокойной ночи");
      assert.deepEqual(Buffer.from(await answerTo(socket, "give binary")), Buffer.from([0, 1, 2, 3, 4]));
      assert.equal(await answerTo(socket, "\uD800\uDC00-\uDB7F\uDFFF\uDB80\uDC00-\uDBFF\uDFFF\uE000-\uF8FF"), "\uD800\uDC00-\uDB7F\uDFFF\uDB80\uDC00-\uDBFF\uDFFF\uE000-\uF8FF");
      assert.deepEqual(Buffer.from(await answerTo(socket, Buffer.from([9, 8]))), Buffer.from([9, 8]));
    });
    it(`${title}: forced base64`, async (t) => {
      const socket = await greeted(t, { transports: names, forceBase64: true });
      assert.deepEqual(Buffer.from(await answerTo(socket, Buffer.from([9, 8]))), Buffer.from([9, 8]));
    });
  }
  it("maxPayload is announced, and many packets are packed below it", async (t) => {
    const socket = await greeted(t, { transports: ["polling"] });
    const arrivals = nextMany(socket, "message", 30);
    for (let i = 0; i < 30; ++i) socket.send(`${i} — é€😀 ${"x".repeat(i)}`);
    const texts = (await arrivals).map(([text]) => text);
    assert.deepEqual(texts, Array.from({ length: 30 }, (_, i) => `${i} — é€😀 ${"x".repeat(i)}`));
  });
  it("polling: a message over the limit is a 413 without a text", async (t) => {
    const socket = await greeted(t, { transports: ["polling"] });
    const { promise, resolve } = deferred();
    socket.on("error", resolve);
    const ended = next(socket, "close");
    socket.send("x".repeat(101));
    const error = await within(promise, "an error");
    assert.equal(error.context.status, 413);
    assert.equal(error.context.responseText, "");
    assert.equal((await ended)[0], "transport error");
  });
  it("websocket: a message over the limit closes with 1009", async (t) => {
    const socket = await greeted(t, { transports: ["websocket"] });
    const ended = next(socket, "close");
    socket.send("x".repeat(101));
    const [reason, details] = await ended;
    assert.equal(reason, "transport close");
    assert.equal(details.context.code, 1009);
    assert.equal(details.context.reason, "");
  });
  it("a message at the limit passes", async (t) => {
    for (const names of transports.slice(0, 2)) {
      const socket = await greeted(t, { transports: names });
      assert.equal(await answerTo(socket, "x".repeat(99)), "x".repeat(99));
    }
  });
  it("an unknown sid is answered exactly", async () => {
    const { status, body } = await request(`${host.url}/engine.io/?EIO=4&transport=polling&sid=abc`);
    assert.deepEqual([status, body], [400, '{"code":1,"message":"Session ID unknown"}']);
    const raw = new RawWebSocket(`${host.url}/engine.io/?EIO=4&transport=websocket&sid=abc`);
    await assert.rejects(raw.accepted(), /400/);
  });
  it("?deny is refused: 403 by polling, 400 by websocket", async () => {
    const { status, body } = await request(`${host.url}/engine.io/?EIO=4&transport=polling&deny=1`);
    assert.deepEqual([status, body], [403, '{"code":4,"message":"Forbidden"}']);
    const raw = new RawWebSocket(`${host.url}/engine.io/?EIO=4&transport=websocket&deny=1`);
    await assert.rejects(raw.accepted(), /400/);
  });
  it("tryAllTransports goes on to the second when the first is refused", async (t) => {
    const socket = openEngine(t, { transports: ["polling", "websocket"], transportOptions: { polling: { query: { deny: 1 } } }, tryAllTransports: true });
    await next(socket, "open");
    assert.equal(socket.transport.name, "websocket");
  });
  it("rememberUpgrade", async (t) => {
    EngineSocket.priorWebsocketSuccess = false; // of all clients in this process
    await greeted(t, { rememberUpgrade: true });
    const again = openEngine(t, { rememberUpgrade: true });
    await next(again, "open");
    assert.equal(again.transport.name, "websocket");
  });
  it("nothing is sent after close, and the server hears of it", async (t) => {
    const socket = await greeted(t, { transports: ["websocket"] });
    const seen = record(socket, "message");
    const ended = next(socket, "close");
    socket.close();
    socket.send("too late");
    assert.equal((await ended)[0], "forced close");
    assert.deepEqual(seen, []);
  });
  it("what was sent before close() during an upgrade arrives", async (t) => {
    const socket = openEngine(t, {});
    const ended = next(socket, "close");
    const flushed = next(socket, "upgrading").then(() => {
      socket.send("while upgrading");
      socket.close();
    });
    await flushed;
    assert.equal((await ended)[0], "forced close");
  });
  it("sendHeaders: extra headers arrive with each POST", async (t) => {
    const socket = await greeted(t, { transports: ["polling"], extraHeaders: { "X-Custom-Header": "my-secret" } });
    const headers = JSON.parse(await answerTo(socket, "sendHeaders"));
    assert.equal(headers["x-custom-header"], "my-secret");
  });
  it("cookies of the handshake are set, kept by a client with credentials, and sent", async (t) => {
    const socket = await greeted(t, { transports: ["polling"], withCredentials: true });
    const headers = JSON.parse(await answerTo(socket, "sendHeaders"));
    assert.equal(headers.cookie, "1=1; 2=2");
    const without = await greeted(t, { transports: ["polling"], withCredentials: false });
    assert.equal(JSON.parse(await answerTo(without, "sendHeaders")).cookie, undefined);
  });
});
