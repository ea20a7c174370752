// The servers under test as child processes: the reference in Node, and ours.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { deferred, within } from "./waiting.mjs";

const interop = fileURLToPath(new URL("..", import.meta.url));
const bin = process.env.SOCKETIO_BIN ?? `${interop}../build/release/bin`;
const threads = process.env.INTEROP_THREADS ? ["--threads", process.env.INTEROP_THREADS] : [];
const wanted = (process.env.INTEROP_TARGETS ?? "reference,ours").split(",");
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** One server process that has said on which port it listens. Its stdout is kept line by line. */
class ServerProcess {
  #child;
  #exit = deferred();
  #lines = [];
  #waiting = new Set();
  #stderr = "";

  constructor(command, args) {
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(this.#child);
    this.#child.on("error", (error) => this.#end({ error }));
    this.#child.on("close", (code, signal) => this.#end({ code, signal }));
    this.#child.stderr.on("data", (bytes) => (this.#stderr += bytes));
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#read(line));
  }

  /** Resolves once the process listens; rejects with its stderr when it ends first. */
  async ready() {
    const line = await this.line(/listening on .*?(\d+)\s*$/m);
    this.port = Number(/(\d+)\s*$/.exec(line)[1]);
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  /** The first line of stdout, past or to come, that matches the pattern or predicate; rejects when the process ends. */
  line(wantedLine) {
    const matches = typeof wantedLine === "function" ? wantedLine : (line) => wantedLine.test(line);
    const past = this.#lines.find(matches);
    if (past !== undefined) return Promise.resolve(past);
    const waiter = { matches, ...deferred() };
    this.#waiting.add(waiter);
    return within(waiter.promise, `a line of the server that matches ${wantedLine}`);
  }

  /** The first JSON line, past or to come, that has these members. */
  async report(members) {
    const isSuch = (line) => {
      if (!line.startsWith("{")) return false;
      const value = JSON.parse(line);
      return Object.entries(members).every(([name, wantedValue]) => value[name] === wantedValue);
    };
    return JSON.parse(await this.line(isSuch));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Sends a signal and resolves with how the process ended: {code, signal}. */
  async stop(signal = "SIGTERM") {
    this.#child.kill(signal);
    return within(this.#exit.promise, `the server's end after ${signal}`);
  }

  /** For the end of a test: whatever state it is in, it is gone afterwards. */
  async discard() {
    if (running.has(this.#child)) await this.stop("SIGKILL");
  }

  #read(line) {
    this.#lines.push(line);
    for (const waiter of this.#waiting) {
      if (!waiter.matches(line)) continue;
      this.#waiting.delete(waiter);
      waiter.resolve(line);
    }
  }

  #end(how) {
    running.delete(this.#child);
    this.#exit.resolve(how);
    const reason = how.error?.message ?? JSON.stringify(how);
    for (const { reject } of this.#waiting) reject(new Error(`the server ended: ${reason}\n${this.#stderr}`));
  }
}

function launcher(name, commands) {
  const launch = (program, args) => {
    const [command, ...rest] = commands[program];
    return new ServerProcess(command, [...rest, ...args.map(String)]).ready();
  };
  return {
    name,
    conformance: (profile, { port = 0 } = {}) =>
      launch("conformance-server", [profile, "--host", "127.0.0.1", "--port", port]),
    comments: ({ host = "127.0.0.1", port = 0, db = ":memory:", flags = [] } = {}) =>
      launch("comment-server", ["--port", port, "--db", db, ...(host ? ["--host", host] : []), ...flags]),
  };
}

const node = process.execPath;
const all = [
  launcher("reference", {
    "conformance-server": [node, `${interop}reference/conformance-server.mjs`],
    "comment-server": [node, `${interop}reference/comment-server.mjs`],
  }),
  launcher("ours", {
    "conformance-server": [`${bin}/conformance-server`, ...threads],
    "comment-server": [`${bin}/comment-server`, ...threads],
  }),
];

/** The servers that this run compares: INTEROP_TARGETS, `reference,ours` by default. */
export const targets = all.filter(({ name }) => wanted.includes(name));
if (targets.length === 0) throw new Error(`INTEROP_TARGETS names no server: ${wanted}`);
