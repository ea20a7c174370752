// What is measured. A row of a table is one entry of `works`: `load` are bench-load's flags, `server` further flags of the
// servers, `tls` serves and connects with TLS, `servers` are those that can do it, if not all of the group can.
import { atFullLoad, atHalfLoad, longestStall, ofIdleClients } from "./measures.mjs";

const broadcast = ["broadcast", "--payload", 100];
const binary = ["binary", "--payload", 2 ** 20, "--connections", 4];
const js = ["ours", "bun", "node"];

function atThousandsASecond(thousands) {
  const beside = `echo, 100 connections, ${thousands},000 a second`;
  const load = ["echo", "--rate", thousands * 1000];
  return [
    { name: beside, load },
    { name: `echo, 10,000 connections, ${thousands},000 a second`, beside, load: [...load, "--connections", 10000] },
  ];
}

export const groups = {
  messages: {
    title: "Messages",
    servers: ["floor", ...js],
    measure: atFullLoad,
    columns: "cpu",
    works: [
      { name: "echo, 1 in flight, 32 B", load: ["echo"] },
      { name: "echo, 1 in flight, 1 KiB", load: ["echo", "--payload", 1024] },
      { name: "echo, 16 in flight, 32 B", load: ["echo", "--in-flight", 16] },
      { name: "echo, 16 in flight, 1 KiB", load: ["echo", "--in-flight", 16, "--payload", 1024] },
      { name: "acknowledgement", load: ["ack"] },
      { name: "broadcast to 1,000, a delivery", load: [...broadcast, "--connections", 1000] },
      { name: "broadcast, 4 rounds in flight", load: [...broadcast, "--connections", 1000, "--in-flight", 4] },
      { name: "connect, join, close", load: ["connect", "--connections", 16] },
      { name: "long-polling round trip", load: ["poll"] },
      { name: "connect by polling, upgrade, close", load: ["upgrade", "--connections", 64], aside: true },
    ],
  },
  memory: {
    title: "Memory of idle clients",
    servers: js,
    measure: ofIdleClients,
    columns: "memory",
    rounds: { floor: 1, bun: 1, node: 1 }, // more rounds tell nothing more of these, and take long
    works: [
      { name: "idle, WebSocket", load: [], servers: ["floor", ...js] },
      { name: "idle, after an upgrade", load: ["--transport", "upgrade"] },
      { name: "idle, TLS", load: [], tls: true },
    ],
  },
  growth: {
    title: "Growth",
    servers: ["floor", "ours"],
    measure: atFullLoad,
    columns: "growth",
    works: [
      { name: "echo, 100 connections", load: ["echo"] },
      { name: "echo, 10,000 connections", beside: "echo, 100 connections", load: ["echo", "--connections", 10000] },
      ...[20, 60, 100].flatMap(atThousandsASecond),
      { name: "broadcast to 10 of 10", load: [...broadcast, "--connections", 10] },
      { name: "to one of 1,000 rooms of 10", beside: "broadcast to 10 of 10", load: ["room", "--payload", 100, "--connections", 10000, "--groups", 1000] },
      { name: "broadcast to 100 of 100", load: [...broadcast, "--connections", 100] },
      { name: "to one of 10 namespaces of 100", beside: "broadcast to 100 of 100", load: ["namespace", "--payload", 100, "--connections", 1000, "--groups", 10] },
      { name: "broadcast to 1,000 of 1,000", load: [...broadcast, "--connections", 1000] },
      { name: "except: 1,000 of 2,000", beside: "broadcast to 1,000 of 1,000", load: ["except", "--payload", 100, "--connections", 2000] },
      { name: "leave and join, 100 members", load: ["join"] },
      { name: "leave and join, 10,000 members", beside: "leave and join, 100 members", load: ["join", "--connections", 10000] },
      { name: "leave and join, 1,000 rooms of 10", beside: "leave and join, 100 members", load: ["join", "--connections", 10000, "--groups", 1000] },
      {
        name: "heartbeats of 10,000 idle clients, each",
        load: ["idle", "--connections", 10000],
        server: ["--ping-interval", "2000"],
        seconds: 5,
      },
    ],
  },
  stalls: {
    title: "10,000 clients go at once",
    servers: ["ours", "node"],
    measure: longestStall,
    rounds: { node: 1 },
    columns: "stall",
    works: [
      { name: "their process dies", servers: ["floor", "ours", "node"] },
      { name: "the server disconnects them", kick: true },
    ],
  },
  loops: {
    title: "Loops, at half of one loop's rate, sharing the processors",
    servers: ["ours", "ours-2"],
    measure: atHalfLoad,
    columns: "loops",
    works: [
      { name: "echo", load: ["echo"] },
      { name: "echo, 16 in flight", load: ["echo", "--in-flight", 16] },
      { name: "broadcast to 1,000", load: [...broadcast, "--connections", 1000] },
      { name: "connect, join, close", load: ["connect", "--connections", 16] },
      { name: "connect by polling, upgrade, close", load: ["upgrade", "--connections", 16] },
    ],
  },
  tls: {
    title: "TLS",
    servers: js,
    measure: atFullLoad,
    columns: "cpu",
    works: [
      { name: "echo, TLS", load: ["echo"], tls: true },
      { name: "echo, 16 in flight, TLS", load: ["echo", "--in-flight", 16], tls: true },
      { name: "broadcast to 1,000, TLS", load: [...broadcast, "--connections", 1000], tls: true },
      { name: "connect, TLS, new sessions", load: ["connect", "--connections", 16], tls: true },
      { name: "connect, TLS, resumed sessions", load: ["connect", "--connections", 16, "--resume"], tls: true },
    ],
  },
  binary: {
    title: "Binary",
    servers: ["floor", ...js],
    measure: atFullLoad,
    columns: "cpu",
    works: [
      { name: "echo of 1 MiB, binary", load: binary, server: ["--max-payload", "2000000"] },
      { name: "echo of 1 MiB, binary, TLS", load: binary, server: ["--max-payload", "2000000"], tls: true, servers: js },
    ],
  },
};
