// The black-box cases of the Socket.IO protocol's compliance suite, revision 5, and their neighbours.
import assert from "node:assert/strict";
import { it } from "node:test";
import { WebSocket } from "ws";

import { closeCases, handshakeCases, heartbeatCases, upgradeCases } from "../support/engine-cases.mjs";
import { PollingSession, RawWebSocket, separator } from "../support/raw.mjs";
import { scenario } from "../support/scenarios.mjs";

const path = "/socket.io/";
const concurrently = { concurrency: 4 };

scenario("socket protocol: Engine.IO handshake", "socketio", (host) => handshakeCases(host, path), concurrently);
scenario("socket protocol: heartbeat", "socketio", (host) => heartbeatCases(host, path, "40"), concurrently);
scenario("socket protocol: Engine.IO close", "socketio", (host) => closeCases(host, path), concurrently);
scenario("socket protocol: upgrade", "socketio", (host) => upgradeCases(host, path), concurrently);

/** A WebSocket that has joined the namespace; the reply and the `auth` event are read. */
async function join(host, namespace = "") {
  const raw = await RawWebSocket.open(host.url, path);
  raw.send(`40${namespace}`);
  assert.match(await raw.next(), /^40/);
  assert.match(await raw.next(), /^42.*\["auth",/);
  return raw;
}

scenario("socket protocol: connect", "socketio", (host) => {
  const cases = [
    ["the main namespace", "40", "", "{}"],
    ["the main namespace with a payload", '40{"token":"123"}', "", '{"token":"123"}'],
    ["a custom namespace", "40/custom,", "/custom,", "{}"],
    ["a custom namespace without the comma", "40/custom", "/custom,", "{}"],
    ["a custom namespace with a payload", '40/custom,{"token":"abc"}', "/custom,", '{"token":"abc"}'],
  ];
  for (const [title, packet, prefix, auth] of cases) {
    it(title, async () => {
      const raw = await RawWebSocket.open(host.url, path);
      raw.send(packet);
      const reply = await raw.next();
      assert.ok(reply.startsWith(`40${prefix}{`), reply);
      const data = JSON.parse(reply.slice(2 + prefix.length));
      assert.deepEqual(Object.keys(data), ["sid"]);
      assert.match(data.sid, /^[\w-]{20}$/);
      assert.notEqual(data.sid, raw.opened.sid);
      assert.equal(await raw.next(), `42${prefix}["auth",${auth}]`);
      raw.socket.close();
    });
  }
  // As the compliance suite does: what comes in the same segment as the message before is missed. It is
  // a race in Node.js too, so one of ten tries is enough.
  it("a client that waits for one message at a time hears the first event", async () => {
    let heard = "2"; // the next ping: the event was missed
    for (let tries = 0; tries < 10 && heard === "2"; ++tries) {
      const socket = new WebSocket(`${host.url.replace("http", "ws")}${path}?EIO=4&transport=websocket`);
      const message = () => new Promise((resolve) => socket.once("message", (data) => resolve(String(data))));
      await message();
      socket.send("40");
      assert.match(await message(), /^40\{/);
      heard = await message();
      socket.terminate();
    }
    assert.equal(heard, '42["auth",{}]');
  });
  it("over polling, in one payload with the first event", async () => {
    const session = await PollingSession.open(host.url, path);
    await session.post('40{"token":"123"}');
    const packets = await session.receive();
    assert.equal(packets.length, 2);
    assert.match(packets[0], /^40\{"sid":"[\w-]{20}"\}$/);
    assert.equal(packets[1], '42["auth",{"token":"123"}]');
  });
  it("an unknown namespace is refused, the connection stays", async () => {
    const raw = await RawWebSocket.open(host.url, path);
    raw.send("40/random");
    assert.equal(await raw.next(), '44/random,{"message":"Invalid namespace"}');
    raw.send("40");
    assert.match(await raw.next(), /^40\{/);
    raw.socket.close();
  });
  for (const packet of ["4abc", "40[]", '40"a"', "40null", "42[\"message\",\"too early\"]", "41", "47", "4"]) {
    it(`${packet} as the first packet ends the connection`, async () => {
      const raw = await RawWebSocket.open(host.url, path);
      raw.send(packet);
      assert.equal((await raw.closed()).code, 1005);
    });
  }
  it("no CONNECT within the connect timeout ends the connection", async () => {
    const raw = await RawWebSocket.open(host.url, path);
    await assert.rejects(raw.next(), /closed with 1005/);
  });
  it("a second CONNECT ends the connection", async () => {
    const raw = await join(host);
    raw.send("40");
    assert.equal((await raw.closed()).code, 1005);
  });
  it("over polling a violation ends the session with a noop and a close packet", async () => {
    const session = await PollingSession.open(host.url, path);
    await session.post("4abc");
    const { body } = await session.get();
    assert.equal(body, ["6", "1"].join(separator));
  });
}, concurrently);

scenario("socket protocol: disconnect", "socketio", (host) => {
  it("the main namespace is left, the connection goes on", async () => {
    const raw = await join(host);
    raw.send("41");
    assert.equal(await raw.next({ pings: true }), "2");
    raw.socket.close();
  });
  it("leaving a custom namespace keeps the main one", async () => {
    const raw = await join(host);
    raw.send("40/custom,");
    assert.match(await raw.next(), /^40\/custom,\{"sid":/);
    assert.equal(await raw.next(), '42/custom,["auth",{}]');
    raw.send("41/custom,");
    raw.send('42["message","message to main namespace"]');
    assert.equal(await raw.next(), '42["message-back","message to main namespace"]');
    raw.socket.close();
  });
  it("a namespace that was left can be joined again, under a new id", async () => {
    const raw = await join(host);
    const ids = [];
    for (let i = 0; i < 2; ++i) {
      raw.send("40/custom,");
      ids.push(await raw.next());
      assert.equal(await raw.next(), '42/custom,["auth",{}]');
      raw.send("41/custom,");
      raw.send('42["message"]');
      assert.equal(await raw.next(), '42["message-back"]');
    }
    assert.match(ids[1], /^40\/custom,\{"sid":/);
    assert.notEqual(ids[1], ids[0]);
    raw.socket.close();
  });
}, concurrently);

scenario("socket protocol: messages", "socketio", (host) => {
  const exchanges = [
    ["text", '42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ["no arguments", '42["message"]', '42["message-back"]'],
    ["an acknowledgement", '42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
    ["an acknowledgement without arguments", '420["message-with-ack"]', "430[]"],
    ["an id with leading zeros", '42007["message-with-ack"]', "437[]"],
    ["text beyond ASCII", '42["message","é — 😀"]', '42["message-back","é — 😀"]'],
    ["a lone surrogate", '42["message","\\ud83d"]', '42["message-back","\\ud83d"]'],
    ["numbers as JavaScript prints them", '42["message",1.0,1e21,-0,0.1,1e-7]', '42["message-back",1,1e+21,0,0.1,1e-7]'],
    ["a placeholder outside a binary packet", '42["message",{"_placeholder":true,"num":0}]', '42["message-back",{"_placeholder":true,"num":0}]'],
  ];
  for (const [title, sent, expected] of exchanges) {
    it(title, async () => {
      const raw = await join(host);
      raw.send(sent);
      assert.equal(await raw.next(), expected);
      raw.socket.close();
    });
  }

  const first = '{"_placeholder":true,"num":0}';
  const second = '{"_placeholder":true,"num":1}';
  const binary = [
    ["binary", `452-["message",${first},${second}]`, `452-["message-back",${first},${second}]`],
    ["binary, acknowledged", `452-789["message-with-ack",${first},${second}]`, `462-789[${first},${second}]`],
    ["binary inside objects", `452-["message",{"a":[${first}],"b":{"c":${second}}}]`, `452-["message-back",{"a":[${first}],"b":{"c":${second}}}]`],
  ];
  for (const [title, sent, expected] of binary) {
    it(title, async () => {
      const raw = await join(host);
      raw.send(sent);
      raw.send(Buffer.from([1, 2, 3]));
      raw.send(Buffer.from([4, 5, 6]));
      assert.equal(await raw.next(), expected);
      assert.deepEqual(await raw.next(), Buffer.from([1, 2, 3]));
      assert.deepEqual(await raw.next(), Buffer.from([4, 5, 6]));
      raw.socket.close();
    });
  }

  const invalid = [
    ["an unknown packet type", ["4abc"]],
    ["a payload that is no array", ['42{}']],
    ["an ack id that is no number", ['42abc["message-with-ack",1]']],
    ["a payload that is no JSON", ['42["message",']],
    ["a reserved event name", ['42["disconnect"]']],
    ["a CONNECT_ERROR from a client", ['44{"message":"a"}']],
    ["no attachments in a binary packet", ['450-["message"]']],
    ["eleven attachments", ['4511-["message"]']],
    ["a placeholder that points nowhere", ['451-["message",{"_placeholder":true,"num":1}]', Buffer.from([1])]],
    ["text while attachments are awaited", ['451-["message",{"_placeholder":true,"num":0}]', '42["message"]']],
    ["an attachment without a header", [Buffer.from([1])]],
    ["an event for a namespace that was not joined", ['42/custom,["message"]']],
  ];
  for (const [title, packets] of invalid) {
    it(`${title} ends the connection`, async () => {
      const raw = await join(host);
      for (const packet of packets) raw.send(packet);
      assert.equal((await raw.closed()).code, 1005);
    });
  }
  for (const packet of ["42", "423", '4399["unknown id"]', "43"]) {
    it(`${packet} is ignored`, async () => {
      const raw = await join(host);
      raw.send(packet);
      raw.send('42["message"]');
      assert.equal(await raw.next(), '42["message-back"]');
      raw.socket.close();
    });
  }
}, concurrently);
