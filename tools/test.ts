/**
 * `./tessera test [FILE…]`: runs the tests, or those in the files and folders named (`nn` is short
 * for `tests/nn`). Options, such as `--filter "dropout"`, go to `deno test`. With `--settings` it runs them
 * in every setting that the processor has, with `--fallback` on the backend that takes TensorFlow's place.
 */
import { CommandError, foreground, runCommand } from "./command.ts";
import { settingVariables } from "./processor_settings.ts";
import { testOnFallback } from "./test_fallback.ts";
import { filesThatTrain, findTests, testFiles } from "./test_files.ts";
import { expectedSeconds, noteSeconds, readReport, roughly } from "./test_results.ts";
import { testInSettings } from "./test_settings.ts";

/** Options of `deno test` whose value is the next argument. */
const optionsWithValue = ["--filter", "--shuffle", "--reporter", "--junit-path", "--coverage"];

interface Arguments {
  options: string[];
  files: string[];
  settings?: string[];
  fallback: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  const found: Arguments = { options: [], files: [], fallback: false };
  const named: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    const settings = /^--settings(?:=(.*))?$/.exec(arg);
    if (settings) found.settings = settings[1]?.split(",") ?? [];
    else if (arg === "--fallback") found.fallback = true;
    else if (!arg.startsWith("-")) named.push(findTests(arg));
    else if (optionsWithValue.includes(arg)) found.options.push(arg, args[++index] ?? "");
    else found.options.push(arg);
  }
  if ((found.settings || found.fallback) && found.options.length > 0) {
    throw new CommandError(`test takes no ${found.options[0]} beside --settings or --fallback.`, 2);
  }
  found.files = named.length > 0 ? [...new Set(named.flatMap(testFiles))] : testFiles();
  return found;
}

/** Runs the tests once, with their progress on the terminal. */
async function testOnce(files: readonly string[], options: readonly string[]): Promise<number> {
  const seconds = expectedSeconds(files);
  const isWhole = options.length === 0;
  if (isWhole && seconds > 5) {
    const count = files.length === 1 ? "1 file" : `${files.length} files`;
    console.error(
      `Tests in ${count}: about ${roughly(seconds)}, longer where the machine is busy.`,
    );
  }
  const report = await Deno.makeTempFile({ prefix: "tessera-test-" });
  try {
    const reported = options.includes("--junit-path") ? [] : [`--junit-path=${report}`];
    // Types are `./tessera check`'s business, so that tests start at once.
    const code = await foreground("deno", [
      ...["test", "--quiet", "--allow-all", "--no-check"],
      ...[...reported, ...options, ...files],
    ]);
    const usual = settingVariables.every((name) => !Deno.env.get(name));
    if (isWhole && usual) noteSeconds(readReport(await Deno.readTextFile(report)).secondsOfFile);
    return code;
  } finally {
    await Deno.remove(report);
  }
}

async function main(args: string[]): Promise<number> {
  const { settings, fallback, files, options } = readArguments(args);
  if (fallback) return await testOnFallback();
  if (settings === undefined) return await testOnce(files, options);
  const isWhole = files.length === testFiles().length;
  return await testInSettings({ names: settings, files, training: filesThatTrain(files), isWhole });
}

if (import.meta.main) await runCommand(main);
