/** The tests of checks, run here and in a browser: what they find, and what checks say in them. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { program, root } from "../../tools/command.ts";
import { tasks } from "../../tools/mutation/tasks.ts";
import type { Tried } from "../../site/checks/register.ts";
import { notebookOf } from "./made_site.ts";
import { type SiteInBrowser, wordsOf } from "./site_in_browser.ts";

/** They ask for nothing of a check: points of notebooks, and hints by files and environment variables. */
const others = ["engine/points_test.ts", "engine/hint_ladder_test.ts"];

/** The files of tests, by their paths in the project. */
export async function filesOfChecks(folder = "tests/exercises"): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    if (isDirectory) files.push(...await filesOfChecks(`${folder}/${name}`));
    else if (name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
  }
  return files.filter((file) => !others.some((other) => file.endsWith(other))).sort();
}

/** Runs Deno with a text to read; gives what it writes. */
async function run(args: string[], input = ""): Promise<string> {
  const child = new Deno.Command(program("deno"), {
    args: ["run", "--quiet", "--allow-all", "--no-check", ...args],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** The tests of files on native TensorFlow, in a program of its own, by file; cells are what they are on the site. */
export async function triedHere(files: readonly string[]): Promise<Record<string, Tried[]>> {
  const imports = await Deno.makeTempFile({ prefix: "tessera-checks-", suffix: ".json" });
  try {
    await Deno.writeTextFile(imports, JSON.stringify(await importsHere()));
    const program = join(root, "tests", "site", "run_checks.ts");
    const said = await run(["--import-map", imports, program, ...files], await tasksAsJson());
    return JSON.parse(said.split("\n").findLast((line) => line.startsWith("{"))!);
  } finally {
    await Deno.remove(imports);
  }
}

/** What the project's files import, with the site's compiler of cells in the place of the tests' own. */
async function importsHere() {
  const importsIn = async (path: string): Promise<Record<string, string>> =>
    JSON.parse(await Deno.readTextFile(join(root, path))).imports;
  const urlOf = (path: string) => pathToFileURL(join(root, path)).href;
  const own = Object.entries(await importsIn("import_map.json"))
    .map(([name, place]) => [name, place.startsWith("./") ? urlOf(place) : place]);
  const ofSite = await importsIn("site/import_map.json");
  const compiler = { [urlOf("tools/mutation/tasks.ts")]: urlOf("site/checks/tasks.ts") };
  return { imports: { ...ofSite, ...Object.fromEntries(own), ...compiler } };
}

const tasksAsJson = async () => JSON.stringify(await tasks(() => true, { areSure: true }));

/**
 * Puts the tests of files into a site that was made, in a folder of their own, and takes the library away that a
 * kernel loads when it starts: the tests have their own. Gives what undoes both.
 */
export async function bundleChecks(
  site: string,
  files: readonly string[],
): Promise<AsyncDisposable> {
  const library = join(site, "course", "tessera.js");
  const before = await Deno.readTextFile(library);
  const args = ["--frozen", "--config", join(root, "site", "deno.json")];
  const bundler = join(root, "site", "checks", "bundle.ts");
  await run([...args, bundler, join(site, "tests"), ...files], await tasksAsJson());
  await Deno.writeTextFile(library, "export {};\n");
  return {
    async [Symbol.asyncDispose]() {
      await Deno.writeTextFile(library, before);
      await Deno.remove(join(site, "tests"), { recursive: true });
    },
  };
}

/** Opens a notebook whose kernel can run a file's tests. */
export async function openChecks(site: SiteInBrowser): Promise<void> {
  // A cell's own imports are those of a learner.
  const load = `const tests = await new Function("address", "return import(address)")(
    ${JSON.stringify(new URL("tests/checks.js", site.address))});`;
  await site.openNotebook("checks.ipynb", notebookOf([load, "// a file"]));
  await site.runCell(0);
  const [{ outputs }] = await site.cells();
  if (outputs.some(({ ename }) => ename)) throw new Error(wordsOf(outputs));
}

/** A file's tests in the open notebook. */
export async function triedThere(site: SiteInBrowser, file: string): Promise<Tried[]> {
  const cell = `console.log(JSON.stringify(await tests.runFile(${JSON.stringify(file)})))`;
  await site.browser.evaluate(
    `void testedNotebook.content.model.sharedModel.cells[1].setSource(${JSON.stringify(cell)})`,
  );
  await site.runCell(1);
  const [, { outputs }] = await site.cells();
  const said = wordsOf(outputs);
  const line = said.split("\n").findLast((each) => each.startsWith("[{"));
  if (!line) throw new Error(`${file} did not run: ${said.slice(-2000)}`);
  return JSON.parse(line);
}

/** Where the browser finds or says something else than native TensorFlow, in lines. */
export function differences(here: readonly Tried[], there: readonly Tried[]): string[] {
  const lines: string[] = [];
  if (here.length !== there.length) lines.push(`${here.length} tests here, ${there.length} there`);
  for (const [at, { name, problem, said }] of here.entries()) {
    const other = there[at];
    if (!other) break;
    if (problem) lines.push(`${name}: fails here: ${problem}`);
    if (other.problem) lines.push(`${name}: fails there: ${other.problem}`);
    const count = Math.max(said.length, other.said.length);
    for (let each = 0; each < count; each++) {
      const [one, another] = [said[each], other.said[each]].map(inWords);
      if (one !== another) lines.push(`${name}:\n- ${said[each]}\n+ ${other.said[each]}`);
    }
  }
  return lines;
}

/** What may differ in what a check says, and what stands in its place where both are compared. */
const mayDiffer: [pattern: RegExp, same: string][] = [
  // Numbers that were reckoned differ in their last digits from one machine to another,
  [/-?\d+\.\d+(e[-+]?\d+)?|-?\d+e[-+]?\d+/g, "0.0"],
  // and so does the place of the largest of equal ones.
  [/(Largest difference 0\.0 at )\[[\d, ]+\]/g, "$1[…]"],
  // A bundler calls a class that names itself `_Name`.
  [/#<_(?=[A-Z])/g, "#<"],
  // What stands in a test is none of a learner's cell; only here its line is known.
  [/those of (tests\/\S+?:\d+|the operation \w+)/g, "those of a step"],
  // What TensorFlow refuses, which says of what shapes, tfjs's own operations refuse in words of theirs.
  [
    /([\w.]+ fails on (a tensor of shape \[[\d, ]*\]( and )?)*\. TensorFlow says: |Error: Operands could not be broadcast).*$/gm,
    "It is refused.",
  ],
  // Without native TensorFlow a normalisation in training is made of smaller operations.
  [/(does `tf\.\w+`)(, which (\S+) does not| once more than (\S+))\./g, "$1, $3$4 not."],
];

function inWords(said: string | undefined): string | undefined {
  return mayDiffer.reduce((text, [pattern, same]) => text?.replace(pattern, same), said);
}
