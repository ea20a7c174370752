// Bun with its own engine for Socket.IO: run with `bun`, not with node.
import { Server as Engine } from "@socket.io/bun-engine";
import { Server } from "socket.io";
import { option, serve } from "./app.mjs";

const io = new Server();
const engine = new Engine();
io.bind(engine);
serve(io);
const server = Bun.serve({ port: Number(option("--port", 0)), hostname: option("--host", "127.0.0.1"), idleTimeout: 60, ...engine.handler(), });
console.log(`listening on ${server.port}`);
