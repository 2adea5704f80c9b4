/** `./tessera specs gradients [OP…] [--write]`: the table of gradients, case by case, on native TensorFlow. */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { join } from "node:path";
import { type Case, cases } from "../tests/tensor/gradient_table/cases.ts";
import {
  againstDifferences,
  againstTensorFlow,
  compiledAgainstTensorFlow,
  type Entry,
  type Judgement,
  secondAgainstDifferences,
} from "../tests/tensor/gradient_table/judge.ts";
import { casesOf, columns, page, type Row } from "../tests/tensor/gradient_table/page.ts";
import { table } from "../tests/tensor/gradient_table/table.ts";
import { nativeBackend } from "../lib/tensor/native.ts";
import { CommandError, root, suggestion } from "./command.ts";

type Judge = (example: Case, entry: Entry) => Judgement | Promise<Judgement>;

const judges: Record<typeof columns[number], Judge> = {
  tensorflow: againstTensorFlow,
  differences: againstDifferences,
  second: secondAgainstDifferences,
  compiled: compiledAgainstTensorFlow,
};

/** Judges all cases of an op; tells what is missing or wrong. */
async function judge(name: string): Promise<{ row: Row; faults: string[] }> {
  const faults: string[] = [];
  const row = {} as Row;
  for (const column of columns) {
    row[column] = { right: 0, missing: 0, wrong: 0 };
    for (const example of casesOf(name, column)) {
      if (nativeBackend() === null && (example.nativeOnly || column === "compiled")) continue;
      const { verdict, reason } = await judges[column](example, table[name]);
      row[column][verdict]++;
      if (verdict !== "right") faults.push(`${column} ${verdict}: ${reason}`);
    }
  }
  return { row, faults };
}

const counted = ({ right, missing, wrong }: Row[keyof Row]) =>
  `${right} right` + (missing > 0 ? `, ${missing} missing` : "") +
  (wrong > 0 ? `, ${wrong} wrong` : "");

/** Runs the table; the exit code is 1 where a gradient is missing or wrong. */
export async function runGradients(args: string[]): Promise<number> {
  const write = args.includes("--write");
  const names = args.filter((arg) => arg !== "--write");
  const unknown = names.find((name) => !(name in table));
  if (unknown !== undefined) {
    const hint = suggestion(unknown, Object.keys(table));
    throw new CommandError(`the table of gradients has no op "${unknown}".${hint}`, 2);
  }
  if (write && (names.length > 0 || nativeBackend() === null)) {
    throw new CommandError("--write is for the whole table, on native TensorFlow", 2);
  }
  const rows = new Map<string, Row>();
  let wrong = 0;
  for (const name of names.length > 0 ? names : [...cases.keys()]) {
    const { row, faults } = await judge(name);
    rows.set(name, row);
    wrong += Number(faults.length > 0);
    const kinds = ["TensorFlow", "differences", "second order", "compiled"];
    const parts = columns.map((column, index) => `${kinds[index]} ${counted(row[column])}`);
    console.log(`${faults.length > 0 ? "FAILED " : ""}${name}: ${parts.join("; ")}`);
    for (const fault of faults.slice(0, 3)) console.log(`       ${fault}`);
  }
  console.log(`${rows.size - wrong} ops right, ${wrong} not`);
  if (write) {
    await writeTextAtomically(join(root, "docs/gradients.md"), page(rows));
    console.log("docs/gradients.md is written");
  }
  return wrong === 0 ? 0 : 1;
}
