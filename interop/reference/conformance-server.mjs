// The reference's side of `conformance-server <profile> [--host H] [--port N]`: the small servers that official
// clients' tests talk to, built on the published socket.io and engine.io. Prints `listening on PORT` when ready.
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { attach as client } from "./profiles/client.mjs";
import { attach as engineClient } from "./profiles/engine-client.mjs";
import { attach as engineio } from "./profiles/engineio.mjs";
import { attach as interop } from "./profiles/interop.mjs";
import { attach as socketio } from "./profiles/socketio.mjs";

const profiles = { client, engineio, "engine-client": engineClient, interop, socketio };

function usage(problem) {
  const names = Object.keys(profiles).join("|");
  console.error(`conformance-server: ${problem}; usage: conformance-server ${names} [--host H] [--port N]`);
  process.exit(2);
}

function parseCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "0" },
      },
    });
    if (positionals.length !== 1) usage("exactly one profile is needed");
    return { profile: positionals[0], host: values.host, port: Number(values.port) };
  } catch (error) {
    return usage(error.message);
  }
}

const { profile, host, port } = parseCommandLine();
const attach = Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
if (!attach) usage(`unknown profile "${profile}"`);

const httpServer = createServer((_request, response) => response.writeHead(404).end());
const server = attach(httpServer);
httpServer.on("error", (error) => {
  console.error(`conformance-server: ${error.message}`);
  process.exit(1);
});
httpServer.listen(port, host, () => console.log(`listening on ${httpServer.address().port}`));

process.once("SIGTERM", () => {
  server.close();
  httpServer.close(() => process.exit(0));
  setInterval(() => httpServer.closeIdleConnections(), 20); // Node 18 waits for them, later ones don't
});
