// The black-box cases of the Engine.IO protocol's compliance suite, revision 4, and their neighbours.
import assert from "node:assert/strict";
import { it } from "node:test";

import { closeCases, handshakeCases, heartbeatCases, quickly, upgradeCases } from "../support/engine-cases.mjs";
import { PollingSession, RawWebSocket, gone, isAlive, request, separator } from "../support/raw.mjs";
import { scenario } from "../support/scenarios.mjs";

const path = "/engine.io/";
const concurrently = { concurrency: 4 };

scenario("engine protocol: handshake", "engineio", (host) => handshakeCases(host, path), concurrently);
scenario("engine protocol: heartbeat", "engineio", (host) => heartbeatCases(host, path), concurrently);
scenario("engine protocol: close", "engineio", (host) => closeCases(host, path), concurrently);
scenario("engine protocol: upgrade", "engineio", (host) => upgradeCases(host, path), concurrently);

scenario("engine protocol: polling messages", "engineio", (host) => {
  const open = () => PollingSession.open(host.url, path);
  /** Resolves with the next `count` message packets, however many payloads they take. */
  async function messages(session, count) {
    const packets = [];
    while (packets.length < count) packets.push(...(await session.receive()));
    return packets;
  }

  it("one text message comes back", async () => {
    const session = await open();
    const { status, body } = await session.post("4hello");
    assert.deepEqual([status, body], [200, "ok"]);
    assert.deepEqual(await messages(session, 1), ["4hello"]);
  });
  it("several messages of one payload come back in order", async () => {
    const session = await open();
    await session.post(["4test1", "4test2", "4test3"].join(separator));
    assert.deepEqual(await messages(session, 3), ["4test1", "4test2", "4test3"]);
  });
  it("text and binary mixed", async () => {
    const session = await open();
    await session.post(["4hello", "bAQIDBA=="].join(separator));
    assert.deepEqual(await messages(session, 2), ["4hello", "bAQIDBA=="]);
  });
  it("text beyond ASCII", async () => {
    const session = await open();
    await session.post("4utf8 — é 😀 てすと");
    assert.deepEqual(await messages(session, 1), ["4utf8 — é 😀 てすと"]);
  });
  it("a message without data", async () => {
    const session = await open();
    await session.post("4");
    assert.deepEqual(await messages(session, 1), ["4"]);
  });
  for (const body of ["abc", "", `4hello${separator}`]) {
    it(`an invalid payload ${JSON.stringify(body)} ends the session`, async () => {
      const session = await open();
      const { status, body: answer } = await session.post(body);
      assert.deepEqual([status, answer], [200, "ok"]);
      await gone(host.url, path, session.sid);
    });
  }
  it("of two GETs at once the first is released, the second refused, and the session ends", quickly(async () => {
    const session = await open();
    const both = [session.get(), session.get()];
    const answers = (await Promise.all(both)).sort((a, b) => a.status - b.status);
    assert.deepEqual(answers.map(({ status, body }) => [status, body]), [[200, "1"], [400, ""]]);
    await gone(host.url, path, session.sid);
  }));
  it("an aborted GET ends the session", quickly(async () => {
    const session = await open();
    const abort = new AbortController();
    const parked = await session.park({ signal: abort.signal });
    abort.abort();
    await assert.rejects(parked.answer);
    await gone(host.url, path, session.sid);
  }));
  it("a body over the limit gets 413 without a body, and the session stays", async () => {
    const session = await open();
    const { status, body } = await session.post(`4${"x".repeat(1e6)}`);
    assert.deepEqual([status, body], [413, ""]);
    assert.ok(await isAlive(host.url, path, session.sid, "polling"));
  });
  it("a body at the limit is taken", async () => {
    const session = await open();
    const packet = `4${"x".repeat(1e6 - 1)}`;
    assert.equal((await session.post(packet)).status, 200);
    assert.ok((await messages(session, 1))[0] === packet);
  });
  it("application/octet-stream is refused and ends the session", async () => {
    const session = await open();
    const { status, body } = await session.post("4a", { headers: { "content-type": "application/octet-stream" } });
    assert.deepEqual([status, body], [400, ""]);
    await gone(host.url, path, session.sid);
  });
  it("a client's ping ends the session", async () => {
    const session = await open();
    await session.post("2");
    await gone(host.url, path, session.sid);
  });
  it("other methods get 500, and the session stays", async () => {
    const session = await open();
    const { status, body } = await request(session.url, { method: "PUT" });
    assert.deepEqual([status, body], [500, ""]);
    assert.ok(await isAlive(host.url, path, session.sid, "polling"));
  });
  it("answers are not stored by caches and are text", async () => {
    const session = await open();
    const { headers } = await session.post("4a");
    assert.equal(headers.get("cache-control"), "no-store");
    const got = await session.get();
    assert.equal(got.headers.get("cache-control"), "no-store");
    assert.equal(got.headers.get("content-type"), "text/plain; charset=UTF-8");
    assert.equal(got.headers.get("access-control-allow-origin"), "*");
  });
}, concurrently);

scenario("engine protocol: other origins", "engineio", (host) => {
  const headers = { Origin: "http://elsewhere.example" };

  it("the preflight of a request is answered", async () => {
    const url = `${host.url}${path}?EIO=4&transport=polling`;
    const asked = { ...headers, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-a, x-b" };
    const answer = await request(url, { method: "OPTIONS", headers: asked });
    assert.deepEqual([answer.status, answer.body], [204, ""]);
    const field = (name) => answer.headers.get(`access-control-${name}`);
    assert.equal(field("allow-origin"), "*");
    assert.equal(field("allow-methods"), "GET,HEAD,PUT,PATCH,POST,DELETE");
    assert.equal(field("allow-headers"), "x-a, x-b");
    assert.equal(field("allow-credentials"), null);
    assert.equal(answer.headers.get("vary"), "Access-Control-Request-Headers");
  });
  it("answers and refusals allow the origin", async () => {
    for (const query of ["EIO=4&transport=polling", "EIO=4&transport=abc"]) {
      const answer = await request(`${host.url}${path}?${query}`, { headers });
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.equal(answer.headers.get("vary"), null);
    }
  });
  it("a WebSocket may come from anywhere", async () => {
    const raw = new RawWebSocket(`${host.url}${path}?EIO=4&transport=websocket`, { headers });
    assert.match(await raw.next({ pings: true }), /^0\{/);
    raw.socket.close();
  });
}, concurrently);

scenario("engine protocol: websocket messages", "engineio", (host) => {
  const open = () => RawWebSocket.open(host.url, path);

  it("text comes back as text", async () => {
    const raw = await open();
    raw.send("4hello — 😀");
    assert.equal(await raw.next(), "4hello — 😀");
    raw.socket.close();
  });
  it("binary comes back as binary", async () => {
    const raw = await open();
    raw.send(Buffer.from([1, 2, 3, 4]));
    assert.deepEqual(await raw.next(), Buffer.from([1, 2, 3, 4]));
    raw.socket.close();
  });
  it("base64 in a text frame is a binary message", async () => {
    const raw = await open();
    raw.send("bAQIDBA==");
    assert.deepEqual(await raw.next(), Buffer.from([1, 2, 3, 4]));
    raw.socket.close();
  });
  it("a thousand messages in order", async () => {
    const raw = await open();
    for (let i = 0; i < 1000; ++i) raw.send(`4${i}`);
    for (let i = 0; i < 1000; ++i) assert.equal(await raw.next(), `4${i}`);
    raw.socket.close();
  });
  for (const frame of ["abc", ""]) {
    it(`an invalid packet ${JSON.stringify(frame)} ends the session`, async () => {
      const raw = await open();
      raw.send(frame);
      assert.equal((await raw.closed()).code, 1005);
      await gone(host.url, path, raw.opened.sid, "websocket");
    });
  }
  it("a message over the limit is answered with close code 1009 without a reason", async () => {
    const raw = await open();
    raw.send(`4${"x".repeat(1e6)}`);
    assert.deepEqual(await raw.closed(), { code: 1009, reason: "" });
  });
  it("a close packet is ignored: a WebSocket client closes with a close frame", async () => {
    const raw = await open();
    raw.send("1");
    raw.send("4still here");
    assert.equal(await raw.next(), "4still here");
    raw.socket.close();
  });
}, concurrently);
