// The messages as a picture: for each work a bar for each server, on a logarithmic scale.
import { servers } from "./processes.mjs";
import { spread } from "./report.mjs";
import { groups } from "./works.mjs";

const colours = { floor: "#8c959f", ours: "#1a7f37", bun: "#d4a72c", node: "#8250df" };
const width = 960;
const left = 250; // where bars begin
const right = 880;
const top = 84;
const bar = 13;
const gap = 16; // between works

const escape = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");
const text = (x, y, what, more = "") => `<text x="${x}" y="${y}" ${more}>${escape(what)}</text>`;
const short = (value) => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/// Maps microseconds to x, between the powers of ten around what there is.
function scaleOf(values) {
  const least = Math.floor(Math.log10(Math.min(...values)));
  const most = Math.ceil(Math.log10(Math.max(...values)));
  const x = (value) => left + ((Math.log10(value) - least) / Math.max(1, most - least)) * (right - left);
  const marks = Array.from({ length: most - least + 1 }, (_, i) => 10 ** (least + i));
  return { x, marks };
}

function bars(rows, y, x) {
  return rows.map((row, i) => {
    const { median, least, most } = spread(row, "cpu_us");
    const at = y + i * bar;
    const middle = at + (bar - 2) / 2;
    return [
      `<rect x="${left}" y="${at}" width="${(x(median) - left).toFixed(1)}" height="${bar - 2}" fill="${colours[row.server]}"/>`,
      `<path d="M${x(least).toFixed(1)} ${middle}H${x(most).toFixed(1)}" stroke="#1f2328"/>`,
      text((x(most) + 6).toFixed(1), at + bar - 3, short(median), `font-size="11" ${row.server === "ours" ? 'font-weight="bold"' : ""}`),
    ].join("");
  });
}

export function picture(result) {
  const rows = result.groups.messages.filter((row) => row.runs.length > 0);
  const works = groups.messages.works.filter((work) => !work.aside && rows.some((row) => row.work === work.name));
  const shown = rows.filter((row) => works.some((work) => work.name === row.work));
  const { x, marks } = scaleOf(shown.flatMap((row) => [spread(row, "cpu_us").least, spread(row, "cpu_us").most]));
  let y = top;
  const body = [];
  for (const work of works) {
    const own = shown.filter((row) => row.work === work.name);
    body.push(text(left - 10, y + (own.length * bar) / 2 + 3, work.name, 'text-anchor="end"'), ...bars(own, y, x));
    y += own.length * bar + gap;
  }
  const grid = marks.flatMap((mark) => [
    `<path d="M${x(mark).toFixed(1)} ${top - 8}V${y - gap + 6}" stroke="#d0d7de"/>`,
    text(x(mark).toFixed(1), top - 14, `${mark} µs`, 'text-anchor="middle" font-size="11" fill="#57606a"'),
  ]);
  const names = Object.keys(colours).filter((name) => shown.some((row) => row.server === name));
  const legend = names.map((name, i) => `<rect x="${left + i * 90}" y="40" width="11" height="11" fill="${colours[name]}"/>${text(left + 16 + i * 90, 50, servers[name].label)}`);
  const where = `${result.date.slice(0, 10)}, commit ${result.commit}; shorter is better, each mark is ten times the one before; lines: least and most`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 14}" width="${width}" height="${y + 14}" font-family="sans-serif" font-size="13" fill="#1f2328">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(20, 26, "Server CPU time per message", 'font-size="16" font-weight="bold"'),
    ...legend, ...grid, ...body,
    text(20, y + 4, where, 'font-size="11" fill="#57606a"'),
    "</svg>\n",
  ].join("\n");
}
