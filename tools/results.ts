/**
 * Writes the README's table of results from `checkpoints/RECIPE/result.json`, which published trainings leave:
 * `deno task results`.
 */
import { withMarkedSection } from "./marked_section.ts";
import { writeTextAtomically } from "../lib/platform/files.ts";
import { join } from "node:path";
import { recipes } from "../recipes/mod.ts";
import { readResult, type TrainingResult } from "../lib/training/result.ts";
import { root, runCommand } from "./command.ts";

const section = { page: "README.md", name: "results", command: "deno task results" };

/** Hours and minutes, or minutes alone. */
function duration(seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function row(name: string, result: TrainingResult): string[] {
  return [
    `\`${name}\``,
    result.parameters.toLocaleString("en"),
    `${result.epochs}`,
    `${result.seed}`,
    result.trainingAccuracy.toFixed(4),
    result.validationAccuracy.toFixed(4),
    result.testAccuracy.toFixed(4),
    recipes[name].reference ?? "",
    duration(result.trainingSeconds),
  ];
}

const header = [
  "Recipe",
  "Parameters",
  "Epochs",
  "Seed",
  "Training",
  "Validation",
  "Test",
  "Reference",
  "Time",
];
const isNumber = [false, true, true, true, true, true, true, false, true];

/** The table of all recipes that are trained, in the recipes' order, as `deno fmt` would set it. */
export async function resultsTable(): Promise<string> {
  const rows: string[][] = [];
  for (const name of Object.keys(recipes)) {
    const result = await readResult(join(root, "checkpoints", name));
    if (result) rows.push(row(name, result));
  }
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column].length))
  );
  const line = (cells: string[]) =>
    `| ${
      cells.map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
      ).join(" | ")
    } |`;
  const rule = widths.map((width, column) =>
    isNumber[column] ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

/** `readme` with the table between its marks; throws an Error where they are missing. */
export function withTable(readme: string, table: string): string {
  return withMarkedSection(readme, section, table);
}

if (import.meta.main) {
  await runCommand(async () => {
    const path = join(root, "README.md");
    await writeTextAtomically(path, withTable(await Deno.readTextFile(path), await resultsTable()));
  });
}
