// Writes socketio_packets.txt: what the reference's parser makes of messages.
//   cd interop && npm ci && cd .. && node tests/vectors/make_socketio_packets.mjs > tests/vectors/socketio_packets.txt
// Each line is a JSON object. {"feed": […], "packet"|"error": …}: text messages, and {"hex": …} for binary ones, with the outcome.

import { createRequire } from "node:module";
const require = createRequire(new URL("../../interop/package.json", import.meta.url));
const { Decoder } = require("socket.io-parser");

const names = ["connect", "disconnect", "event", "ack", "connect_error"];
const print = (line) => console.log(JSON.stringify(line));

// Binary data as its placeholder again, to have it in JSON.
function withPlaceholders(data, seen) {
  if (Buffer.isBuffer(data)) return { _placeholder: true, num: seen.indexOf(data) };
  if (Array.isArray(data)) return data.map((item) => withPlaceholders(item, seen));
  if (data && typeof data === "object")
    return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, withPlaceholders(item, seen)]));
  return data;
}

function feed(...messages) {
  const decoder = new Decoder();
  const buffers = [];
  let packet;
  decoder.on("decoded", (decoded) => (packet = decoded));
  try {
    for (const message of messages) {
      if (typeof message === "string") decoder.add(message);
      else {
        buffers.push(Buffer.from(message.hex, "hex"));
        decoder.add(buffers.at(-1));
      }
    }
  } catch (error) {
    return print({ feed: messages, error: error.message });
  }
  if (!packet) return print({ feed: messages, packet: "waiting" });
  const data = packet.data === undefined ? "" : JSON.stringify(withPlaceholders(packet.data, buffers));
  print({ feed: messages, packet: { type: names[packet.type], nsp: packet.nsp, id: packet.id ?? null, data, attachments: buffers.length } });
}

// The protocol document's examples.
feed('0'); feed('0{"token":"123"}'); feed('0/admin,{"token":"123"}'); feed('0/admin,');
feed('1'); feed('1/admin,'); feed('2["foo"]'); feed('2/admin,["bar"]'); feed('212["foo"]'); feed('3/admin,13["bar"]');
feed('4{"message":"Not authorized"}'); feed('4/nsp,{"message":"x","data":{"code":7}}'); feed('4"text"');
feed('51-["baz",{"_placeholder":true,"num":0}]', { hex: "01020304" });
feed('52-/admin,["baz",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]', { hex: "01" }, { hex: "02" });
feed('61-15["bar",{"_placeholder":true,"num":0}]', { hex: "01020304" });
// Namespaces and ids.
feed('0/a'); feed('1/custom'); feed('0/a?x=1,'); feed('2/a,7["e",1]'); feed('2007["e"]'); feed('012'); feed('07{"a":1}');
feed('2/é,["x"]'); feed('2/a/b,["x"]'); feed('29007199254740991["e"]'); feed('3/a,'); feed('2/,["x"]');
// Payloads.
feed('2'); feed('23'); feed('3'); feed('31'); feed('31[]'); feed('2[1,2]'); feed('2[""]'); feed('2["connection",1]');
feed('2["error"]'); feed('2["__proto__"]'); feed('2["a",[],{},[[]],{"b":{}}]'); feed('2["a" , 1 , [ 2 ] ] ');
feed('2["\\u0061\\n\\"\\ud83d\\ude00"]'); feed('2["a","\\ud83d","\\udc00 x"]'); feed('2["e",1e400,-1e400,1e-400,-0,1.50,1E3]');
feed('2["e",123456789012345680000,1e21,0.000001,1e-7,5e-324,1.7976931348623157e308]');
feed('2["e",{"a":1,"b":2,"a":3}]'); feed('2["e",{"_placeholder":true,"num":5}]'); feed('2["e","\\u2028\\/\\u0000\\u001f\\u007f"]');
feed('0{}'); feed('0[]'); feed('0"x"'); feed('0null'); feed('0,'); feed('1{}'); feed('1null'); feed('2{}'); feed('2[]'); feed('2[null]');
feed('2[{}]'); feed('2[true]'); feed('2null'); feed('3{}'); feed('3"x"'); feed('4'); feed('4[]'); feed('4null'); feed('4{');
for (const name of ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"]) feed(`2["${name}",1]`);
feed('2["conn\\u0065ct"]');
// Malformed.
feed('7'); feed('8[]'); feed('9'); feed('x'); feed('2["a"'); feed('2["a"]x'); feed('2["a",]'); feed('2["a\tb"]'); feed('2["a\u0000"]');
feed('2["\\x"]'); feed('2["\\u12"]'); feed("2['a']"); feed('2["a",01]'); feed('2["a",+1]'); feed('2["a",.5]'); feed('2["a",1.]');
feed('2["a",1e]'); feed('2["a",-]'); feed('2["a",NaN]'); feed('2["a",Infinity]'); feed('2["a",undefined]'); feed('2["a" "b"]');
feed('2["a":1]'); feed('2["a",{1:2}]'); feed('2["a",{"b"}]'); feed('2["a",{"b":1,}]'); feed('2["a",[1}]'); feed('2]'); feed('2["a",tru]');
feed('2[\ufeff"a"]'); feed('2-1["e"]'); feed('2["a",/*c*/1]'); feed('2["a",nulll]');
// Attachments.
feed('51'); feed('5-["e"]'); feed('50-["e"]'); feed('5-1-["e"]'); feed('511-["e"]'); feed('5999999999999-["e"]'); feed('51.5-["e"]');
feed('51x-["e"]'); feed('501-["e",{"_placeholder":true,"num":0}]', { hex: "" }); feed('510-["e"]'); feed('61'); feed('51["e"]');
feed('51-'); feed('51-', { hex: "01" }); feed('51-{}'); feed('51-["e"]', '2["e"]'); feed({ hex: "01" }); feed('2["e"]', { hex: "01" });
for (const num of ['5', '-1', '"x"', 'null', '{}', 'true', '2', '1e0', '0.0', '-0'])
  feed(`52-["e",{"_placeholder":true,"num":${num}}]`, { hex: "01" }, { hex: "02" });
feed('51-["e",{"_placeholder":true}]', { hex: "01" });
feed('51-["e",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]', { hex: "01" });
feed('51-["e",{"_placeholder":1,"num":9},{"num":9},{"_placeholder":"true","num":9}]', { hex: "01" });
feed('51-["e",{"a":{"b":[{"_placeholder":true,"num":0}]}}]', { hex: "01" });
feed('51-["e",{"\\u005fplaceholder":true,"n\\u0075m":0}]', { hex: "01" });
feed('51-["e",{"_placeholder":true,"_placeholder":false,"num":9}]', { hex: "01" });
