/** The tables and charts of all machines, each under its name. */
import { withMarkedSection } from "../tools/marked_section.ts";
import { join } from "node:path";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { bars } from "../lib/display/bars.ts";
import type { Chart } from "../lib/display/chart.ts";
import { root } from "../tools/command.ts";
import {
  allKept,
  keptFolder,
  type KeptResults,
  type Kind,
  kinds,
  type Measurement,
  type Side,
} from "./kept_results.ts";
import { slugOf, titleOf } from "./machine.ts";
import { median, medianInterval, pairedRatios } from "./statistics.ts";

const speed = { page: "README.md", name: "speed", command: "./tessera bench" };

const one = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(1);
const two = (value: number) => value.toFixed(2);

/** PyTorch's time ÷ Tessera's, pair by pair. */
export const eagerRatios = ({ pyTorch, tessera }: Measurement) =>
  pairedRatios(pyTorch.milliseconds, tessera.milliseconds);

/** torch.compile's time ÷ Tessera's; null where it was left out. */
export function compiledRatios({ compiled, tessera }: Measurement): number[] | null {
  return typeof compiled === "string"
    ? null
    : pairedRatios(compiled.milliseconds, tessera.milliseconds);
}

/** A median with the interval in which it lies by 95 %. */
export function ratioText(ratios: readonly number[] | null): string {
  return ratios ? `**${two(median(ratios))}** (${medianInterval(ratios).map(two).join("–")})` : "–";
}

/** A table in Markdown as `deno fmt` would set it: numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((cells) => cells[column].length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(header), rule, ...rows.map(line)].join("\n");
}

/** A paragraph in lines of at most 100 characters, as `deno fmt` would set it. */
export function wrapped(text: string, width = 100): string {
  const lines = [""];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const last = lines[lines.length - 1];
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}

/** What was measured with which programs, on which days. */
function circumstances({ measurements, remarks }: KeptResults): string {
  const distinct = (values: readonly string[]) =>
    [...new Set(values.filter(Boolean))].join(" and ");
  const versions = measurements.map((each) => each.versions);
  const days = measurements.map(({ date }) => date).sort();
  const programs = [
    distinct(versions.map(({ tensorFlow }) => tensorFlow)),
    `PyTorch ${distinct(versions.map(({ pyTorch }) => pyTorch))}`,
    `Deno ${distinct(versions.map(({ deno }) => deno))}`,
  ].join(", ");
  const span = days[0] === days.at(-1) ? days[0] : `${days[0]} to ${days.at(-1)}`;
  const reasons = measurements.map(({ compiled, kind }) =>
    kind !== "epoch" && typeof compiled === "string" ? compiled : ""
  );
  const left = distinct(reasons);
  return [
    `${programs}; batch 128, float32; ${span}.`,
    ...remarks,
    ...(left ? [`torch.compile: ${left}.`] : []),
  ].join(" ");
}

const casesOf = ({ measurements }: KeptResults) => [
  ...new Set(measurements.map((each) => each.case)),
];

function find({ measurements }: KeptResults, name: string, kind: Kind): Measurement | undefined {
  return measurements.find((each) => each.case === name && each.kind === kind);
}

/** What the README has of a machine: ratios alone. */
export function shortTable(results: KeptResults): string {
  const columns: [title: string, text: (name: string) => string][] = [];
  const add = (title: string, kind: Kind, text: (found: Measurement) => string) => {
    const shown = (name: string) => {
      const found = find(results, name, kind);
      return found ? text(found) : "–";
    };
    if (casesOf(results).some((name) => shown(name) !== "–")) columns.push([title, shown]);
  };
  for (const [title, kind] of [["Step", "step"], ["Inference", "inference"]] as const) {
    add(title, kind, (found) => ratioText(eagerRatios(found)));
    add(`${title}, torch.compile`, kind, (found) => ratioText(compiledRatios(found)));
  }
  add("Epoch", "epoch", (found) => ratioText(eagerRatios(found)));
  add(
    "Memory of a step",
    "step",
    ({ pyTorch, tessera }) => two(pyTorch.peakMegabytes / tessera.peakMegabytes),
  );
  return table(
    ["PyTorch ÷ Tessera", ...columns.map(([title]) => title)],
    casesOf(results).map((name) => [name, ...columns.map(([, text]) => text(name))]),
  );
}

/** All numbers of a machine. */
export function fullTable(results: KeptResults): string {
  const header = ["Model", "Work", "Tessera", "PyTorch", "torch.compile", "PyTorch ÷ Tessera"];
  const more = ["torch.compile ÷ Tessera", "Pairs", "Images/s", "Peak MB", "First, s"];
  const rows = casesOf(results).flatMap((name) =>
    kinds.flatMap((kind) => find(results, name, kind) ?? []).map(fullRow)
  );
  return table([...header, ...more], rows);
}

function fullRow(measurement: Measurement): string[] {
  const { tessera, pyTorch, compiled, kind, images } = measurement;
  const sides = [tessera, pyTorch, ...(typeof compiled === "string" ? [] : [compiled])];
  const time = ({ milliseconds }: Side) => {
    const middle = median(milliseconds);
    return kind === "epoch" ? `${(middle / 1000).toFixed(2)} s` : `${one(middle)} ms`;
  };
  const ofEach = (text: (side: Side) => string) => sides.map(text).join(" / ");
  return [
    ...[measurement.case, kind, time(tessera), time(pyTorch)],
    typeof compiled === "string" ? "–" : time(compiled),
    ratioText(eagerRatios(measurement)),
    ratioText(compiledRatios(measurement)),
    `${tessera.milliseconds.length}`,
    Math.round(images / median(tessera.milliseconds) * 1000).toLocaleString("en"),
    ofEach(({ peakMegabytes }) => peakMegabytes.toFixed(0)),
    kind === "epoch" ? "–" : ofEach(({ firstMilliseconds }) => one(firstMilliseconds / 1000)),
  ];
}

function otherTable(results: KeptResults): string[] {
  const rows = Object.entries(results.others).map(([name, ways]) => {
    const step = find(results, name, "step")?.tessera;
    const cell = (value: number | null | undefined) => value ? `${one(value)} ms` : "–";
    const first = step && ways.eager
      ? `${one(step.firstMilliseconds)} ms, ${one(step.firstMilliseconds / ways.eager)} ×`
      : "–";
    return [
      name,
      cell(step && median(step.milliseconds)),
      cell(ways.eager),
      cell(ways.wasm),
      first,
    ];
  });
  if (rows.length === 0) return [];
  const header = [
    "Step of",
    "Compiled",
    "Eager",
    "Eager, tfjs on WASM",
    "First step, in eager ones",
  ];
  return [
    table(header, rows),
    "–: not done within a minute, or more than the memory that WASM can address.",
  ];
}

const explanation =
  "Medians of pairs, with the interval in which the median lies by 95 %; above 1, " +
  "Tessera is faster. Where two or three numbers stand in a cell, they are Tessera's, PyTorch's and " +
  "torch.compile's. First: seconds of the first piece of work, all compiling included, with " +
  "nothing kept from before.";

/** A machine's part of the page of all numbers. */
export function machineSection(results: KeptResults): string {
  return [
    `## ${titleOf(results.machine)}`,
    wrapped(circumstances(results)),
    fullTable(results),
    ...otherTable(results),
  ].join("\n\n");
}

/** The page of all numbers. */
export function wholePage(all: readonly KeptResults[]): string {
  const parts = [
    "# Tessera and PyTorch side by side",
    wrapped(explanation),
    ...all.map(machineSection),
  ];
  return parts.join("\n\n") + "\n";
}

/** The README's part: each machine under its name. */
export function readmeSection(all: readonly KeptResults[]): string {
  const ofMachine = (results: KeptResults) =>
    [
      `### ${titleOf(results.machine)}`,
      `![Bars: how many times as fast as PyTorch](bench/results/${slugOf(results.machine)}.svg)`,
      shortTable(results),
      wrapped(circumstances(results)),
    ].join("\n\n");
  return all.map(ofMachine).join("\n\n");
}

/** `readme` with the section between its marks; throws an Error where they are missing. */
export function withSection(readme: string, section: string): string {
  return withMarkedSection(readme, speed, section);
}

export function chartOf(results: KeptResults): Chart {
  const names = casesOf(results);
  const ratio = (name: string, kind: Kind) => {
    const found = find(results, name, kind);
    return found ? median(eagerRatios(found)) : NaN;
  };
  const present = kinds.filter((kind) => names.some((name) => find(results, name, kind)));
  return bars({
    title: "How many times as fast as PyTorch",
    names: names.map((name) => name.replace("a learner's own ViT", "learner's ViT")),
    values: Object.fromEntries(
      present.map((kind) => [kind, names.map((name) => ratio(name, kind))]),
    ),
    yLabel: "PyTorch's time ÷ Tessera's",
    caption: `${titleOf(results.machine)}. Median of paired ratios; above 1, Tessera is faster.`,
    width: Math.max(720, 130 * names.length),
  });
}

/** Writes the chart of one machine, and the tables of all: in bench/results and in the README. */
export async function writePages(results: KeptResults): Promise<void> {
  const chart = await chartOf(results).toSvg();
  await writeTextAtomically(join(keptFolder, `${slugOf(results.machine)}.svg`), chart);
  const all = await allKept();
  await writeTextAtomically(join(keptFolder, "benchmark.md"), wholePage(all));
  const readme = join(root, "README.md");
  const text = withSection(await Deno.readTextFile(readme), readmeSection(all));
  await writeTextAtomically(readme, text);
}
