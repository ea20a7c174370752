import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Server } from "socket.io";
import { engineOptions, flags, serve } from "./app.mjs";

const tls = flags["tls-cert"];
const http = tls ? createTlsServer({ cert: readFileSync(tls), key: readFileSync(flags["tls-key"]) }) : createServer();
serve(new Server(http, { serveClient: false, ...engineOptions }));
http.listen({ port: Number(flags.port), host: flags.host, backlog: 4096 }, () => console.log(`listening on ${http.address().port}`));
