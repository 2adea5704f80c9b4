/** The files of the tests, by the names that a user gives them. */
import { relative, resolve } from "node:path";
import { callerFolder, CommandError, root, suggestion } from "./command.ts";

/** All test files in a folder of the project, or the file itself, as paths from the project's folder. */
export function testFiles(place = "tests"): string[] {
  const path = resolve(root, place);
  if (Deno.statSync(path).isFile) return [relative(root, path)];
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    const inside = `${relative(root, path)}/${name}`;
    // What others wrote is run by `./tessera specs`.
    if (isDirectory) found.push(...name === "third_party" ? [] : testFiles(inside));
    else if (name.endsWith("_test.ts")) found.push(inside);
  }
  return found.sort();
}

/** The file or folder of tests that a user means. Throws a CommandError where there is none. */
export function findTests(name: string): string {
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
  const files = testFiles().map((file) => file.replace("tests/", ""));
  const folders = [...new Set(files.map((file) => file.split("/").slice(0, -1).join("/")))]
    .filter((folder) => folder !== "");
  throw new CommandError(
    `there is no test file or folder "${name}".${suggestion(name, [...files, ...folders])}`,
    2,
  );
}

/** The files whose tests train: from a seed that another setting may change, or the small network's. */
export function filesThatTrain(files: readonly string[]): string[] {
  return files.filter((file) =>
    /\bseedFrom\(|\bSmallNet\b/.test(Deno.readTextFileSync(resolve(root, file)))
  );
}
