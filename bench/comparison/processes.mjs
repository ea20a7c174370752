// The programs that are measured and the one that measures them: starting them, and reading what they used.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const bench = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = process.env.SOCKETIO_BIN ?? join(bench, "../build/release/bin");
const bun = join(bench, "node_modules/.bin/bun");

export const servers = {
  floor: { label: "floor", command: [join(bin, "bench-floor")] },
  ours: { label: "ours", command: [join(bin, "bench-server")] },
  "ours-2": { label: "ours, 2 loops", command: [join(bin, "bench-server"), "--threads", "2"] },
  bun: { label: "Bun", command: [bun, join(bench, "reference/bun.mjs")] },
  node: { label: "Node.js", command: ["node", join(bench, "reference/node.mjs")] },
};

/// Whether the generator was built.
export const hasGenerator = () => existsSync(join(bin, "bench-load"));

/// What keeps a server from being measured here; nothing, if it can be.
export function missing(name) {
  const { command } = servers[name];
  if (command[0] !== "node" && !existsSync(command[0])) return `${command[0]} is not there`;
  if (command[1]?.endsWith(".mjs") && !existsSync(join(bench, "node_modules/socket.io"))) return "npm ci was not run in bench/";
  return undefined;
}

export const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

const running = new Set();
let folder;
export function cleanUp() {
  for (const child of running) child.kill("SIGKILL");
  if (folder) rmSync(folder, { recursive: true, force: true });
}

/// Flags for a server that is to serve TLS, with a certificate of its own.
export function tlsFlags() {
  const file = (name) => join(folder, name);
  if (!folder) {
    folder = mkdtempSync(join(tmpdir(), "socketio-bench-"));
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file("key.pem")];
    execFileSync("openssl", ["req", "-x509", ...key, "-out", file("cert.pem"), "-days", "2", "-subj", "/CN=localhost"], { stdio: "ignore" });
  }
  return ["--tls-cert", file("cert.pem"), "--tls-key", file("key.pem")];
}

// On a machine with two processors the server has one for itself, and the generator the other.
function start(cpu, command, stdio) {
  const pinned = cpu !== undefined && cpus().length > 1 ? ["taskset", "-c", String(cpu), ...command] : command;
  const child = spawn(pinned[0], pinned.slice(1), { stdio });
  child.ended = new Promise((resolve) => child.once("exit", resolve));
  running.add(child);
  child.ended.then(() => running.delete(child));
  return child;
}

export async function stop(child) {
  child.kill("SIGKILL");
  await child.ended;
}

/// A server on a free port, as a process with a `port`.
export function startServer(name, flags, pinned = true) {
  const command = [...servers[name].command, "--port", "0", ...flags];
  const child = start(pinned ? 0 : undefined, command, ["ignore", "pipe", "inherit"]);
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += data;
      child.port = /listening on (\d+)/.exec(text)?.[1];
      if (child.port) resolve(child);
    });
    child.once("error", reject);
    child.ended.then((code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/// The generator at work. It says "begin" and "end" and waits for a line each time: `begun` and `ended` are called then.
/// The result is what it reports.
export function generate(port, flags, { begun = () => {}, ended = () => {}, pinned = true, nice = false, limit = 120 } = {}) {
  const command = [...(nice ? ["nice", "-n", "19"] : []), join(bin, "bench-load"), ...flags.map(String), "--port", port];
  const child = start(pinned ? 1 : undefined, command, ["pipe", "pipe", "pipe"]);
  const timer = setTimeout(() => child.kill("SIGKILL"), limit * 1000);
  let output = "";
  let errors = "";
  child.stdout.on("data", async (data) => {
    for (const line of String(data).split("\n")) {
      if (line === "begin") await begun();
      if (line === "end") await ended();
      if (line === "begin" || line === "end") child.stdin.write("\n");
      else output += line;
    }
  });
  child.stderr.on("data", (data) => (errors += data));
  child.stdin.on("error", () => {});
  child.result = child.ended.then((code) => {
    clearTimeout(timer);
    if (code !== 0) throw new Error(errors.trim() || `bench-load ended with ${code ?? "a signal"}`);
    return JSON.parse(output);
  });
  child.result.catch(() => {});
  return child;
}

/// CPU seconds of all threads, user and system. The scheduler's own account is exact; /proc/PID/stat counts in ticks of 10 ms.
export function cpuSeconds(pid) {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const nanoseconds = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]));
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9;
}

/// Bytes: resident, and what would be free if the process were gone.
export function memory(pid) {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const of = (field) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)[1]) * 1024;
  return { rss: of("Rss"), pss: of("Pss"), own: of("Private_Clean") + of("Private_Dirty") };
}
