// The comment server, as pages and their clients use it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { promisify } from "node:util";

import { ask, connect, open, whenConnected, whenUpgraded } from "../support/clients.mjs";
import { request } from "../support/raw.mjs";
import { scenarioPerTarget } from "../support/scenarios.mjs";
import { next, record, within } from "../support/waiting.mjs";

const thanks = ["Thank you for your comment."];
const polling = { transports: ["polling"] };
const webSocket = { transports: ["websocket"] };

/** Starts one comment server for the tests of a suite; `host.url` is known inside tests. */
function shared(target) {
  const host = {};
  before(async () => {
    host.server = await target.comments();
    host.url = host.server.url;
  });
  after(() => host.server?.discard());
  return host;
}

/** A folder that is gone after the test. */
async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "interop-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A comment server for one test. */
async function start(t, target, options) {
  const server = await target.comments(options);
  t.after(() => server.discard());
  return server;
}

/** A client of a page, and the history that it was welcomed with. */
async function visit(t, url, page, options = {}) {
  const socket = open(t, url, { ...options, query: page === undefined ? undefined : { page } });
  const history = next(socket, "history");
  await whenConnected(socket);
  const [comments] = await history;
  return { socket, comments };
}

/** Resolves when the server has handled what the client sent: `message` is only logged, so a comment of its own page tells. */
async function settled(...sockets) {
  for (const socket of sockets) await ask(socket, "comment", "settled");
}

scenarioPerTarget("comment server: a comment", (target) => {
  const host = shared(target);

  it("is thanked for, and relayed to the others of the page", async (t) => {
    const [{ socket: author }, { socket: reader }] = await Promise.all([
      visit(t, host.url, "/thanks"),
      visit(t, host.url, "/thanks"),
    ]);
    const heardByAuthor = record(author, "comment");
    const thanked = next(author, "thanks");
    const thankedReader = record(reader, "thanks");
    const relayed = next(reader, "comment");
    author.emit("comment", { author: "Ann", text: "Hello — 😀" });
    assert.deepEqual(await thanked, thanks);
    assert.deepEqual(await relayed, [{ author: "Ann", text: "Hello — 😀" }]);
    await settled(reader, author);
    assert.deepEqual(heardByAuthor.filter(([comment]) => comment !== "settled"), []);
    assert.equal(thankedReader.length, 1, "only its own comment was thanked for");
  });
  it("is acknowledged without an argument", async (t) => {
    const { socket } = await visit(t, host.url, "/acknowledged");
    assert.deepEqual(await ask(socket, "comment", "hello"), []);
  });
  it("may be any value", async (t) => {
    const values = [
      "text", "", 0, -1.5, 1e300, true, false, null, [], {}, [[1, [2]], { a: { b: null } }], "\u2028 \"\\ \u0000",
      Buffer.from([0, 1, 255]), { picture: Buffer.from([1, 2]), list: [Buffer.from([3])], text: "é" },
    ];
    const [{ socket: author }, { socket: reader }] = await Promise.all([
      visit(t, host.url, "/any value", polling),
      visit(t, host.url, "/any value", webSocket),
    ]);
    const heard = record(reader, "comment");
    for (const value of values) assert.deepEqual(await ask(author, "comment", value), []);
    assert.deepEqual((await visit(t, host.url, "/any value")).comments, values);
    await settled(reader);
    assert.deepEqual(heard.map(([value]) => value), values);
  });
  it("too big is refused by its acknowledgement: no thanks, no relay, no history", async (t) => {
    const [{ socket: author }, { socket: reader }] = await Promise.all([
      visit(t, host.url, "/too big"),
      visit(t, host.url, "/too big"),
    ]);
    const thanked = record(author, "thanks");
    const relayed = record(reader, "comment");
    const answer = await ask(author, "comment", { text: "x".repeat(900_000) });
    assert.equal(answer.length, 1);
    assert.deepEqual(Object.keys(answer[0]), ["error"]);
    assert.ok(answer[0].error.length > 0);
    author.emit("comment", { text: "x".repeat(900_000) });
    await settled(author);
    await settled(reader);
    assert.deepEqual([thanked.length, relayed.length], [1, 1], "only the small comment counted");
    assert.deepEqual((await visit(t, host.url, "/too big")).comments, ["settled", "settled"]);
  });
  it("a message is only logged", async (t) => {
    const [{ socket: author }, { socket: reader }] = await Promise.all([
      visit(t, host.url, "/message"),
      visit(t, host.url, "/message"),
    ]);
    const heard = record(reader, "comment");
    author.emit("message", "hello");
    author.send({ any: "thing" });
    await settled(author);
    await settled(reader);
    assert.deepEqual(heard, [["settled"]]);
  });
});

scenarioPerTarget("comment server: rooms", (target) => {
  const host = shared(target);

  /** Who of the visitors hears a comment of the first one. */
  async function whoHears(visitors) {
    const heard = visitors.map(({ socket }) => record(socket, "comment"));
    assert.deepEqual(await ask(visitors[0].socket, "comment", "mine"), []);
    await settled(...visitors.map(({ socket }) => socket));
    return heard.flatMap((comments, i) => (comments.some(([comment]) => comment === "mine") ? [i] : []));
  }

  it("polling and websocket clients of a page meet, those of another page don't", async (t) => {
    const visitors = [
      await visit(t, host.url, "/articles/42", polling),
      await visit(t, host.url, "/articles/42", polling),
      await visit(t, host.url, "/articles/42", webSocket),
      await visit(t, host.url, "/articles/42"),
      await visit(t, host.url, "/articles/43", polling),
      await visit(t, host.url, "/articles/43", webSocket),
      await visit(t, host.url, undefined, polling),
    ];
    await whenUpgraded(visitors[3].socket);
    assert.deepEqual(await whoHears(visitors), [1, 2, 3]);
    assert.deepEqual(await whoHears([...visitors.slice(2)]), [1]);
    assert.deepEqual(await whoHears([...visitors.slice(4)]), [1]);
  });
  it("clients without a page meet too", async (t) => {
    const visitors = [
      await visit(t, host.url, undefined, webSocket),
      await visit(t, host.url, undefined, polling),
    ];
    assert.deepEqual(await whoHears(visitors), [1]);
  });
  it("/comment works as / does, and the two don't mix", async (t) => {
    const visitors = [
      await visit(t, `${host.url}/comment`, "/both", polling),
      await visit(t, `${host.url}/comment`, "/both", webSocket),
      await visit(t, host.url, "/both", polling),
      await visit(t, host.url, "/both", webSocket),
    ];
    const thanked = next(visitors[0].socket, "thanks");
    assert.deepEqual(await whoHears(visitors), [1]);
    assert.deepEqual(await thanked, thanks);
    assert.deepEqual(await whoHears([...visitors.slice(2), ...visitors.slice(0, 2)]), [1]);
  });
  it("both namespaces over one connection", async (t) => {
    const { socket: main } = await visit(t, host.url, "/one connection");
    const comment = await connect(t, "/comment", { manager: main.io });
    const thanked = next(comment, "thanks");
    assert.deepEqual(await ask(comment, "comment", "x"), []);
    assert.deepEqual(await thanked, thanks);
  });
  it("leaving a page ends it", async (t) => {
    const [author, reader] = [await visit(t, host.url, "/left"), await visit(t, host.url, "/left")];
    const heard = record(reader.socket, "comment");
    reader.socket.disconnect();
    assert.deepEqual(await ask(author.socket, "comment", "x"), []);
    assert.deepEqual(heard, []);
  });
});

scenarioPerTarget("comment server: history", (target) => {
  const host = shared(target);

  it("welcomes with the page's comments, oldest first, of this namespace only", async (t) => {
    const { socket, comments } = await visit(t, host.url, "/history");
    assert.deepEqual(comments, []);
    const { socket: other } = await visit(t, `${host.url}/comment`, "/history");
    for (let i = 0; i < 5; ++i) await ask(socket, "comment", { number: i });
    await ask(other, "comment", "in the other namespace");
    const expected = [0, 1, 2, 3, 4].map((number) => ({ number }));
    for (const options of [polling, webSocket, {}]) {
      assert.deepEqual((await visit(t, host.url, "/history", options)).comments, expected);
    }
    assert.deepEqual((await visit(t, `${host.url}/comment`, "/history")).comments, ["in the other namespace"]);
    assert.deepEqual((await visit(t, host.url, "/history/other")).comments, []);
  });
  it("holds the latest ones only", async (t) => {
    const { socket } = await visit(t, host.url, "/long");
    await Promise.all(Array.from({ length: 300 }, (_, i) => ask(socket, "comment", i)));
    const { comments } = await visit(t, host.url, "/long");
    assert.ok(comments.length >= 10 && comments.length < 300, `${comments.length} comments`);
    assert.deepEqual(comments, Array.from({ length: comments.length }, (_, i) => 300 - comments.length + i));
  });
});

scenarioPerTarget("comment server: binary history", (target) => {
  const host = shared(target);

  it("holds no more attachments than a client takes in one event", async (t) => {
    const { socket } = await visit(t, host.url, "/pictures");
    for (let i = 0; i < 15; ++i) await ask(socket, "comment", { i, picture: Buffer.from([i]) });
    const { socket: reader, comments } = await visit(t, host.url, "/pictures");
    assert.deepEqual(comments, Array.from({ length: 10 }, (_, i) => ({ i: i + 5, picture: Buffer.from([i + 5]) })));
    assert.ok(reader.connected);
  });
});

scenarioPerTarget("comment server: restarts", (target) => {
  it("SIGTERM: exit 0, clients reconnect by themselves and find the history", async (t) => {
    const db = join(await temporaryFolder(t), "comments.db");
    const server = await start(t, target, { db });
    const visitors = [
      await visit(t, server.url, "/p", polling),
      await visit(t, server.url, "/p", webSocket),
      await visit(t, `${server.url}/comment`, "/p"),
    ];
    for (const { socket } of visitors) await ask(socket, "comment", "before");
    const ends = visitors.map(({ socket }) => next(socket, "disconnect"));
    assert.deepEqual(await server.stop("SIGTERM"), { code: 0, signal: null });
    for (const end of ends) assert.match((await end)[0], /^transport (close|error)$/);
    assert.ok(visitors.every(({ socket }) => socket.active));
    const histories = visitors.map(({ socket }) => next(socket, "history"));
    await start(t, target, { db, port: server.port });
    const [first, second, third] = (await Promise.all(histories)).map(([comments]) => comments);
    assert.deepEqual([first, second, third], [["before", "before"], ["before", "before"], ["before"]]);
  });
  it("kill -9: what was acknowledged is there afterwards", async (t) => {
    const db = join(await temporaryFolder(t), "comments.db");
    const server = await start(t, target, { db });
    const { socket } = await visit(t, server.url, "/killed", { ...webSocket, reconnection: false });
    const acknowledged = [];
    const enough = new Promise((resolve) => {
      for (let i = 0; i < 200; ++i) {
        socket.emit("comment", { i }, () => acknowledged.push(i) === 40 && resolve());
      }
    });
    await within(enough, "40 acknowledgements");
    await server.stop("SIGKILL");
    assert.ok(acknowledged.length >= 40);
    const again = await start(t, target, { db });
    const { comments } = await visit(t, again.url, "/killed");
    const kept = comments.map(({ i }) => i);
    const oldest = kept[0];
    assert.deepEqual(kept, [...kept].sort((a, b) => a - b));
    assert.deepEqual(acknowledged.filter((i) => i >= oldest && !kept.includes(i)), []);
    assert.ok(kept.at(-1) >= acknowledged.at(-1), "the last acknowledged one is missing");
  });
});

scenarioPerTarget("comment server: starting", (target) => {
  /** That it ends with an exit code and one line that says why. */
  async function failsToStart(options, why) {
    await assert.rejects(target.comments(options), (error) => {
      const [how, ...lines] = error.message.trim().split("\n");
      assert.match(how, /"code":[1-9]/);
      assert.equal(lines.length, 1, error.message);
      assert.match(lines[0], why);
      return true;
    });
  }

  it("a port that is taken", async (t) => {
    const server = await start(t, target);
    await failsToStart({ port: server.port }, /in use/i);
  });
  it("a flag that does not exist", () => failsToStart({ flags: ["--no-such-flag"] }, /no-such-flag/));
  it("without a host it listens on IPv4 and, where there is one, on IPv6", async (t) => {
    const server = await start(t, target, { host: "" });
    const hosts = ["127.0.0.1", "localhost"];
    if (networkInterfaces().lo?.some(({ family }) => family === "IPv6")) hosts.push("[::1]");
    for (const host of hosts) await visit(t, `http://${host}:${server.port}`, "/anywhere", webSocket);
  });
  it("over TLS", async (t) => {
    const folder = await temporaryFolder(t);
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const config = join(folder, "openssl.cnf");
    await writeFile(config, "[req]\ndistinguished_name=name\n[name]\n");
    await promisify(execFile)("openssl", [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=localhost", "-config", config, "-keyout", key, "-out", cert,
    ]);
    const server = await start(t, target, { flags: ["--tls-cert", cert, "--tls-key", key] });
    const visitors = [];
    for (const options of [polling, webSocket, {}]) {
      visitors.push(await visit(t, `https://127.0.0.1:${server.port}`, "/tls", { ...options, rejectUnauthorized: false }));
    }
    await whenUpgraded(visitors[2].socket);
    const heard = visitors.slice(1).map(({ socket }) => next(socket, "comment"));
    assert.deepEqual(await ask(visitors[0].socket, "comment", "x".repeat(60_000)), []);
    for (const comment of heard) assert.deepEqual(await comment, ["x".repeat(60_000)]);
  });
});

scenarioPerTarget("comment server: files", (target) => {
  const host = shared(target);

  it("the page", async () => {
    const { status, body, headers } = await request(`${host.url}/?page=%2Farticles%2F42`);
    assert.equal(status, 200);
    assert.match(headers.get("content-type"), /^text\/html; ?charset=utf-8$/i);
    assert.match(body, /<ol id="comments"/);
  });
  for (const name of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"]) {
    it(`the client bundle ${name} and its map`, async () => {
      const { status, body, headers } = await request(`${host.url}/socket.io/${name}?any=query`);
      assert.equal(status, 200);
      assert.equal(headers.get("content-type"), "application/javascript; charset=utf-8");
      assert.equal(headers.get("cache-control"), "public, max-age=0");
      assert.equal(headers.get("etag"), '"4.8.4"');
      assert.match(body, /Socket\.IO v4\.8\.4/);
      const map = await request(`${host.url}/socket.io/${name}.map`);
      assert.equal(map.status, 200);
      assert.equal(map.headers.get("content-type"), "application/json; charset=utf-8");
      assert.equal(JSON.parse(map.body).version, 3);
    });
  }
  for (const tag of ['"4.8.4"', 'W/"4.8.4"']) {
    it(`the bundle is not sent again to who has ${tag}`, async () => {
      const headers = { "If-None-Match": tag };
      const { status, body } = await request(`${host.url}/socket.io/socket.io.js`, { headers });
      assert.deepEqual([status, body], [304, ""]);
    });
  }
  it("an unknown file below the path is a bad Socket.IO request; one beside it is 404", async () => {
    const below = await request(`${host.url}/socket.io/unknown.js`);
    assert.deepEqual([below.status, below.body], [400, '{"code":0,"message":"Transport unknown"}']);
    assert.equal((await request(`${host.url}/nothing/here.txt`)).status, 404);
  });
});
