// Writes the golden vectors of the Engine.IO layer, from what Node and the reference's packages do: base64_decode.txt,
// utf8_replacement.txt, query.txt, engineio_packets.txt, engineio_payloads.txt, cors.txt, admission.txt.
//   cd interop && npm ci && cd .. && node tests/vectors/make_engineio_vectors.mjs

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(new URL("../../interop/package.json", import.meta.url));
const { decodePacket } = require("engine.io-parser");
const { Server } = require("engine.io");
const cors = require("cors");

const escapeByte = (byte) => {
  if (byte === 0x5c) return "\\\\";
  const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x23;
  return plain ? String.fromCharCode(byte) : "\\x" + byte.toString(16).padStart(2, "0");
};
const escapeAll = (value) => [...Buffer.from(value)].map(escapeByte).join("");

function write(name, comments, rows) {
  const header = [...comments, "Columns are separated by tabs; \\xNN is a byte, \\\\ a backslash."];
  const lines = [...header.map((line) => "# " + line), ...rows.map((row) => row.map(escapeAll).join("\t"))];
  writeFileSync(new URL(name, import.meta.url), lines.join("\n") + "\n");
}

function base64() {
  const texts = [
    "", "A", "AB", "ABC", "ABCD", "AB=", "AB==", "AQ==", "AQ=", "AQI=", "AQIDBA==", "AQIDBA", "AB-_", "AB+/", "-_-_",
    "+/+/", "A B\nC D", "AQ\r\nID", "!!!!", "====", "=", "=AQID", "AQ=ID", "AQID=BAUG", "YQ==YQ==", "AQI=D", "AQIDB",
    "A!Q!I!D!B", "AQID BAUG=x", "AQIDBAUGBwgJCgsMDQ4P*EBESE", "AQIDBA==AAAA", "QQ=!=", "QUI!=", "QUJD\x1e", "a\0b", "é",
    "éAQID", "AQéID", "AQID".repeat(12) + "=QIDAQID", "~" + "AQID".repeat(10) + "~", "AAAA*AAAA*AAA*AA",
  ];
  for (let size = 0; size < 40; ++size) {
    const bytes = Array.from({ length: size }, (_, i) => (i * 37 + size * 11) & 255);
    texts.push(Buffer.from(bytes).toString("base64"));
  }
  write("base64_decode.txt", ['Base64 text, and the bytes that Node 20 makes of it: Buffer.from(text, "base64").'],
    texts.map((text) => [text, Buffer.from(text, "base64")]));
}

function utf8() {
  const inputs = `- 61 c3a9 e282ac f09f9880 ff fffe 80 c0 c080 c1bf c2 c261 e0 e080 e08080 e0a0 e0a080 e0a061 e282 e28261 ed9fbf
    eda080 edbfbf ee8080 efbbbf efbbbf61 f0 f08080 f0808080 f09f f09f98 f09f9861 f0908080 f48fbfbf f4908080 f5808080
    fc8080808080 61ff62 61f09f98c3a9 e2828261 808080 f09f98f09f98 c3c3a9 61626364656667ff 6162636465666768ff
    616263646566676869c3 eda0bdedb880 efbfbd efbfbf c280 dfbf 7f 00 f18080 f1808061 f3bfbfbf`;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  write("utf8_replacement.txt",
    ["Bytes, and what the WHATWG decoder of Node 20 makes of them: TextDecoder with ignoreBOM."],
    inputs.split(/\s+/).map((hex) => Buffer.from(hex.replace("-", ""), "hex")).map((bytes) => [bytes, decoder.decode(bytes)]));
}

function query() {
  const queries = [
    "", "&", "&&&", "=", "a", "a=", "=a", "a=b", "a=b&c=d", "a=b&&c=d&", "a=b=c", "a==b", "a+b=c+d", "a%20b=%63", "%zz=%",
    "%4=%4g&x=%", "a=%2", "a=1&a=2", "a=1&b=2&a=3", "a=1&a", "__proto__=1&constructor=2", "EIO=4&transport=polling&t=abc",
    "EIO=4&EIO=3", "page=%2Farticles%2F42", "x=%ff", "x=%e2%82", "x=%e2%82%ac", "x=%f0%9f%98%80&y=%ed%a0%80", "x=a%00b",
    "a;b=c", "a=b?c", "%61=1&a=2", "x=%EF%BB%BFy", "sid=", "SID=x&sid=y", "a=b;c=d", "x=%2B+%2b", "🍪=x", "k=%F0%9F%98&l=1",
  ];
  write("query.txt",
    ["A query, then its keys and values in turn, as URLSearchParams of Node 20 reads it; the last value of a key counts."],
    queries.map((text) => [text, ...[...new Map(new URLSearchParams(text))].flat()]));
}

function packets() {
  const texts = ["", "0", "1", "2", "3", "4", "5", "6", "7", "9", "x", "B", "2probe", "3probe", "4hello", "4", '42["a",1]',
    "4é", "4\0", "40", "b", "bAQIDBA==", "bAQIDBA", "bAB-_", "6x", '0{"sid":"x"}', " 4", "-1", "4b", "b=", "１"];
  const digits = { open: "0", close: "1", ping: "2", pong: "3", message: "4", upgrade: "5", noop: "6" };
  write("engineio_packets.txt",
    ['The text of an Engine.IO packet of revision 4; its type, kind and data, or "error", as engine.io-parser 5.2 decodes it.',
      '"b=" is ours: base64 that decodes to nothing is no packet.'],
    texts.map((text) => {
      const { type, data = "" } = decodePacket(text);
      if (type === "error" || text === "b=") return [text, "error"];
      return [text, digits[type], Buffer.isBuffer(data) ? "binary" : "text", data];
    }));

  const payloads = ["", "4a", "4a\x1e4b", "4a\x1e", "\x1e", "\x1e4a", "2\x1e4hello\x1ebAQIDBA==\x1e3", "4a\x1e\x1e4b", "1",
    "4a\x1e1\x1e4b", "\x1e\x1e\x1e"];
  write("engineio_payloads.txt",
    ['A long-polling payload of revision 4, then the texts of its packets (JavaScript: payload.split("\\x1e")).'],
    payloads.map((payload) => [payload, ...payload.split("\x1e")]));
}

function corsHeaders(options, method, origin, requested) {
  const headers = {};
  if (origin) headers.origin = origin;
  if (requested) headers["access-control-request-headers"] = requested;
  const set = new Map();
  const response = { getHeader: (name) => set.get(name), setHeader: (name, value) => set.set(name, value), end() {} };
  cors(options)({ method, headers }, response, () => {});
  set.delete("Content-Length");
  return [...set].map(([name, value]) => `${name}: ${value}`);
}

function corsRows(origins, reflect, extra) {
  const any = origins[0] === "*";
  if (any && extra.credentials) return [];
  const literal = origins.length === 1 && !reflect;
  const origin = literal ? origins[0] : any ? true : origins;
  const rules = [origins.join(" "), reflect ? "reflect" : "-", extra.credentials ? "credentials" : "-", extra.methods ?? "-",
    extra.allowedHeaders ?? "-", extra.exposedHeaders ?? "-", String(extra.maxAge ?? "-")];
  const rows = [];
  for (const method of ["GET", "OPTIONS"]) {
    for (const from of ["https://a.example", "https://evil.example", null]) {
      for (const requested of method === "GET" ? [null] : [null, "x-one, x-two"]) {
        const headers = corsHeaders({ origin, ...extra }, method, from, requested);
        rows.push([...rules, method, from ?? "-", requested ?? "-", ...headers]);
      }
    }
  }
  return rows;
}

function corsVectors() {
  const lists = [[["*"], false], [["https://a.example"], false], [["https://a.example"], true],
    [["https://a.example", "http://b.example:8080"], false], [["*"], true], [[], true]];
  const extras = [{}, { credentials: true, exposedHeaders: "X-A,X-B" },
    { allowedHeaders: "X-My", maxAge: 60, methods: "GET,POST" }];
  write("cors.txt",
    ["Rules (origins, reflect, credentials, methods, allowed and exposed headers, max age), a request (method, Origin,",
      'Access-Control-Request-Headers), then the response header fields that cors 2.8 sets. "-" is a default or absent.',
      "reflect with * is origin: true in JavaScript, with a list an array."],
    lists.flatMap(([origins, reflect]) => extras.flatMap((extra) => corsRows(origins, reflect, extra))));
}

// What engine.io's verify says, and then its handshake about the revision.
function outcome(transports, method, upgrade, text, found) {
  const server = new Server({ transports });
  if (found !== "-") server.clients = { live: { transport: { name: found }, protocol: 4 } };
  const parameters = Object.create(null);
  for (const [key, value] of new URLSearchParams(text)) parameters[key] = value;
  let result;
  server.verify({ method, headers: {}, _query: parameters }, upgrade, (code, context) => {
    if (code !== undefined) result = context.name ? `${code} ${context.name}` : `${code}`;
    else if (parameters.sid) result = "session";
    else result = parameters.EIO === "4" ? "handshake" : "5";
  });
  return result;
}

const product = (...lists) => lists.reduce((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);

function admission() {
  const rows = [];
  for (const [names, method, upgrade, transport, revision, sid, found] of product(
    ["polling websocket", "polling", "websocket"], ["GET", "POST", "OPTIONS", "HEAD"], [false, true],
    [null, "polling", "websocket", "webtransport", "bogus", "__proto__"], [null, "4", "3", "5", "4&EIO=3", "04"],
    [null, "", "live", "dead", "__proto__"], ["-", "polling", "websocket"])) {
    if (upgrade && !names.includes("websocket")) continue;
    if ((sid === "live") !== (found !== "-")) continue;
    // The odd values once are enough.
    const odd = revision === "5" || revision === "04" || transport === "__proto__" || sid === "__proto__";
    if (method !== "GET" && odd) continue;
    if (names !== "polling websocket" && (revision !== "4" || sid === "dead")) continue;
    const text = [["EIO", revision], ["transport", transport], ["sid", sid]]
      .filter(([, value]) => value !== null).map(([key, value]) => `${key}=${value}`).join("&");
    rows.push([names, method, upgrade ? "upgrade" : "-", text, found, outcome(names.split(" "), method, upgrade, text, found)]);
  }
  write("admission.txt",
    ['Transports of the server, a request (method, upgrade or not, query), the transport of the session "live" if there is one,',
      'then the outcome in engine.io 6.6: "session", "handshake", or the error code with the name of its context.'], rows);
}

base64();
utf8();
query();
packets();
corsVectors();
admission();
