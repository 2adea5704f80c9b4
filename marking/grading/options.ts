/** The command line that `grade` and `regrade` share. */
import { CommandError, suggestion } from "../../tools/command.ts";
import { unitNames } from "../../tools/notebooks.ts";
import { endSignals, exitCodeOf, onSignals } from "../../lib/platform/signals.ts";
import { commandLine } from "../handing_in/command_line.ts";
import { learnersOf, submittedFolder } from "../result.ts";
import type { GradeOptions } from "./grade.ts";
import { defaultJobs } from "./sandbox.ts";

/** What both take. */
export const shared = {
  jobs: "NUMBER",
  quick: undefined,
  full: undefined,
  unsafe: undefined,
  memory: "GIGABYTES",
  "cell-minutes": "MINUTES",
  minutes: "MINUTES",
};

export interface Parsed<Name extends string> {
  grading: GradeOptions;
  learners: string[];
  options: Partial<Record<Name, string>>;
}

/** Reads the unit, the learners (all who handed in, where none is named) and the options. */
export function parse<Name extends string>(
  command: string,
  args: readonly string[],
  own: Readonly<Record<Name, undefined>>,
): Parsed<Name> {
  const { options, words } = commandLine(command, args, { ...shared, ...own });
  const given: Partial<Record<string, string>> = options;
  const [unit, ...named] = words;
  const units = unitNames();
  if (!unit || !units.includes(unit)) {
    const what = unit
      ? `there is no unit "${unit}".${suggestion(unit, units)}`
      : `${command} needs a unit.`;
    throw new CommandError(`${what} The units are: ${units.join(", ")}.`, 2);
  }
  const all = learnersOf(unit);
  if (all.length === 0) {
    throw new CommandError(
      `nobody has handed in ${unit}: ./tessera collect puts hand-ins into ${
        submittedFolder("LEARNER", unit)
      }.`,
    );
  }
  const unknown = named.find((learner) => !all.includes(learner));
  if (unknown !== undefined) {
    throw new CommandError(`"${unknown}" has not handed in ${unit}.${suggestion(unknown, all)}`, 2);
  }
  if (given.quick !== undefined && given.full !== undefined) {
    throw new CommandError(`${command} is --quick or --full, not both.`, 2);
  }
  const learners = named.length > 0 ? named : all;
  const isQuick = given.quick !== undefined ||
    (given.full === undefined &&
      ["1", "yes", "true", "on"].includes(Deno.env.get("TESSERA_QUICK") ?? ""));
  return {
    learners,
    options: options as Partial<Record<Name, string>>,
    grading: {
      unit,
      mode: isQuick ? "quick" : "full",
      jobs: Math.min(learners.length, number(command, "jobs", given.jobs) ?? defaultJobs()),
      unsafe: given.unsafe !== undefined,
      cellMinutes: number(command, "cell-minutes", given["cell-minutes"]),
      minutes: number(command, "minutes", given.minutes),
      memoryGigabytes: number(command, "memory", given.memory),
    },
  };
}

function number(command: string, name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || (name === "jobs" && !Number.isInteger(value))) {
    throw new CommandError(`${command}: --${name} is "${text}", must be a number above 0.`, 2);
  }
  return value;
}

/**
 * Ends at Ctrl-C, SIGTERM and a closed terminal: what runs is given up, what is done stays. The signal's reason
 * is the exit code.
 */
export function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  onSignals(endSignals, (signal) => controller.abort(exitCodeOf(signal)));
  return controller.signal;
}
