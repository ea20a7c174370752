import { createServer } from "node:http";
import { Server } from "socket.io";
import { option, serve } from "./app.mjs";

const http = createServer();
serve(new Server(http, { serveClient: false }));
http.listen(Number(option("--port", 0)), option("--host", "127.0.0.1"), () => console.log(`listening on ${http.address().port}`));
