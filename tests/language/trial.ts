/**
 * The long trial of help while one types, `deno task typing`: all cells of learners typed key by key in
 * JupyterLab, at rest and beside other work; then what the language service costs, which goes into
 * docs/editor.md. `--costs` does the latter alone.
 */
import { join } from "node:path";
import { runCommand } from "../../tools/command.ts";
import { writeMarkedSection } from "../../tools/marked_section.ts";
import { notebooksIn, readNotebook } from "../../tools/notebooks.ts";
import { findChromium } from "../chromium.ts";
import { Lab } from "../lab.ts";
import { Client, codeOf, sent } from "./client.ts";
import { withHome } from "./home.ts";
import { openForTyping, typeAndLook } from "./in_lab.ts";
import { typedCells } from "./learners_cells.ts";
import { computingSecondsOf, memoryOf, processesOf } from "./processes.ts";

const section = { page: "docs/editor.md", name: "costs", command: "deno task typing" };

/** Types all cells; gives how many were not as they should be. */
async function typeAll(chromium: string): Promise<number> {
  await using lab = await Lab.start(chromium);
  const typist = await openForTyping(lab);
  let failures = 0;
  for (const each of typedCells) {
    try {
      await typeAndLook(typist, each);
    } catch (error) {
      failures++;
      console.error(`FAILED ${(error as Error).message}\n`);
    }
  }
  console.error(`${typedCells.length - failures} of ${typedCells.length} cells as they should be`);
  return failures;
}

/** Programs that keep so many cores busy, until they are disposed. */
function load(count: number): Disposable {
  const busy = Array.from(
    { length: count },
    () => new Deno.Command("sh", { args: ["-c", "while :; do :; done"], stdin: "null" }).spawn(),
  );
  return { [Symbol.dispose]: () => busy.forEach((each) => each.kill("SIGKILL")) };
}

/** The middle of what a call takes, in milliseconds. */
async function median(count: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await call(index);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(count / 2)];
}

async function costsIn(home: string): Promise<string> {
  const rows: [string, string][] = [];
  const ms = (value: number) => `${Math.round(value)} ms`;
  await using client = await Client.start(home);
  const notebooks = notebooksIn(home);
  const first = notebooks.find((path) => path.includes("/unit1/"))!.slice(home.length + 1);
  const cells = codeOf(await readNotebook(join(home, first)));
  const open = async (path: string) =>
    await client.open(path, sent(codeOf(await readNotebook(join(home, path)))));
  await open(first);
  const line = cells[0].split("\n").findIndex((each) => each.startsWith("import * as tf"));
  const atTf = { line, character: 12 };
  const started = performance.now();
  await client.hover(first, atTf);
  const seconds = (performance.now() - started) / 1000;
  const { service, server } = processesOf(client.socket);
  const computed = computingSecondsOf(service!) + computingSecondsOf(server!);
  rows.push([
    "first answer, from nothing",
    `${seconds.toFixed(1)} s, with ${computed.toFixed(1)} s of a core's time`,
  ]);
  rows.push(["types at a name", ms(await median(21, () => client.hover(first, atTf)))]);
  const typed = sent([...cells, "const probe = tf.zeros([2]);\nprobe."]);
  await client.change(first, typed);
  const last = typed.split("\n").length - 2;
  const atMember = { line: last, character: 6 };
  await client.names(first, atMember);
  rows.push(["names behind a dot", ms(await median(21, () => client.names(first, atMember)))]);
  const atNamespace = { line: last - 1, character: 17 };
  rows.push(["names behind `tf.`", ms(await median(21, () => client.names(first, atNamespace)))]);
  const atCall = { line: last - 1, character: 23 };
  const signature = () => client.ask("signatureHelp", first, atCall);
  rows.push(["what a call takes", ms(await median(21, signature))]);
  const afterChange = async (index: number) => {
    await client.change(first, sent([...cells, `const probe${index} = tf.zeros([2]);`]));
    await client.hover(first, atTf);
  };
  rows.push(["types at a name, right after a change", ms(await median(9, afterChange))]);
  const marks = async (index: number) => {
    const name = `undeclared_${index}`;
    await client.change(first, sent([...cells, `${name};`]));
    await client.problems(first, name);
  };
  rows.push(["marks, from the last key", ms(await median(9, marks))]);
  const memory = (what: string) => {
    const { service, server } = processesOf(client.socket);
    const [all, own] = [server!, service!].map(memoryOf);
    rows.push([`memory with ${what}`, `${all} MB, and ${own} MB of the service's own`]);
  };
  memory("one notebook");
  for (const path of notebooks) {
    const name = path.slice(home.length + 1);
    if (name !== first) await open(name);
    await client.hover(name, { line: 0, character: 3 });
  }
  memory(`all ${notebooks.length} notebooks in turn`);
  const table = [["", ""], ["---", "---"], ...rows].map((row) => `| ${row.join(" | ")} |`);
  const where =
    `On ${navigator.hardwareConcurrency} cores, ${Deno.build.arch}, ${Deno.build.os}, ` +
    `with a load of ${Deno.loadavg()[0].toFixed(1)}; medians, without the editor's own delays.`;
  return `${table.join("\n")}\n\n${where}`;
}

async function main(args: string[]): Promise<number> {
  let failures = 0;
  if (!args.includes("--costs")) {
    const chromium = findChromium();
    if (!chromium) throw new Error("There is no Chromium here to type in.");
    failures += await typeAll(chromium);
    using _ = load(4);
    failures += await typeAll(chromium);
  }
  await writeMarkedSection(section, await withHome(costsIn));
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
