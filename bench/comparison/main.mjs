// bench/compare: measures the groups of works.mjs, prints a table of each, and writes all of it to a file. README.md says more.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { picture } from "./picture.mjs";
import { bench, cleanUp, hasGenerator, missing, servers } from "./processes.mjs";
import { details, summary } from "./report.mjs";
import { groups } from "./works.mjs";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(groups).join() },
    rows: { type: "string", default: "" },
    servers: { type: "string", default: Object.keys(servers).join() },
    rounds: { type: "string" },
    seconds: { type: "string" },
    quick: { type: "boolean", default: false },
    out: { type: "string", default: join(bench, "results") },
    help: { type: "boolean", default: false },
  },
});
if (flags.help) {
  console.log("bench/compare [--only GROUP,…] [--rows TEXT] [--servers NAME,…] [--rounds 3] [--seconds 1] [--quick] [--out FOLDER]");
  console.log(`groups: ${Object.keys(groups).join(" ")}\nservers: ${Object.keys(servers).join(" ")}`);
  process.exit();
}
const setting = flags.quick
  ? { rounds: 1, seconds: 0.3, warmUp: 0.2, idleClients: 500, crowd: 1000, settle: 1 }
  : { rounds: 3, seconds: 1, warmUp: 0.5, idleClients: 8000, crowd: 10000, settle: 2 };
if (flags.rounds) setting.rounds = Number(flags.rounds);
if (flags.seconds) setting.seconds = Number(flags.seconds);

if (!hasGenerator()) throw new Error("bench-load is not there: README.md says how to build it");
const chosen = flags.servers.split(",").filter((name) => {
  if (!servers[name]) throw new Error(`there is no server called ${name}`);
  const why = missing(name);
  if (why) console.error(`${name} is left out: ${why}`);
  return !why;
});

const progress = (text) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

// A work with those that stand beside it: they are measured in the same rounds, so that what else the machine does falls on all.
const mainOf = (work) => work.beside ?? work.name;
const together = (works) => [...new Set(works.map(mainOf))].map((main) => works.filter((work) => mainOf(work) === main));

// All rounds of some works, the servers in turn. What fails is noted and not tried again.
async function measure(group, works) {
  const rows = works.flatMap((work) =>
    (work.servers ?? group.servers).filter((name) => chosen.includes(name)).map((server) => ({ work, server, runs: [] })),
  );
  for (let round = 0; round < setting.rounds; ++round) {
    for (const row of rows) {
      if (row.error || round >= (group.rounds?.[row.server] ?? setting.rounds)) continue;
      progress(`${row.work.name}: ${row.server}, round ${round + 1}`);
      try {
        row.runs.push(await group.measure(row.work, row.server, setting));
      } catch (error) {
        row.error = error.message;
        progress("");
        console.error(`${row.work.name}: ${row.server} failed: ${error.message}`);
      }
    }
  }
  progress("");
  return rows.map((row) => ({ ...row, work: row.work.name }));
}

const git = (...args) => execFileSync("git", ["-C", bench, ...args], { encoding: "utf8" }).trim();
const began = new Date();
const result = {
  date: began.toISOString(),
  commit: git("rev-parse", "--short=10", "HEAD"),
  modified: git("status", "--porcelain", "--untracked-files=no") !== "",
  machine: `${cpus().length} × ${cpus()[0].model}, Linux ${/^\d+\.\d+/.exec(release())}`,
  versions: { node: process.versions.node },
  setting,
  groups: {},
};

process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

for (const name of flags.only.split(",")) {
  const group = groups[name];
  if (!group) throw new Error(`there is no group called ${name}`);
  const works = group.works.filter((work) => work.name.includes(flags.rows));
  result.groups[name] = [];
  for (const some of together(works)) result.groups[name].push(...(await measure(group, some)));
  console.log(`\n${details(name, result)}`);
}
result.minutes = (Date.now() - began) / 60_000;

mkdirSync(flags.out, { recursive: true });
const base = resolve(flags.out, `${result.date.slice(0, 10)}-${result.commit}${result.modified ? "-modified" : ""}`);
writeFileSync(`${base}.json`, `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(`${base}.md`, [summary(result), ...Object.keys(result.groups).map((name) => details(name, result))].join("\n\n") + "\n");
if (result.groups.messages) writeFileSync(`${base}.svg`, picture(result));
console.log(`\nwritten: ${base}.{json,md,svg}, after ${result.minutes.toFixed(1)} minutes`);
const failures = Object.values(result.groups).flat().filter((row) => row.error);
if (failures.length > 0) {
  console.log(`${failures.length} rows failed`);
  process.exitCode = 1;
}
