/** A class's results as one HTML page, which needs nothing else, and as CSV. */
import { stringify } from "@std/csv";
import { histogram } from "../../lib/display/bars.ts";
import type { AlikePair } from "../alike.ts";
import { Html, markup } from "../markup.ts";
import type { Warning } from "../result.ts";
import {
  type ClassResults,
  type Column,
  type Entry,
  firstLine,
  type Row,
  stumblingBlocks,
} from "./class_results.ts";

/** Which pairs are alike, or why that is not known. */
export type Alike = { pairs: readonly AlikePair[] } | { problem: string };

/** The page. */
export async function classPage(results: ClassResults, alike: Alike, date: Date): Promise<string> {
  const { unit, rows, maximum, columns } = results;
  const count = (state: Row["state"]) => rows.filter((row) => row.state === state).length;
  const graded = rows.filter(({ state }) => state === "graded");
  const open = graded.filter((row) => row.open > 0);
  const quick = graded.filter(({ result }) => result?.mode === "quick").length;
  const titleOf = (unit: string) => unit.replace(/^unit(?=\d)/, "Unit ");
  const page = markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${titleOf(unit)}: class report</title>
<style>${new Html(style)}</style>
</head>
<body>
<main>
<h1>${titleOf(unit)}: class report</h1>
<p class="quiet">Made on ${
    date.toISOString().slice(0, 16).replace("T", " ")
  } UTC. It names learners: keep it as closely as the gradebook.</p>
<ul class="sums">
  ${
    ([
      ["handed in", rows.length - count("not handed in"), `of ${rows.length}`],
      ["graded", graded.length, open.length > 0 ? `${open.length} with answers to read` : ""],
      ["not graded", count("not graded") + count("not graded yet"), "no zero: see below"],
      ["mean", graded.length > 0 ? mean(graded).toFixed(1) : "–", `of ${maximum} points`],
    ] as const).map(([name, value, more]) =>
      markup`<li><b>${value}</b> ${name} <span class="quiet">${more}</span></li>`
    )
  }
</ul>
${
    quick > 0
      ? markup`<p class="warning">${quick} graded in a quick run: trainings were short, on few images.</p>`
      : ""
  }
<h2>Points</h2>
${await distribution(graded, maximum)}
<h2>Where most stumbled</h2>
${stumbling(results)}
<h2>Everybody</h2>
${table(rows, columns, maximum)}
<h2>Not graded</h2>
${notGraded(rows)}
<h2>Cells beside the tasks, and what else to look at</h2>
${warnings(rows)}
<h2>Alike</h2>
${alikeSection(alike)}
</main>
</body>
</html>
`;
  return page.text;
}

function mean(rows: readonly Row[]): number {
  return rows.reduce((sum, { points }) => sum + points, 0) / rows.length;
}

async function distribution(rows: readonly Row[], maximum: number): Promise<Html> {
  if (rows.length === 0) return markup`<p>Nobody was graded yet.</p>`;
  const most = Math.max(maximum, ...rows.map(({ points }) => points), 1);
  // A bar for each whole number of points, unless they would be too many.
  const step = Math.max(1, Math.ceil((most + 1) / 40));
  const bins = Math.ceil((most + 1) / step);
  const chart = histogram({
    values: rows.map(({ points }) => points),
    ...{ xLabel: `points, of ${maximum}`, yLabel: "learners", bins, height: 260 },
    range: [-step / 2, bins * step - step / 2],
  });
  const svg = await chart.toSvg();
  const sorted = rows.map(({ points }) => points).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const words = `Points of ${rows.length} learners: lowest ${sorted[0]}, median ${median}, ` +
    `highest ${sorted.at(-1)}.`;
  return markup`<figure role="img" aria-label="${words}">${new Html(svg)}<figcaption>${words}
    Answers that nobody has read yet count nothing here.</figcaption></figure>`;
}

function stumbling(results: ClassResults): Html {
  const blocks = stumblingBlocks(results).slice(0, 10);
  if (blocks.length === 0) return markup`<p>No check failed.</p>`;
  return markup`<table><thead><tr><th>Task<th class="number">Failed<th>What most of them were told</thead>
<tbody>${
    blocks.map(({ column, failed, of, message, times }) =>
      markup`<tr><td>${column.task} <span class="quiet">${column.notebook}</span><td class="number">${failed} of ${of}
<td>${message} <span class="quiet">(${times} of ${failed})</span>`
    )
  }</tbody></table>`;
}

const shownPoints = (points: number) => `${Math.round(points * 100) / 100}`;

/** A row's sum; what is still open makes it a lower bound. */
function sumOf(row: Row): string {
  if (row.state === "not handed in") return "";
  if (row.state !== "graded") return "–";
  return `${row.open > 0 ? "≥ " : ""}${shownPoints(row.points)}`;
}

function table(rows: readonly Row[], columns: readonly Column[], maximum: number): Html {
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Points of everybody"><table>
<thead><tr><th>Learner<th>Group<th>Handed in<th class="number">Sum, of ${maximum}${
    columns.map((column) =>
      markup`<th class="task"><span title="${column.notebook}">${column.task}</span> <span class="quiet">${
        column.maximum > 0 ? `/${column.maximum}` : "+"
      }</span>`
    )
  }</thead><tbody>${
    rows.map((row) =>
      markup`<tr><th scope="row">${nameOf(row)}<td>${row.learner.group ?? ""}<td>${
        arrival(row)
      }<td class="number"><b>${sumOf(row)}</b>${row.entries.map(entryCell)}`
    )
  }</tbody></table></div>
<p class="quiet">Empty: nothing to say. –: not known, no zero. ✗: the check failed; …: an answer to read; the rest of
a cell's story is shown when you point at it.</p>`;
}

function nameOf({ learner }: Row): string {
  const { id, firstName, lastName } = learner;
  const name = [lastName, firstName].filter(Boolean).join(", ");
  return name ? `${name} (${id})` : id;
}

function arrival(row: Row): string {
  if (row.state === "not handed in") return "no";
  const date = row.submittedAt?.slice(0, 16).replace("T", " ") ?? "yes";
  return row.secondsLate > 0 ? `${date}, late by ${duration(row.secondsLate)}` : date;
}

function duration(seconds: number): string {
  const hours = seconds / 3600;
  return hours < 48 ? `${Math.ceil(hours)} h` : `${Math.ceil(hours / 24)} days`;
}

const signs: Record<Entry["outcome"], string> = {
  ...{ "passed": "", "failed": " ✗", "not run": " ✗", "empty": "", "to read": "…" },
  ...{ "not graded": "–", "read": "", "changed since it was read": " …" },
};

function entryCell(entry: Entry | undefined): Html {
  if (!entry) return markup`<td>`;
  const { points, outcome, message } = entry;
  const told = `${outcome}${message ? `: ${message.slice(0, 600)}` : ""}`;
  const text = `${points === null ? "" : shownPoints(points)}${signs[outcome]}`;
  return markup`<td class="number ${outcome.replaceAll(" ", "-")}" title="${told}">${text}`;
}

function notGraded(rows: readonly Row[]): Html {
  const whole = rows.filter(({ state }) => state === "not graded" || state === "not graded yet")
    .map((row) => markup`<li><b>${nameOf(row)}</b>: ${row.reason ?? "not graded yet"}`);
  const parts = rows.flatMap((row) =>
    (row.state === "graded" ? row.result!.notebooks : []).flatMap(({ notebook, status }) =>
      status.kind === "not graded"
        ? [markup`<li><b>${nameOf(row)}</b>, ${notebook}: ${status.reason}`]
        : []
    )
  );
  const all = [...whole, ...parts];
  return all.length === 0
    ? markup`<p>Everything that was handed in was graded.</p>`
    : markup`<ul>${all}</ul>`;
}

const telling: Warning["kind"][] = [
  ...["tampering", "cell added", "cell changed", "cell missing", "other weights"] as const,
  ...["repaired", "limit", "not sandboxed", "other"] as const,
];

function warnings(rows: readonly Row[]): Html {
  const all = rows.flatMap((row) => {
    const parts = [
      ...(row.result?.warnings ?? []).map((warning) => ({ place: "", warning })),
      ...(row.result?.notebooks ?? []).flatMap(({ notebook, warnings }) =>
        warnings.map((warning) => ({ place: `${notebook}: `, warning }))
      ),
    ];
    return parts.map((part) => ({ row, ...part }));
  });
  if (all.length === 0) return markup`<p>Nothing.</p>`;
  return markup`${
    telling.map((kind) => {
      const some = all.filter(({ warning }) => warning.kind === kind);
      if (some.length === 0) return "";
      return markup`<details ${new Html(
        kind === "tampering" ? "open" : "",
      )}><summary>${kind} <span class="quiet">${some.length}</span></summary><ul>${
        some.map(({ row, place, warning }) =>
          markup`<li><b>${nameOf(row)}</b>, ${place}${warning.text}${
            warning.source ? markup`<pre>${warning.source.slice(0, 4000)}</pre>` : ""
          }`
        )
      }</ul></details>`;
    })
  }`;
}

function alikeSection(alike: Alike): Html {
  if ("problem" in alike) return markup`<p class="warning">${alike.problem}</p>`;
  if (alike.pairs.length === 0) return markup`<p>No two submissions have much in common.</p>`;
  return markup`<p class="quiet">Without what was handed out, and without what many of the class have. Names that were
changed do not count. Right solutions of small tasks are alike too: look before you judge.</p>${
    alike.pairs.map(({ left, right, kind, similarity, leftPiece, rightPiece }) =>
      markup`<details><summary><b>${left}</b> and <b>${right}</b>: ${kind}, ${
        Math.round(100 * similarity)
      } %</summary><div class="pair"><pre>${leftPiece}</pre><pre>${rightPiece}</pre></div></details>`
    )
  }`;
}

/** A line for each learner; what is not known is empty, never a zero. */
export function classCsv({ columns, rows, maximum }: ClassResults): string {
  const names = columns.map(({ notebook, task }) => `${notebook}/${task}`);
  const head = [
    ...["id", "last_name", "first_name", "group", "state", "reason", "handed_in", "seconds_late"],
    ...["points", "maximum", "open", "penalty", ...names, "failed"],
  ];
  const lines = rows.map((row) => [
    ...[row.learner.id, row.learner.lastName ?? "", row.learner.firstName ?? ""],
    ...[row.learner.group ?? "", row.state, row.reason ?? "", row.submittedAt ?? ""],
    ...[row.secondsLate, row.state === "graded" ? row.points : "", maximum],
    ...[row.state === "graded" ? row.open : "", row.penalty],
    ...row.entries.map((entry) => entry?.points ?? ""),
    columns.flatMap((column, index) => {
      const entry = row.entries[index];
      return entry?.outcome === "failed" ? [`${column.task}: ${firstLine(entry.message)}`] : [];
    }).join(" | "),
  ]);
  return stringify([head, ...lines].map((line) => line.map(harmless)), {
    headers: false,
    columns: undefined,
  });
}

/** A text that a spreadsheet would take for a formula is marked as text. */
function harmless(value: string | number): string | number {
  return typeof value === "string" && /^[=+@\t\r-]/.test(value) ? `'${value}` : value;
}

const style = `
:root { color-scheme: light dark; --line: #8884; --quiet: #697080; --bad: #b3261e; --fill: #8881; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a4abb8; --bad: #ff8a80; } figure svg { background: #fff } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
.quiet { color: var(--quiet); font-weight: normal } .warning { color: var(--bad) }
.sums { display: flex; flex-wrap: wrap; gap: .8rem; list-style: none; padding: 0; margin: 1rem 0 }
.sums li { background: var(--fill); border-radius: 6px; padding: .6rem 1rem }
.sums b { display: block; font-size: 1.5rem }
figure { margin: 0 } figure svg { max-width: 100%; height: auto }
table { border-collapse: collapse } th, td { padding: .25rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line) }
thead th { border-bottom-width: 2px } .number { text-align: right; white-space: nowrap }
.wide { overflow-x: auto } .wide th[scope] { position: sticky; left: 0; background: Canvas; white-space: nowrap }
.task { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; max-height: 14rem }
.failed, .not-run { color: var(--bad) }
details { margin: .3rem 0 } summary { cursor: pointer }
pre { background: var(--fill); padding: .6rem; overflow-x: auto; font-size: .8rem; margin: .4rem 0 }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem }
`;
