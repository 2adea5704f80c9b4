/** `./tessera test --settings`: the tests in every setting of the processor; their verdict must not change. */
import { writeTextAtomically } from "../lib/platform/files.ts";
import { dirname, join } from "node:path";
import { CommandError, program, root, suggestion } from "./command.ts";
import { writeMarkedSection } from "./marked_section.ts";
import {
  type Machine,
  type ProcessorSetting,
  processorSettings,
  settingVariables,
  thisMachine,
} from "./processor_settings.ts";
import { expectedInLanes, testInLanes } from "./test_lanes.ts";
import { roughly, type TestResults } from "./test_results.ts";

interface Request {
  /** Names of settings; none for all. */
  names: readonly string[];
  files: readonly string[];
  /** Those of the files whose tests train. */
  training: readonly string[];
  /** Whether the files are the whole suite: then the table in the documentation is brought up to date. */
  isWhole: boolean;
  lanes: number;
}

export interface SettingRow {
  setting: ProcessorSetting;
  /** Undefined where the setting is not to be had. */
  results?: Pick<TestResults, "passed" | "failed" | "ignored"> & {
    seconds: number;
    /** Which tests failed again, after the others and with nothing beside them; undefined until tried. */
    again?: string[];
  };
}

const keptFile = join(root, "out", "tests", "settings.json");
const section = {
  page: "docs/testing.md",
  name: "settings",
  command: "./tessera test --settings",
};

/** Runs the files in each setting, says what failed where, and gives the exit code. */
export async function testInSettings(
  { names, files, training, isWhole, lanes }: Request,
): Promise<number> {
  const all = processorSettings(thisMachine());
  const settings = choose(all, names);
  const filesOf = (setting: ProcessorSetting) => setting.scope === "all" ? files : training;
  const total = settings.reduce((sum, each) => sum + secondsFor(each, filesOf(each), lanes), 0);
  console.error(`Tests in ${settings.length} settings: about ${roughly(total)}.`);
  for (const { title, lacks } of all) if (lacks) console.error(`Not here: ${title}; ${lacks}.`);

  const kept = await keptResults();
  let failures = 0;
  for (const [index, setting] of settings.entries()) {
    const expected = roughly(secondsFor(setting, filesOf(setting), lanes));
    console.error(`[${index + 1}/${settings.length}] ${setting.title}: about ${expected} …`);
    const results = await runIn(setting, filesOf(setting), { lanes });
    if (results.signal) return results.code;
    if (isWhole) {
      kept[setting.name] = results;
      await keep(kept);
    }
    failures += results.failed.length;
    console.error(`  ${results.passed} passed, ${results.failed.length} failed`);
    for (const each of results.failed) console.error(`  FAILED: ${each}`);
    if (results.failed.length > 0) console.error(`  out/tests/${setting.name}.log says why`);
  }
  if (isWhole) await writeTable(all, kept);
  return failures === 0 ? 0 : 1;
}

/**
 * Runs the files again in which a test failed in a whole run, one after the other: a setting of the processor shows
 * there once more, a machine that was busy does not. Gives the exit code.
 */
export async function testAgain(names: readonly string[]): Promise<number> {
  const all = processorSettings(thisMachine());
  const kept = await keptResults();
  let failures = 0;
  for (const setting of choose(all, names)) {
    const results = kept[setting.name];
    const failed = results?.failed ?? [];
    const files = [...new Set(failed.flatMap((test) => test.split(": ")[0].split(", ")))];
    if (!results || files.length === 0) continue;
    console.error(`${setting.title}: ${files.join(", ")} …`);
    const again = await runIn(setting, files, { lanes: 1, log: "again" });
    if (again.signal) return again.code;
    results.again = again.failed;
    await keep(kept);
    failures += again.failed.length;
    console.error(`  ${failed.length} failed, ${again.failed.length} again`);
  }
  await writeTable(all, kept);
  return failures === 0 ? 0 : 1;
}

async function writeTable(settings: readonly ProcessorSetting[], kept: Kept): Promise<void> {
  const rows = settings.map((setting) => ({ setting, results: kept[setting.name] }));
  await writeMarkedSection(section, describe(rows, thisMachine()));
  console.error(`The table is in ${section.page}.`);
}

/**
 * Keeps for the table what `./tessera test` gave, which is the suite as it comes. Where only others may write, it
 * is not kept.
 */
export async function noteAsItComes(results: TestResults, seconds: number): Promise<void> {
  try {
    await keep({ ...await keptResults(), native: { ...results, seconds } });
  } catch {
    // the tests' verdict stands without it
  }
}

type Kept = Record<string, SettingRow["results"]>;

/** What each setting gave when it was last run in full: a machine may run one now and one tonight. */
async function keptResults(): Promise<Kept> {
  try {
    return JSON.parse(await Deno.readTextFile(keptFile));
  } catch {
    return {};
  }
}

async function keep(kept: Kept): Promise<void> {
  await Deno.mkdir(dirname(keptFile), { recursive: true });
  await writeTextAtomically(keptFile, JSON.stringify(kept, null, 1));
}

function choose(all: readonly ProcessorSetting[], names: readonly string[]): ProcessorSetting[] {
  const chosen = names.map((name) => {
    const setting = all.find((each) => each.name === name);
    const known = all.map((each) => each.name);
    if (!setting) {
      throw new CommandError(
        `there is no setting "${name}".${suggestion(name, known)} Settings: ${known.join(", ")}.`,
        2,
      );
    }
    if (setting.lacks) throw new CommandError(`${setting.title}: ${setting.lacks}.`, 2);
    return setting;
  });
  return chosen.length > 0 ? chosen : all.filter(({ lacks }) => lacks === undefined);
}

function secondsFor(
  { isBusy }: ProcessorSetting,
  files: readonly string[],
  lanes: number,
): number {
  return expectedInLanes(files, lanes) * (isBusy ? 3 : 1);
}

/** Runs files in one setting; what they said lies in `out/tests`. */
async function runIn(
  setting: ProcessorSetting,
  files: readonly string[],
  options: { lanes: number; log?: string },
) {
  const name = [setting.name, options.log].filter(Boolean).join("-");
  const log = join(root, "out", "tests", `${name}.log`);
  await Deno.mkdir(dirname(log), { recursive: true });
  await Deno.writeTextFile(log, "");
  const others = setting.isBusy ? busyProcesses(navigator.hardwareConcurrency) : [];
  const begun = performance.now();
  try {
    const results = await testInLanes(files, {
      lanes: options.lanes,
      environment: { ...environmentWithoutSettings(), NO_COLOR: "1", ...setting.environment },
      print: (text) => Deno.writeTextFileSync(log, text + "\n", { append: true }),
    });
    return { ...results, seconds: (performance.now() - begun) / 1000 };
  } finally {
    for (const each of others) each.kill();
  }
}

/** This program's environment, as if nobody had chosen a setting in it. */
function environmentWithoutSettings(): Record<string, string> {
  const environment = Deno.env.toObject();
  for (const name of settingVariables) delete environment[name];
  return environment;
}

/** A program that keeps a core busy for as long as the one that started it runs. */
const busyProgram = `
  const parent = Deno.ppid;
  while (Deno.ppid === parent) for (const end = performance.now() + 500; performance.now() < end;);
`;

function busyProcesses(count: number): Deno.ChildProcess[] {
  const options = { args: ["eval", busyProgram] };
  return Array.from({ length: count }, () => new Deno.Command(program("deno"), options).spawn());
}

/** The settings with their verdicts as a table in Markdown; under it those that the machine lacks. */
export function describe(rows: readonly SettingRow[], machine: Machine): string {
  const cells = rows.filter(({ results }) => results).map(({ setting, results }) => [
    setting.title,
    Object.entries(setting.environment).map((each) => `\`${each.join("=")}\``).join(" "),
    setting.scope === "all" ? "all" : "those that train",
    String(results!.passed),
    String(results!.failed.length),
    results!.failed.length === 0 ? "" : String(results!.again?.length ?? "?"),
    roughly(results!.seconds),
  ]);
  const head = ["Setting", "Environment", "Tests", "Passed", "Failed", "Again", "Time"];
  const widths = head.map((name, column) =>
    Math.max(3, ...[name, ...cells.map((row) => row[column])].map((cell) => cell.length))
  );
  const isNumber = (column: number) => column > 2;
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, column) =>
      isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])
    );
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    isNumber(column) ? "-".repeat(width - 1) + ":" : "-".repeat(width)
  );
  const list = (start: string, items: readonly string[]) =>
    items.length > 0 ? ` ${start}: ${items.join("; ")}.` : "";
  const absent = rows.filter(({ results }) => !results).map(({ setting }) => setting);
  const lacking = absent.flatMap(({ title, lacks }) => lacks ? `${title} (${lacks})` : []);
  const waiting = absent.flatMap(({ title, lacks }) => lacks ? [] : title);
  const place = `On ${machine.cores} cores, ${machine.architecture}, ${machine.os}.`;
  const missing = list("Not to be had there", lacking) + list("Not run there yet", waiting);
  return [line(head), line(rule), ...cells.map(line)].join("\n") + `\n\n${place}${missing}`;
}
