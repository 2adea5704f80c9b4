/**
 * `./tessera test [FILE…]`: runs the tests, or those in the files and folders named (`nn` is short
 * for `tests/nn`), in two lanes at once where there is room, or in as many as `--lanes=N` says. Other options,
 * such as `--filter "dropout"`, go to `deno test`. With `--settings` it runs them in every setting that the
 * processor has, with `--again` what failed so once more, with `--fallback` on the backend that takes TensorFlow's place.
 */
import { join } from "node:path";
import { CommandError, foreground, runCommand } from "./command.ts";
import { settingVariables } from "./processor_settings.ts";
import { withTemporaryFolder } from "./temporary_folder.ts";
import { testOnFallback } from "./test_fallback.ts";
import { filesThatTrain, findTests, testFiles } from "./test_files.ts";
import { expectedInLanes, type LaneResults, lanesFor, testInLanes } from "./test_lanes.ts";
import { noteSeconds, readReport, roughly } from "./test_results.ts";
import { noteAsItComes, testAgain, testInSettings } from "./test_settings.ts";

/** Options of `deno test` whose value is the next argument. */
const optionsWithValue = ["--filter", "--shuffle", "--reporter", "--junit-path", "--coverage"];

interface Arguments {
  options: string[];
  files: string[];
  /** As many as somebody asks for. */
  lanes?: number;
  settings?: string[];
  again: boolean;
  fallback: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const found: Arguments = { options: [], files: [], again: false, fallback: false };
  const named: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    const settings = /^--settings(?:=(.*))?$/.exec(arg);
    if (settings) found.settings = settings[1]?.split(",") ?? [];
    else if (arg === "--again") found.again = true;
    else if (arg === "--fallback") found.fallback = true;
    else if (/^--lanes\b/.test(arg)) found.lanes = readLanes(arg);
    else if (!arg.startsWith("-")) named.push(findTests(arg));
    else if (optionsWithValue.includes(arg)) found.options.push(arg, args[++index] ?? "");
    else found.options.push(arg);
  }
  if ((found.settings || found.fallback || found.lanes) && found.options.length > 0) {
    const others = "--settings, --fallback or --lanes";
    throw new CommandError(`test takes no ${found.options[0]} beside ${others}.`, 2);
  }
  if (found.again && (!found.settings || named.length > 0)) {
    throw new CommandError(
      "--again goes with --settings, and takes no files: it knows what failed.",
      2,
    );
  }
  found.files = named.length > 0 ? [...new Set(named.flatMap(testFiles))] : testFiles();
  return found;
}

function readLanes(arg: string): number {
  const lanes = Number(/^--lanes=(\d+)$/.exec(arg)?.[1] ?? 0);
  if (lanes >= 1) return lanes;
  throw new CommandError(`"${arg}": --lanes=N takes a whole number from 1.`, 2);
}

/** Runs the tests once, with their progress on the terminal. */
async function testOnce(files: readonly string[], lanes: number): Promise<number> {
  const seconds = expectedInLanes(files, lanes);
  if (seconds > 5) {
    const count = files.length === 1 ? "1 file" : `${files.length} files`;
    const where = lanes === 1 ? "" : ` in ${lanes} lanes`;
    console.error(
      `Tests in ${count}${where}: about ${roughly(seconds)}, longer where the machine is busy.`,
    );
  }
  const begun = performance.now();
  const results = lanes === 1
    ? await testAtOnce(files)
    : await testInLanes(files, { lanes, print: (text) => console.log(text) });
  if (settingVariables.every((name) => !Deno.env.get(name))) {
    noteSeconds(results.secondsOfFile);
    const took = (performance.now() - begun) / 1000;
    if (isWhole(files) && !results.signal) await noteAsItComes(results, took);
  }
  return results.code;
}

/** Whether these are all of the tests. */
function isWhole(files: readonly string[]): boolean {
  return files.length === testFiles().length;
}

/** Runs the tests in one program, whose output appears while it runs. */
async function testAtOnce(files: readonly string[]): Promise<LaneResults> {
  return await withTemporaryFolder("test", async (folder) => {
    const report = join(folder, "report.xml");
    const code = await denoTest(`--junit-path=${report}`, ...files);
    return { code, ...readReport(await Deno.readTextFile(report)) };
  });
}

function denoTest(...args: string[]): Promise<number> {
  // Types are `./tessera check`'s business, so that tests start at once.
  return foreground("deno", ["test", "--quiet", "--allow-all", "--no-check", ...args]);
}

async function main(args: string[]): Promise<number> {
  const read = readArguments(args), { settings, files, options } = read;
  if (read.again) return await testAgain(settings ?? []);
  if (read.fallback) return await testOnFallback(read.lanes);
  const lanes = read.lanes ?? lanesFor(files);
  if (options.length > 0) return await denoTest(...options, ...files);
  if (settings === undefined) return await testOnce(files, lanes);
  const training = filesThatTrain(files);
  const request = { names: settings, files, training, isWhole: isWhole(files), lanes };
  return await testInSettings(request);
}

if (import.meta.main) await runCommand(main);
