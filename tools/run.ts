/**
 * `./tessera run NOTEBOOK…`: runs notebooks from top to bottom without a window. Each leaves its
 * executed copy and a PDF in `out/`; a cell that fails ends its notebook and is shown.
 */
import { dirname } from "node:path";
import { endSignals, exitCodeOf, onSignals, type Signal } from "../lib/platform/signals.ts";
import { clock, CommandError, runCommand, shown } from "./command.ts";
import { execute, type Failure, isTerminal } from "./execution.ts";
import { homeOf, madeIn } from "./homes.ts";
import { keepSnapshot } from "./learner/snapshots.ts";
import { otherLanguage } from "./notebook_format.ts";
import { findNotebooks, outputPath, readNotebook, textOf, unitNames } from "./notebooks.ts";
import { makePdf } from "./pdf.ts";

/** Why a file cannot be run here; undefined where it can. */
async function whyNotRun(notebook: string): Promise<string | undefined> {
  try {
    const language = otherLanguage((await readNotebook(notebook)).metadata);
    return language &&
      `${shown(notebook)} is a notebook in ${language}; here notebooks run in Deno.`;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

/** The failed cell's source and the error, indented under the notebook's line. */
async function explain(notebook: string, failure: Failure): Promise<string> {
  const cell = (await readNotebook(notebook)).cells[failure.cell - 1];
  const source = cell === undefined ? "" : textOf(cell);
  const sourceLines = source.split("\n");
  const excerpt = sourceLines.slice(0, 12).map((line, index) => `${index + 1} | ${line}`);
  if (sourceLines.length > 12) excerpt.push("… (the cell goes on)");
  // Without colours where the output is a file or a pipe.
  // deno-lint-ignore no-control-regex
  const message = isTerminal ? failure.message : failure.message.replace(/\x1b\[[\d;]*m/g, "");
  return [...excerpt, "", ...message.split("\n")].map((line) => `    ${line}`).join("\n");
}

async function main(args: string[]): Promise<number> {
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown) throw new CommandError(`run takes notebooks and no option "${unknown}".`, 2);
  if (args.length === 0) {
    throw new CommandError(
      `run needs a notebook, a folder or a unit: ./tessera run ${unitNames()[0] ?? "NOTEBOOK"}`,
      2,
    );
  }
  const notebooks = [...new Set(args.flatMap((name) => findNotebooks(name, "solved")))];
  let failures = 0;
  let endedBy: Signal | undefined;
  onSignals(endSignals, (signal) => void (endedBy ??= signal));
  for (const [index, notebook] of notebooks.entries()) {
    const name = shown(notebook);
    console.error(`[${index + 1}/${notebooks.length}] ${name} …`);
    const started = performance.now();
    const problem = await whyNotRun(notebook);
    if (problem) {
      failures++;
      console.error(`tessera: ${problem}`);
      continue;
    }
    await keepSnapshot(notebook);
    const copy = outputPath(notebook);
    const pdf = copy.replace(/\.ipynb$/, ".pdf");
    const made = madeIn(homeOf(notebook));
    for (const path of [copy, pdf]) {
      const kept = await made.makeRoom(path);
      if (kept) console.error(`  ${shown(path)} had been changed: kept as ${shown(kept)}`);
    }
    await Deno.remove(pdf).catch(() => {}); // of an earlier run, which a failure must not leave
    if (endedBy) return exitCodeOf(endedBy);
    const { failure, refused, unwritten } = await execute(notebook, copy, { name });
    await made.note(copy);
    const elapsed = clock(performance.now() - started);
    const left = unwritten ?? `what ran until then is in ${shown(copy)}`;
    if (endedBy) {
      console.error(`  stopped after ${elapsed}; ${left}`);
      return exitCodeOf(endedBy);
    }
    if (refused) {
      failures++;
      console.error(`  ${name} was not run: ${refused}`);
      continue;
    }
    if (failure) {
      failures++;
      console.error(`  failed in cell ${failure.cell} after ${elapsed}:`);
      console.error(await explain(notebook, failure));
      console.error(`  ${left}`);
      continue;
    }
    if (unwritten) {
      failures++;
      console.error(`  ran in ${elapsed}, but ${unwritten}`);
      continue;
    }
    console.error(`  ran in ${elapsed}: ${shown(copy)}`);
    try {
      await makePdf(copy, pdf, dirname(notebook));
      await made.note(pdf);
      console.error(`  PDF: ${shown(pdf)}`);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      failures++;
      console.error(`  ${error.message}`);
    }
  }
  if (notebooks.length > 1) {
    console.error(`${notebooks.length - failures} of ${notebooks.length} notebooks ran through.`);
  }
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
