// The comment server as a Socket.IO user writes it for Node: the reference that the C++ `comment-server` is compared with.
//   comment-server [--host H] [--port N] [--db FILE|:memory:] [--log-level L] [--page-dir DIR] [--tls-cert F --tls-key F]
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { deserialize, serialize } from "node:v8";

import { Server } from "socket.io";

const historyLength = 50;
const maxAttachments = 10; // clients take no more in one event
const maxCommentBytes = 65536;
const contentTypes = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const pageDirectory = fileURLToPath(new URL("../../examples/comment_server/page", import.meta.url));
const protocolParameters = new Set(["EIO", "transport", "t", "sid", "j", "b64"]);

function fail(problem, exitCode) {
  console.error(`comment-server: ${problem}`);
  process.exit(exitCode);
}

function parseCommandLine() {
  const text = (value) => ({ type: "string", default: value });
  try {
    return parseArgs({
      options: {
        host: text(""),
        port: text("3000"),
        db: text(":memory:"),
        "log-level": text("info"),
        "page-dir": text(pageDirectory),
        "tls-cert": text(""),
        "tls-key": text(""),
      },
    }).values;
  } catch (error) {
    return fail(error.message, 2);
  }
}

const options = parseCommandLine();

/** Comments by namespace and room; kept in a file of one base64 record a line unless the file is `:memory:`. */
class Store {
  #file;
  #comments = new Map();

  constructor(file) {
    this.#file = file === ":memory:" ? undefined : file;
    if (!this.#file || !existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, "utf8").split("\n").filter(Boolean)) {
      const { key, comment } = deserialize(Buffer.from(line, "base64"));
      this.#remember(key, comment);
    }
  }

  add(key, comment) {
    this.#remember(key, comment);
    if (this.#file) appendFileSync(this.#file, `${serialize({ key, comment }).toString("base64")}\n`);
  }

  /** The newest comments, oldest first: as many as one event can carry. */
  latest(key) {
    const newest = (this.#comments.get(key) ?? []).slice(-historyLength);
    let attachments = 0;
    const first = newest.findLastIndex((comment) => (attachments += countBinary(comment)) > maxAttachments);
    return newest.slice(first + 1);
  }

  #remember(key, comment) {
    if (!this.#comments.has(key)) this.#comments.set(key, []);
    this.#comments.get(key).push(comment);
  }
}

function countBinary(value) {
  if (Buffer.isBuffer(value)) return 1;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum, member) => sum + countBinary(member), 0);
}

/** The handshake URL without the protocol's own parameters: `t` differs for each polling client of one page. */
function roomUrl(url) {
  const [path, query = ""] = url.split(/\?(.*)/s);
  const own = query.split("&").filter((pair) => pair !== "" && !protocolParameters.has(pair.split("=", 1)[0]));
  return own.length > 0 ? `${path}?${own.join("&")}` : path;
}

function log(text) {
  if (["debug", "info"].includes(options["log-level"])) console.log(text);
}

function servePage(request, response) {
  const name = basename(new URL(request.url, "http://page").pathname) || "index.html";
  const file = join(options["page-dir"], name);
  const type = contentTypes[extname(name)];
  if (!type || !existsSync(file)) return response.writeHead(404).end();
  return response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(readFileSync(file));
}

function makeHttpServer() {
  if (options["tls-cert"] === "") return createServer(servePage);
  const [cert, key] = [options["tls-cert"], options["tls-key"]].map((file) => readFileSync(file));
  return createTlsServer({ cert, key }, servePage);
}

const httpServer = makeHttpServer();
const io = new Server(httpServer);
const store = new Store(options.db);

function welcome(socket) {
  const room = roomUrl(socket.handshake.url);
  const key = `${socket.nsp.name} ${room}`;
  const tellNumber = () => {
    socket.nsp.to(room).emit("online", socket.nsp.adapter.rooms.get(room)?.size ?? 0);
  };
  socket.join(room);
  socket.emit("history", store.latest(key));
  tellNumber();
  socket.on("disconnect", tellNumber);
  socket.on("typing", (name) => socket.to(room).volatile.emit("typing", name));
  socket.on("message", (...args) => log(`message ${JSON.stringify(args)}`));
  socket.on("comment", (comment, reply) => {
    const bytes = Buffer.byteLength(JSON.stringify(comment) ?? "null");
    if (bytes > maxCommentBytes) {
      reply?.({ error: `a comment of ${bytes} bytes is over the limit of ${maxCommentBytes}` });
      return;
    }
    log(`comment in ${room}: ${JSON.stringify(comment)}`);
    store.add(key, comment);
    socket.emit("thanks", "Thank you for your comment.");
    socket.to(room).emit("comment", comment);
    reply?.();
  });
}

for (const name of ["/", "/comment"]) io.of(name).on("connection", welcome);

httpServer.on("error", (error) => fail(error.message, 1));
httpServer.listen(Number(options.port), options.host || undefined, () => {
  const scheme = options["tls-cert"] === "" ? "http" : "https";
  console.log(`listening on ${scheme}://${options.host || "localhost"}:${httpServer.address().port}`);
});
process.once("SIGTERM", () => {
  io.close(() => process.exit(0));
  setInterval(() => httpServer.closeIdleConnections(), 20); // Node 18 waits for them, later ones don't
});
