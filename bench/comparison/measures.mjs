// How one figure comes about: each function measures one work on one server once, and returns figures by name.
import { cpuSeconds, generate, memory, startServer, stop, tlsFlags, wait } from "./processes.mjs";

const serverFlags = (work) => [...(work.server ?? []), ...(work.tls ? tlsFlags() : [])];
const loadFlags = (work, more) => [...work.load, ...(work.tls ? ["--tls"] : []), ...more];

async function withServer(name, flags, pinned, use) {
  const server = await startServer(name, flags, pinned);
  try {
    return await use(server);
  } finally {
    await stop(server);
  }
}

async function loaded(server, flags, pinned) {
  let cpu = 0;
  const result = await generate(server.port, flags, {
    pinned,
    begun: () => (cpu = cpuSeconds(server.pid)),
    ended: () => (cpu = cpuSeconds(server.pid) - cpu),
  }).result;
  if (result.messages === 0) throw new Error("no messages");
  if (flags.includes("--resume") && result.resumed < 0.95 * result.messages) throw new Error("TLS sessions are not resumed");
  return {
    cpu_us: (cpu / result.messages) * 1e6,
    generator_us: (result.generator_cpu_s / result.messages) * 1e6,
    rate: result.messages / result.seconds,
    p50_us: result.p50_us,
    p99_us: result.p99_us,
    max_us: result.max_us,
    rss_mb: memory(server.pid).rss / 1e6,
  };
}

/// CPU per message, rate and latency, as fast as answers come.
export function atFullLoad(work, server, setting) {
  const flags = loadFlags(work, ["--seconds", work.seconds ?? setting.seconds, "--warm-up", setting.warmUp]);
  return withServer(server, serverFlags(work), true, (child) => loaded(child, flags, true));
}

/// The same at half of the rate that one loop reaches, on processors that server and generator share.
export async function atHalfLoad(work, server, setting) {
  const flags = loadFlags(work, ["--seconds", setting.seconds, "--warm-up", setting.warmUp]);
  const free = (name, more) => withServer(name, serverFlags(work), false, (child) => loaded(child, [...flags, ...more], false));
  work.fullRate ??= (await free("ours", [])).rate;
  const figures = await free(server, ["--rate", Math.max(1, Math.round(work.fullRate / 2))]);
  return { ...figures, both_us: figures.cpu_us + figures.generator_us };
}

/// Memory per idle client, and what stays when they have left. Before that a hundred came and went, so what stays is not the
/// code that was touched for the first time.
export function ofIdleClients(work, server, setting) {
  return withServer(server, serverFlags(work), true, async (child) => {
    const idle = async (count, settle, ended) => {
      const flags = ["idle", "--connections", count, "--warm-up", "0.5", "--seconds", "0"];
      await generate(child.port, loadFlags(work, flags), { ended, limit: 240 }).result;
      await wait(settle);
      return memory(child.pid);
    };
    const start = memory(child.pid);
    const used = await idle(100, 0.5);
    let full;
    const after = await idle(setting.idleClients, setting.settle, () => (full = memory(child.pid)));
    const each = (field) => (full[field] - start[field]) / setting.idleClients / 1000;
    const figures = { rss_kb: each("rss"), pss_kb: each("pss"), own_kb: each("own") };
    for (const [name, reading] of Object.entries({ start, used, full, after })) figures[`${name}_mb`] = reading.rss / 1e6;
    return figures;
  });
}

/// The longest that the echo of a probe takes while thousands of idle clients go. `work.kick`: the server disconnects them,
/// else their process dies.
export function longestStall(work, server, setting) {
  return withServer(server, serverFlags(work), true, async (child) => {
    let there;
    const arrived = new Promise((resolve) => (there = resolve));
    const crowd = generate(child.port, ["idle", "--connections", setting.crowd, "--warm-up", "0.5", "--seconds", "100"], { begun: there, nice: true });
    await Promise.race([arrived, crowd.result]);
    try {
      const probe = ["--connections", "1", "--seconds", "3", "--warm-up", "0"];
      const kill = () => setTimeout(() => crowd.kill("SIGKILL"), 500);
      const result = await generate(child.port, [work.kick ? "kick" : "echo", ...probe], { begun: work.kick ? () => {} : kill }).result;
      return { p50_us: result.p50_us, p99_us: result.p99_us, stall_ms: result.max_us / 1000 };
    } finally {
      await stop(crowd);
    }
  });
}
