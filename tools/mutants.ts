/**
 * `./tessera mutants [TASK…]`: plants mistakes in the solutions and writes them in other styles, and counts what
 * the checks make of it. Writes docs/checks.md where all tasks are asked, else only says it.
 *
 * Options: `--seed N` (may stand several times), `--count N` mutants of each operator for each task.
 */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { Random } from "../lib/random.ts";
import { writeMarkedSection } from "./marked_section.ts";
import { CommandError, needWritableInstallation, root, runCommand } from "./command.ts";
import { judge, type Verdict } from "./mutation/judge.ts";
import { allOperators, type Mutant, mutantsOf, type Operator } from "./mutation/operators.ts";
import { plantedMistakes } from "./mutation/planted.ts";
import { runCheck, type Task, tasks } from "./mutation/tasks.ts";

/** One mutant and what its check said. */
export interface Trial {
  task: string;
  seed: number;
  operator: Operator;
  verdict: Verdict;
  was: string;
  line: string;
  message?: string;
  /** Processor time of its check. */
  milliseconds: number;
}

/** Draws mutants of each operator and runs their checks. */
export async function tryOut(
  task: Task,
  { seed, count }: { seed: number; count: number },
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const [place, operator] of allOperators.entries()) {
    for (
      const mutant of drawn(
        mutantsOf(task.cell, operator, { constructorOnly: /Constructor/.test(task.name) }),
        count,
        31 * seed + place,
      )
    ) {
      const begun = processorTime();
      const error = await runCheck(task, mutant.cell);
      trials.push({
        task: task.name,
        seed,
        operator,
        verdict: judge(mutant, error),
        was: mutant.was,
        line: mutant.line,
        message: error?.message,
        milliseconds: Math.round(processorTime() - begun),
      });
    }
  }
  return trials;
}

/** Milliseconds that all threads have computed: other programs at work do not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Some of the mutants at random, the same for one seed. */
function drawn(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = new Random(seed);
  const order = Array.from(random.uniform([Math.max(mutants.length, 1)]).dataSync());
  random.dispose();
  return mutants.map((mutant, index) => ({ mutant, place: order[index] }))
    .sort((a, b) => a.place - b.place).slice(0, count).map(({ mutant }) => mutant);
}

/**
 * The table of docs/checks.md: a row for each task and one for each seed; `planted` are the mistakes by hand, by
 * check.
 */
export function table(trials: readonly Trial[], planted: ReadonlyMap<string, number>): string {
  const header = [
    ...["Task", "By hand", "Wrong", "Caught", "Named", "Located", "Misled", "Right", "Refused"],
  ];
  const all = [...planted.values()].reduce((sum, count) => sum + count, 0);
  const row = (name: string, some: readonly Trial[]) => {
    const wrong = some.filter(({ operator }) => operator !== "rewrite");
    const right = some.filter(({ operator }) => operator === "rewrite");
    const count = (...verdicts: Verdict[]) =>
      wrong.filter(({ verdict }) => verdicts.includes(verdict)).length;
    const check = /\bcheck\w+/.exec(name)?.[0];
    return [
      name,
      check === undefined ? all : planted.get(check) ?? 0,
      ...[
        wrong.length,
        wrong.length - count("passed"),
        count("named"),
        count("located"),
        count("misled"),
      ],
      ...[right.length, right.filter(({ verdict }) => verdict !== "passed").length],
    ].map(String);
  };
  const rows = [...Map.groupBy(trials, ({ task }) => task)].map(([name, some]) => row(name, some));
  const checks = new Set(trials.map(({ task }) => /\bcheck\w+/.exec(task)?.[0]));
  // Tasks that need data or a training have mistakes by hand alone.
  const others = [...planted].filter(([check]) => !checks.has(check)).map(([check, count]) => [
    ...[check, String(count)],
    ...header.slice(2).map(() => "–"),
  ]);
  const seeds = [...Map.groupBy(trials, ({ seed }) => seed)].map(([seed, some]) =>
    row(`**all, seed ${seed}**`, some)
  );
  const lines = [header, ...rows, ...others, ...seeds];
  const widths = header.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const line = (cells: string[]) =>
    `| ${
      cells.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])
      )
        .join(" | ")
    } |`;
  const rule = `| ${
    widths.map((width, column) => column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)
      .join(" | ")
  } |`;
  return [line(header), rule, ...lines.slice(1).map(line)].join("\n");
}

/** How long checks take, of right solutions, of mistakes that are named and of those that are not. */
export function times(trials: readonly Trial[]): string {
  const kinds: [name: string, of: (trial: Trial) => boolean][] = [
    ["of right solutions", ({ operator }) => operator === "rewrite"],
    ["of mistakes that are named", ({ verdict }) => verdict === "named"],
    ["of others", (trial) => kinds.slice(0, 2).every(([, of]) => !of(trial))],
    ["of all", () => true],
  ];
  return kinds.flatMap(([name, of]) => {
    const sorted = trials.filter(of).map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    if (sorted.length === 0) return [];
    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
    return `- ${name}: ${seconds(sorted[sorted.length >> 1])} in the median, ${
      seconds(sorted.at(-1)!)
    } at most (${sorted.length})`;
  }).join("\n");
}

const section = { page: "docs/checks.md", name: "mutants", command: "./tessera mutants" };

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: "string", multiple: true, default: ["1", "2"] },
      count: { type: "string", default: "3" },
    },
  });
  const numbers = [...values.seed, values.count].map(Number);
  if (numbers.some((each) => !Number.isInteger(each) || each < 1)) {
    throw new CommandError("--seed and --count take whole numbers from 1 on.");
  }
  const chosen = await tasks((name) =>
    positionals.length === 0 || positionals.some((each) => name.includes(each))
  );
  if (chosen.length === 0) {
    throw new CommandError(
      `No task is called like ${positionals.join(" ")}; for example: unit2, checkResNet.`,
    );
  }
  needWritableInstallation();
  const trials: Trial[] = [];
  const path = join(root, "out", "mutants.json");
  await Deno.mkdir(join(root, "out"), { recursive: true });
  for (const seed of values.seed.map(Number)) {
    for (const task of chosen) {
      const some = await tryOut(task, { seed, count: Number(values.count) });
      trials.push(...some);
      // As they come, so that a long run may be stopped.
      await writeTextAtomically(path, JSON.stringify(trials, null, 2));
      console.log(`${task.name}, seed ${seed}: ${some.map(({ verdict }) => verdict[0]).join("")}`);
    }
  }
  const results = `${table(trials, await plantedMistakes())}\n\nProcessor time of a check\n\n${
    times(trials)
  }`;
  console.log(`\n${results}\n\nEach one with its message: out/mutants.json`);
  if (positionals.length === 0) await writeMarkedSection(section, results);
  return 0;
}

if (import.meta.main) await runCommand(main);
