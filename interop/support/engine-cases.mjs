// The black-box cases that the compliance suites of Engine.IO and of Socket.IO have in common, as they are seen on the wire.
import assert from "node:assert/strict";
import { it } from "node:test";

import { PollingSession, RawWebSocket, gone, isAlive, request } from "./raw.mjs";
import { within } from "./waiting.mjs";

const pingInterval = 300;
const pingTimeout = 200;

/** A case that a ping in between would disturb: where the machine was slower than the first ping, it is tried again. */
export function quickly(body) {
  return async () => {
    for (let attempt = 1; ; ++attempt) {
      const started = performance.now();
      try {
        return await body();
      } catch (error) {
        if (attempt === 5 || performance.now() - started < pingInterval) throw error;
      }
    }
  };
}

function assertOpenPacket(opened, upgrades) {
  assert.deepEqual(Object.keys(opened), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
  assert.match(opened.sid, /^[\w-]{20}$/);
  assert.deepEqual({ ...opened, sid: "" }, { sid: "", upgrades, pingInterval, pingTimeout, maxPayload: 1e6 });
}

async function assertRefused(url, options, code, message) {
  const { status, body, headers } = await request(url, options);
  assert.equal(status, 400);
  assert.equal(body, JSON.stringify({ code, message }));
  assert.match(headers.get("content-type"), /^application\/json/);
}

export function handshakeCases(host, path) {
  const polling = (query) => `${host.url}${path}?${query}`;
  it("polling: the open packet", async () => {
    assertOpenPacket((await PollingSession.open(host.url, path)).opened, ["websocket"]);
  });
  for (const query of ["transport=polling", "EIO=abc&transport=polling", "EIO=3&transport=polling"]) {
    it(`polling: ?${query} is refused`, () =>
      assertRefused(polling(query), {}, 5, "Unsupported protocol version"));
  }
  for (const query of ["EIO=4", "EIO=4&transport=abc", "EIO=4&transport=__proto__"]) {
    it(`polling: ?${query} is refused`, () => assertRefused(polling(query), {}, 0, "Transport unknown"));
  }
  for (const method of ["POST", "PUT", "DELETE"]) {
    it(`polling: a handshake by ${method} is refused`, () =>
      assertRefused(polling("EIO=4&transport=polling"), { method }, 2, "Bad handshake method"));
  }
  it("polling: an unknown sid is refused", () =>
    assertRefused(polling("EIO=4&transport=polling&sid=abc"), {}, 1, "Session ID unknown"));
  it("a plain GET with transport=websocket is refused", () =>
    assertRefused(polling("EIO=4&transport=websocket"), {}, 3, "Bad request"));
  it("websocket: the open packet", async () => {
    const raw = await RawWebSocket.open(host.url, path);
    assertOpenPacket(raw.opened, []);
    raw.socket.close();
  });
  for (const query of ["transport=websocket", "EIO=abc&transport=websocket", "EIO=4&transport=abc", "EIO=4"]) {
    it(`websocket: ?${query} ends without an open packet`, async () => {
      const raw = new RawWebSocket(polling(query));
      await raw.closed();
      await assert.rejects(raw.next({ pings: true }));
    });
  }
  it("websocket: an unknown sid fails the handshake", async () => {
    const raw = new RawWebSocket(polling("EIO=4&transport=websocket&sid=abc"));
    await assert.rejects(raw.accepted(), /Unexpected server response: 400/);
  });
}

/** Measures from a moment before the server starts to wait, so that a slow client never makes the time look short. */
function stopwatch() {
  const started = performance.now();
  const slack = 5; // of timers and clocks
  return { assertPassed: (milliseconds) => assert.ok(performance.now() - started > milliseconds - slack) };
}

/** `hello` is what a client of this server says first, so that it is kept; "" for nothing. */
export function heartbeatCases(host, path, hello = "") {
  it("polling: three pings, each a pingInterval after the pong before it", async () => {
    let watch = stopwatch();
    const session = await PollingSession.open(host.url, path);
    if (hello) await session.post(hello);
    for (let i = 0; i < 3; ++i) {
      let packets;
      do packets = await session.receive({ pings: true });
      while (!packets.includes("2"));
      watch.assertPassed(pingInterval);
      watch = stopwatch();
      assert.equal((await session.post("3")).body, "ok");
    }
    assert.ok(await isAlive(host.url, path, session.sid, "polling"));
  });
  it("polling: without a pong the session ends after interval and timeout", async () => {
    const watch = stopwatch();
    const session = await PollingSession.open(host.url, path);
    if (hello) await session.post(hello);
    await gone(host.url, path, session.sid);
    watch.assertPassed(pingInterval + pingTimeout);
  });
  it("websocket: three pings, each a pingInterval after the pong before it", async () => {
    let watch = stopwatch();
    const raw = await RawWebSocket.open(host.url, path);
    if (hello) raw.send(hello);
    for (let i = 0; i < 3; ++i) {
      while ((await raw.next({ pings: true })) !== "2");
      watch.assertPassed(pingInterval);
      watch = stopwatch();
      raw.send("3");
    }
    raw.socket.close();
  });
  it("websocket: without a pong the server closes after interval and timeout", async () => {
    const watch = stopwatch();
    const raw = await RawWebSocket.open(host.url, path);
    if (hello) raw.send(hello);
    assert.equal((await raw.closed()).code, 1005);
    watch.assertPassed(pingInterval + pingTimeout);
    assert.ok(!(await isAlive(host.url, path, raw.opened.sid, "websocket")));
  });
}

export function closeCases(host, path) {
  it("polling: a close packet releases the parked GET with a noop, and ends the session", quickly(async () => {
    const session = await PollingSession.open(host.url, path);
    const parked = await session.park();
    const posted = await session.post("1");
    assert.deepEqual([posted.status, posted.body], [200, "ok"]);
    const { status, body } = await parked.answer;
    assert.deepEqual([status, body], [200, "6"]);
    assert.ok(!(await isAlive(host.url, path, session.sid, "polling")));
    await assertRefused(session.url, {}, 1, "Session ID unknown");
  }));
  it("websocket: a close frame ends the session", async () => {
    const raw = await RawWebSocket.open(host.url, path);
    raw.socket.close();
    await raw.closed();
    await gone(host.url, path, raw.opened.sid, "websocket");
  });
}

async function upgraded(host, path) {
  const session = await PollingSession.open(host.url, path);
  const raw = new RawWebSocket(session.webSocketUrl);
  await raw.accepted();
  raw.send("2probe");
  assert.equal(await raw.next({ pings: true }), "3probe");
  raw.send("5");
  return { session, raw };
}

export function upgradeCases(host, path) {
  it("upgrade: the probe is answered, a parked GET is released, and the WebSocket carries on", quickly(async () => {
    const session = await PollingSession.open(host.url, path);
    const parked = session.receive();
    const raw = new RawWebSocket(session.webSocketUrl);
    await raw.accepted();
    raw.send("2probe");
    assert.equal(await raw.next({ pings: true }), "3probe");
    assert.deepEqual(await parked, ["6"]);
    raw.send("5");
    assert.equal(await raw.next({ pings: true }), "2");
    raw.socket.close();
  }));
  it("upgrade: afterwards a GET with the sid is refused", quickly(async () => {
    const { session, raw } = await upgraded(host, path);
    assert.equal(await raw.next({ pings: true }), "2");
    await assertRefused(session.url, {}, 3, "Bad request");
    raw.socket.close();
  }));
  it("upgrade: a second WebSocket with the sid is closed at once, the first one stays", quickly(async () => {
    const { session, raw } = await upgraded(host, path);
    const second = new RawWebSocket(session.webSocketUrl);
    assert.equal((await second.closed()).code, 1005);
    assert.equal(await raw.next({ pings: true }), "2");
    raw.socket.close();
  }));
  it("upgrade: a candidate that does not probe is closed, and polling goes on", async () => {
    const session = await PollingSession.open(host.url, path);
    const raw = new RawWebSocket(session.webSocketUrl);
    await raw.accepted();
    raw.send("2foo");
    await raw.closed();
    assert.deepEqual(await within(session.receive({ pings: true }), "a ping"), ["2"]);
  });
}
