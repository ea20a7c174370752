// The protocols by hand: long-polling with fetch, WebSocket with ws. What the official clients would never send.
import { setTimeout as pause } from "node:timers/promises";
import WebSocket from "ws";

import { deferred, patience, within } from "./waiting.mjs";

export const separator = "\x1e";

/** One HTTP exchange as {status, body, headers}. */
export async function request(url, options = {}) {
  const response = await fetch(url, { signal: AbortSignal.timeout(patience), ...options });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** A long-polling session driven packet by packet. */
export class PollingSession {
  /** Handshakes; the open packet's fields are in `opened`. `path` is the server's, with its slash at the end. */
  static async open(origin, path, query = "EIO=4") {
    const session = new PollingSession();
    const { status, body } = await request(`${origin}${path}?${query}&transport=polling`);
    if (status !== 200 || !body.startsWith("0")) throw new Error(`no handshake: ${status} ${body}`);
    session.opened = JSON.parse(body.slice(1));
    session.sid = session.opened.sid;
    session.url = `${origin}${path}?${query}&transport=polling&sid=${session.sid}`;
    session.webSocketUrl = `${origin.replace("http", "ws")}${path}?${query}&transport=websocket&sid=${session.sid}`;
    return session;
  }

  /** The next payload's packets; pings are answered and left out, unless `pings` is true. */
  async receive({ pings = false } = {}) {
    for (;;) {
      const { status, body } = await this.get();
      if (status !== 200) throw new Error(`GET answered ${status} ${body}`);
      const packets = body.split(separator);
      if (pings) return packets;
      if (packets.includes("2")) await this.post("3");
      const others = packets.filter((packet) => packet !== "2");
      if (others.length > 0) return others;
    }
  }

  get(options) {
    return request(this.url, options);
  }

  /**
   * A GET that the server has parked, as {answer}; pings are answered and left out. It travels on a connection of its own, so
   * that no event tells when it has arrived: round trips on the session's other connection give it the time.
   */
  async park(options) {
    const answer = this.#getPastPings(options);
    answer.catch(() => {}); // it may be aborted before anybody waits for it
    for (let i = 0; i < 3; ++i) await this.post("6");
    return { answer };
  }

  async #getPastPings(options) {
    for (;;) {
      const answer = await this.get(options);
      if (answer.body !== "2") return answer;
      await this.post("3");
    }
  }

  post(body, options) {
    return request(this.url, { method: "POST", body, ...options });
  }
}

/** Whether the server knows the session: asked by a request that it refuses either way, so that nothing else changes. */
export async function isAlive(origin, path, sid, transport) {
  const other = transport === "polling" ? "websocket" : "polling";
  const { body } = await request(`${origin}${path}?EIO=4&transport=${other}&sid=${sid}`);
  return JSON.parse(body).code !== 1;
}

/** Resolves when the server no longer knows the session. */
export async function gone(origin, path, sid, transport = "polling") {
  const deadline = Date.now() + patience;
  while (await isAlive(origin, path, sid, transport)) {
    if (Date.now() > deadline) throw new Error("the session is still there");
    await pause(10);
  }
}

/** A WebSocket whose messages wait in a queue: strings for text, Buffers for binary. */
export class RawWebSocket {
  #messages = [];
  #waiting = [];
  #closed = deferred();

  constructor(url, options) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), options);
    this.socket.on("message", (data, isBinary) => this.#take(isBinary ? data : data.toString()));
    this.socket.on("close", (code, reason) => this.#closed.resolve({ code, reason: reason.toString() }));
    this.socket.on("error", () => {});
  }

  /** Handshakes at Engine.IO level: resolves once the open packet came, kept in `opened`. */
  static async open(origin, path, query = "EIO=4") {
    const raw = new RawWebSocket(`${origin}${path}?${query}&transport=websocket`);
    const packet = await raw.next({ pings: true });
    if (!packet.startsWith("0")) throw new Error(`no open packet: ${packet}`);
    raw.opened = JSON.parse(packet.slice(1));
    return raw;
  }

  send(data) {
    this.socket.send(data);
  }

  /** The next message; pings are answered and left out, unless `pings` is true. */
  async next({ pings = false } = {}) {
    for (;;) {
      const message = this.#messages.shift() ?? (await this.#arrival());
      if (pings || message !== "2") return message;
      this.send("3");
    }
  }

  /** Resolves with {code, reason} when the connection has ended, also if it never opened. */
  closed() {
    return within(this.#closed.promise, "the WebSocket's end");
  }

  /** Resolves when the server accepted the WebSocket handshake. */
  accepted() {
    const { promise, resolve, reject } = deferred();
    this.socket.once("open", resolve).once("error", reject);
    return within(promise, "the WebSocket handshake");
  }

  #arrival() {
    const waiter = deferred();
    this.#waiting.push(waiter);
    const ended = this.#closed.promise.then(({ code }) => {
      throw new Error(`the WebSocket closed with ${code} instead of a message`);
    });
    return within(Promise.race([waiter.promise, ended]), "a WebSocket message");
  }

  #take(message) {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.resolve(message);
    else this.#messages.push(message);
  }
}
