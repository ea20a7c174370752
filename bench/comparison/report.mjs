// The tables, in Markdown.
import { servers } from "./processes.mjs";
import { groups } from "./works.mjs";

const middle = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/// Median, least and most of a figure over the rounds; nothing for a row that failed.
export function spread(row, field) {
  const values = (row?.runs ?? []).map((run) => run[field]);
  if (values.length === 0) return undefined;
  return { median: middle(values), least: Math.min(...values), most: Math.max(...values) };
}

const digits = (value) => (value >= 100 ? 0 : value >= 10 ? 1 : 2);
const number = (value) => (value === undefined || !Number.isFinite(value) ? "" : value.toFixed(digits(Math.abs(value))));
const median = (row, field) => spread(row, field)?.median;
const cell = (row, field) => number(median(row, field));
const latencies = (row) => ["p50_us", "p99_us"].map((field) => (median(row, field) > 0 ? cell(row, field) : "")); // pings have none
function spreadCell(row, field) {
  const { median, least, most } = spread(row, field);
  if (row.runs.length === 1) return number(median);
  return `${number(median)} (${number(least)}–${number(most)})`;
}

// The middle of what the rounds themselves give: a round's measurements are neighbours in time, and saw the same machine.
function ratio(row, other, field) {
  const rounds = Math.min(row?.runs.length ?? 0, other?.runs.length ?? 0);
  const quotients = Array.from({ length: rounds }, (_, round) => row.runs[round][field] / other.runs[round][field]);
  return number(middle(quotients));
}

const rate = (row) => Math.round(median(row, "rate") ?? 0).toLocaleString("en-US");
const table = (head, rows) => [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");

// Each kind of table: its head after "work" and "server", and a row's cells. `find` gives the row of another server or work.
const kinds = {
  cpu: {
    head: ["CPU µs/message (least–most)", "÷ floor", "Node.js ÷ it", "messages/s", "p50 µs", "p99 µs", "RSS MB"],
    cells: (row, find) => [
      spreadCell(row, "cpu_us"), ratio(row, find({ server: "floor" }), "cpu_us"), ratio(find({ server: "node" }), row, "cpu_us"),
      rate(row), ...latencies(row), cell(row, "rss_mb"),
    ],
  },
  growth: {
    head: ["CPU µs/message (least–most)", "÷ floor", "÷ the row named", "messages/s", "p50 µs", "p99 µs"],
    cells: (row, find, work) => [
      spreadCell(row, "cpu_us"), ratio(row, find({ server: "floor" }), "cpu_us"),
      work.beside ? `${ratio(row, find({ work: work.beside }), "cpu_us")}: ${work.beside}` : "",
      rate(row), ...latencies(row),
    ],
  },
  memory: {
    head: ["RSS KB/client (least–most)", "PSS KB/client", "private KB/client", "RSS MB at the start", "after 100 left", "with all", "after all left", "÷ after 100"],
    cells: (row) => [
      spreadCell(row, "rss_kb"), cell(row, "pss_kb"), cell(row, "own_kb"), ...["start_mb", "used_mb", "full_mb", "after_mb"].map((field) => cell(row, field)),
      number(median(row, "after_mb") / median(row, "used_mb")),
    ],
  },
  stall: {
    head: ["longest echo of a probe, ms (least–most)", "p50 µs", "p99 µs"],
    cells: (row) => [spreadCell(row, "stall_ms"), ...latencies(row)],
  },
  loops: {
    head: ["server CPU µs/message (least–most)", "÷ one loop", "generator CPU µs", "both", "÷ one loop", "messages/s", "p50 µs", "p99 µs"],
    cells: (row, find) => [
      spreadCell(row, "cpu_us"), ratio(row, find({ server: "ours" }), "cpu_us"), cell(row, "generator_us"), spreadCell(row, "both_us"),
      ratio(row, find({ server: "ours" }), "both_us"), rate(row), ...latencies(row),
    ],
  },
};

const finder = (rows, row) => (wanted) => rows.find((other) => other.work === (wanted.work ?? row.work) && other.server === (wanted.server ?? row.server));

export function details(name, result) {
  const { title, columns, works } = groups[name];
  const { head, cells } = kinds[columns];
  const rows = result.groups[name];
  const lines = rows.map((row) => {
    const work = works.find((candidate) => candidate.name === row.work);
    const what = row.error ? [`failed: ${row.error}`, ...head.slice(1).map(() => "")] : cells(row, finder(rows, row), work);
    return [row.work, servers[row.server].label, ...what];
  });
  return `### ${title}\n\n${table(["work", "server", ...head], lines)}`;
}

// One line for each work of the messages, and for memory: what README.md shows.
export function summary(result) {
  const line = (rows, work, field, after) => {
    const of = (server) => rows.find((row) => row.work === work.name && row.server === server);
    const [floor, ours, bun, node] = ["floor", "ours", "bun", "node"].map(of);
    const main = ours && !ours.error ? `**${number(median(ours, field))}**` : "failed";
    return [work.name, cell(floor, field), main, ratio(ours, floor, field), cell(bun, field), cell(node, field), ratio(node, ours, field), ...after(ours)];
  };
  const messages = (work) => line(result.groups.messages, work, "cpu_us", (ours) => [rate(ours), ...latencies(ours)]);
  const memory = (work) => line(result.groups.memory, work, "rss_kb", () => ["", "", ""]);
  const of = (name, what) => (result.groups[name] ? groups[name].works.filter((work) => !work.aside).map(what) : []);
  const head = (unit) => [unit, "floor", "ours", "÷ floor", "Bun", "Node.js", "Node.js ÷ ours", "ours: per second", "p50 µs", "p99 µs"];
  const { rounds, seconds } = result.setting;
  return [
    `Measured ${result.date.slice(0, 10)} at commit ${result.commit}${result.modified ? " (modified)" : ""}, on ${result.machine};`,
    `medians of ${rounds} rounds of ${seconds} s, Node.js ${result.versions.node}; of the memory of floor, Bun and Node.js one round each.\n`,
    table(head("CPU µs per message · memory KB per client"), [...of("messages", messages), ...of("memory", memory)]),
  ].join("\n");
}
