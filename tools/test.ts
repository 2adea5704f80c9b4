/**
 * `./tessera test [FILE…]`: runs the tests, or those in the files and folders named (`nn` is short
 * for `tests/nn`). Options, such as `--filter "dropout"`, go to `deno test`.
 */
import { resolve } from "node:path";
import { callerFolder, CommandError, foreground, root, runCommand, suggestion } from "./command.ts";

/** All test files below a folder, as paths from the project's folder. */
function testFiles(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(resolve(root, folder))) {
    const path = `${folder}/${name}`;
    if (name === "third_party") continue; // `./tessera specs` runs those
    if (isDirectory) found.push(...testFiles(path));
    else if (name.endsWith("_test.ts")) found.push(path);
  }
  return found.sort();
}

/** The file or folder of tests that a user means. */
function findTests(name: string): string {
  const names = [
    // In tests/ first: `playground` is their test, not the folder of that name.
    resolve(root, "tests", `${name}_test.ts`),
    resolve(root, "tests", `${name}.ts`),
    resolve(root, "tests", name),
    resolve(callerFolder, name),
    resolve(root, name),
  ];
  const path = names.find((each) => {
    try {
      return Deno.statSync(each) !== undefined;
    } catch {
      return false;
    }
  });
  if (path) return path;
  const files = testFiles("tests").map((file) => file.replace("tests/", ""));
  const folders = [...new Set(files.map((file) => file.split("/").slice(0, -1).join("/")))]
    .filter((folder) => folder !== "");
  throw new CommandError(
    `there is no test file or folder "${name}".${suggestion(name, [...files, ...folders])}`,
    2,
  );
}

function main(args: string[]): Promise<number> {
  const options: string[] = [];
  const paths: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index];
    if (!arg.startsWith("-")) paths.push(findTests(arg));
    else if (arg === "--filter") options.push(arg, args[++index] ?? "");
    else options.push(arg);
  }
  // Types are `./tessera check`'s business, so that tests start at once.
  const files = paths.length > 0 ? paths : ["tests/"];
  return foreground("deno", ["test", "--quiet", "--allow-all", "--no-check", ...options, ...files]);
}

if (import.meta.main) await runCommand(main);
