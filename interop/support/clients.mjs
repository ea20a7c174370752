// Official clients, as the scenarios use them: one connection each, closed when its test ends.
import { io } from "socket.io-client";

import { deferred, within } from "./waiting.mjs";

export const transportSets = [
  ["polling only", { transports: ["polling"] }],
  ["websocket only", { transports: ["websocket"] }],
  ["polling, then upgrade", {}],
];

/** A client that is closed when the test ends. It shares its connection with no other unless `options.manager` says so. */
export function open(t, url, { manager, ...options } = {}) {
  const socket = manager
    ? manager.socket(url, options)
    : io(url, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0, ...options });
  t.after(() => {
    socket.disconnect();
    socket.io._close();
  });
  return socket;
}

/** Resolves with the socket once it is connected; rejects with the server's refusal. */
export async function whenConnected(socket) {
  if (socket.connected) return socket;
  const { promise, resolve, reject } = deferred();
  socket.once("connect", resolve);
  socket.once("connect_error", reject);
  try {
    await within(promise, "a connection");
  } finally {
    socket.off("connect", resolve).off("connect_error", reject);
  }
  return socket;
}

/** A connected client. */
export function connect(t, url, options) {
  return whenConnected(open(t, url, options));
}

/** Resolves with the refusal that the server sends. */
export async function whenRefused(socket) {
  const { promise, resolve, reject } = deferred();
  socket.once("connect_error", resolve);
  socket.once("connect", () => reject(new Error("connected, although a refusal was expected")));
  return within(promise, "a refusal");
}

/** Emits and resolves with the acknowledgement's arguments. */
export function ask(socket, event, ...args) {
  const { promise, resolve } = deferred();
  socket.emit(event, ...args, (...answer) => resolve(answer));
  return within(promise, `the acknowledgement of "${event}"`);
}

/**
 * Resolves when the server has handled all that the clients sent before, and the clients have received all that it sent
 * them by then. It makes "nothing came" checkable without a sleep: whatever was on its way has arrived.
 */
export async function settle(...sockets) {
  for (const socket of sockets) await ask(socket, "echo");
  for (const socket of sockets) await ask(socket, "echo");
}

/** Resolves with the name of the transport in use once the client has upgraded. */
export async function whenUpgraded(socket) {
  const engine = socket.io.engine;
  if (engine.transport.name === "websocket") return "websocket";
  const { promise, resolve } = deferred();
  engine.once("upgrade", resolve);
  return (await within(promise, "the upgrade")).name;
}
