// bench/wire: bytes on the wire for one event of 50 bytes, through a proxy that counts, with the official client. Everything
// that TCP carries is counted, HTTP heads and frame headers too; what TCP and IP put around it is not.
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { parseArgs } from "node:util";
import { io } from "socket.io-client";
import { cleanUp, missing, servers, startServer, stop, wait } from "./processes.mjs";

const { values: flags } = parseArgs({ options: { events: { type: "string", default: "100" }, json: { type: "string" } } });
const events = Number(flags.events);
const eventBytes = 50; // of the packet's text: 42["name","xxx…"]
const payload = (name) => "x".repeat(eventBytes - `42["${name}",""]`.length);

// What Chromium adds to each of a page's requests on the page's own server (without cookies).
const browserHeaders = {
  Connection: "keep-alive",
  "sec-ch-ua-platform": '"Linux"',
  "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
  "sec-ch-ua": '"Not:A-Brand";v="8", "Chromium";v="156"',
  "sec-ch-ua-mobile": "?0",
  "Sec-Fetch-Site": "same-origin",
  "Sec-Fetch-Mode": "cors",
  "Sec-Fetch-Dest": "empty",
  Referer: "https://www.example.com/news/2026/11/an-article.html",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-US,en;q=0.9",
};
const clients = {
  polling: { label: "polling", options: { transports: ["polling"] } },
  browser: { label: "polling, a browser's headers", options: { transports: ["polling"], extraHeaders: browserHeaders } },
  websocket: { label: "WebSocket", options: { transports: ["websocket"] } },
};

/// Passes connections on to a port, and counts bytes: `up` from clients, `down` to them.
function countingProxy(port) {
  const proxy = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on("data", (data) => (proxy.up += data.length));
    far.on("data", (data) => (proxy.down += data.length));
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => (socket === near ? far : near).destroy());
    }
  });
  Object.assign(proxy, { up: 0, down: 0 });
  return new Promise((resolve) => proxy.listen(0, "127.0.0.1", () => resolve(proxy)));
}

function connected(port, kind) {
  const socket = io(`http://127.0.0.1:${port}`, { ...clients[kind].options, forceNew: true, reconnection: false });
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket));
    socket.once("connect_error", reject);
  });
}

// Until something has been carried since `before`, and nothing more comes.
async function quiet(proxy, before) {
  const carried = () => proxy.up + proxy.down;
  for (let last = before, same = 0; same < 3; last = carried()) {
    await wait(0.01);
    same = carried() > before && carried() === last ? same + 1 : 0;
  }
}

// One event after the other, each when the one before has had all its requests, so that none shares a request.
async function perEvent(proxy, event) {
  await quiet(proxy, 0);
  const { up, down } = proxy;
  for (let i = 0; i < events; ++i) {
    const before = proxy.up + proxy.down;
    await event();
    await quiet(proxy, before);
  }
  return { up: (proxy.up - up) / events, down: (proxy.down - down) / events };
}

async function measure(server, kind) {
  const child = await startServer(server, []);
  const proxy = await countingProxy(child.port);
  const measured = await connected(proxy.address().port, kind);
  const other = await connected(child.port, "websocket"); // past the proxy
  const received = (socket, name) => new Promise((resolve) => socket.once(name, resolve));
  try {
    const toClient = await perEvent(proxy, async () => {
      const there = received(measured, "broadcast");
      other.emit("broadcast", payload("broadcast"));
      await there;
    });
    const toServer = await perEvent(proxy, () => measured.emit("note", payload("note")));
    return { server, client: kind, toClient, toServer };
  } finally {
    measured.disconnect();
    other.disconnect();
    proxy.close();
    await stop(child);
  }
}

process.on("exit", cleanUp);
const rows = [];
for (const server of ["ours", "node"]) {
  const why = missing(server);
  if (why) throw new Error(why);
  for (const kind of Object.keys(clients)) rows.push(await measure(server, kind));
}

const whole = ({ up, down }) => up + down;
const bytes = (sides) => `${whole(sides).toFixed(0)} (${sides.up.toFixed(0)} up, ${sides.down.toFixed(0)} down)`;
console.log(`Bytes on the wire for an event of ${eventBytes} bytes, mean of ${events}, HTTP heads and frame headers included:\n`);
console.log("| server | client | server → client | client → server | a million clients, an event a second to each |");
console.log("|---|---|---|---|---|");
for (const { server, client, toClient, toServer } of rows)
  console.log(`| ${servers[server].label} | ${clients[client].label} | ${bytes(toClient)} | ${bytes(toServer)} | ${whole(toClient).toFixed(0)} MB/s |`);
const toClient = (server, kind) => whole(rows.find((row) => row.server === server && row.client === kind).toClient);
const ratio = (server) => (toClient(server, "browser") / toClient(server, "websocket")).toFixed(1);
console.log(`\nTo a browser an event takes ${ratio("ours")} times the bytes by polling (Node.js: ${ratio("node")}).`);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ eventBytes, events, rows }, null, 1)}\n`);
process.exit();
