// Bun with its own engine for Socket.IO: run with `bun`, not with node.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { engineOptions, flags, serve } from "./app.mjs";

const io = new Server();
const engine = new Engine(engineOptions);
io.bind(engine);
serve(io);
const tls = flags["tls-cert"] && { cert: Bun.file(flags["tls-cert"]), key: Bun.file(flags["tls-key"]) };
const server = Bun.serve({ ...engine.handler(), port: Number(flags.port), hostname: flags.host, idleTimeout: 60, tls });
console.log(`listening on ${server.port}`);
