/** The table of gradients as a page of the documentation. */
import { cases } from "./cases.ts";
import { notInTable } from "./exports.ts";
import { defaultStep, defaultTolerance, type Verdict } from "./judge.ts";
import { families, table } from "./table.ts";

/** How many cases came out how. */
export type Tally = Record<Verdict, number>;

/** One op: against TensorFlow, against differences, the same of second derivatives, and compiled. */
export interface Row {
  tensorflow: Tally;
  differences: Tally;
  second: Tally;
  compiled: Tally;
}

export const columns = ["tensorflow", "differences", "second", "compiled"] as const;

/** The cases of an op that each column is about. */
export function casesOf(name: string, column: typeof columns[number]) {
  const all = cases.get(name)!;
  const { withoutDifferences, withoutSecond, withoutCompiled } = table[name];
  const smooth = all.filter(({ kink }) => !kink);
  switch (column) {
    case "differences":
      return withoutDifferences ? [] : smooth;
    case "second":
      return withoutDifferences || withoutSecond ? [] : smooth;
    case "compiled":
      return withoutCompiled ? [] : all;
    default:
      return all;
  }
}

/** A row in which all is right. */
export function rightRow(name: string): Row {
  const tally = (column: typeof columns[number]) => ({
    right: casesOf(name, column).length,
    missing: 0,
    wrong: 0,
  });
  return Object.fromEntries(columns.map((column) => [column, tally(column)])) as unknown as Row;
}

function cell({ right, missing, wrong }: Tally): string {
  const parts = [[right, "right"], [missing, "missing"], [wrong, "wrong"]] as const;
  return parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
    .join(", ") || "–";
}

const power = (step: number) => `2^${Math.log2(step)}`;

/** The page, for rows by the ops' names. */
export function page(rows: Map<string, Row>): string {
  const text = [
    "# The table of gradients",
    "",
    "Made by `./tessera specs gradients --write`. Each op of TensorFlow.js that can be differentiated, in 20",
    "random cases of shapes, types, broadcasting and attributes: its value and gradients against TensorFlow's own",
    "in float64 (`tests/reference/gradients.py`), its slope along a random direction against a central",
    "difference, the same of its gradient's gradient, and the gradients of the compiled step. Kinks are left out",
    "of differences: there the values are held against TensorFlow alone.",
    "",
    `Differences are over ±${
      power(defaultStep)
    } and may be off by ${defaultTolerance} of the slope, where a row`,
    "says nothing else.",
    "",
  ];
  for (const [family, entries] of Object.entries(families)) {
    text.push(`## ${family}`, "");
    const lines = Object.keys(entries).sort().filter((name) => rows.has(name)).map((name) => {
      const { step, tolerance, withoutDifferences, withoutSecond, withoutCompiled } = entries[name];
      const notes = [
        step && `step ${power(step)}`,
        tolerance && `tolerance ${tolerance}`,
        withoutDifferences && `no differences: ${withoutDifferences}`,
        withoutSecond && `no second order: ${withoutSecond}`,
        withoutCompiled && `not compiled: ${withoutCompiled}`,
      ];
      const row = rows.get(name)!;
      return [
        `\`${name}\``,
        ...columns.map((column) => cell(row[column])),
        notes.filter(Boolean).join("; "),
      ];
    });
    const heads = ["Op", "TensorFlow", "Differences", "Second order", "Compiled", "Notes"];
    const widths = heads.map((head, column) =>
      Math.max(3, ...[heads, ...lines].map((line) => line[column].length), head.length)
    );
    const line = (parts: string[]) =>
      `| ${parts.map((part, column) => part.padEnd(widths[column])).join(" | ")} |`;
    text.push(line(heads), line(widths.map((width) => "-".repeat(width))), ...lines.map(line), "");
  }
  text.push("## Not in the table", "");
  for (const [reason, names] of Object.entries(notInTable)) {
    if (reason === "it is not an op") continue;
    text.push(`- ${reason}: ${names.map((name) => `\`${name}\``).join(", ")}`);
  }
  text.push(
    "",
    "Two gradients are not TensorFlow's: that of `image.transform`, which TensorFlow moves by the inverse",
    "transform, is exact here (the two agree for whole steps, which the table has); and `Abs` within",
    "TensorFlow.js's own losses from logits has the slope −1 at 0, which they count on. `tf.abs` has 0.",
    "",
  );
  return text.join("\n");
}
