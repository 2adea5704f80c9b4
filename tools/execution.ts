/** Runs a notebook without a window, and shows how far it is. */
import { dirname } from "node:path";
import { unlessClosed } from "../lib/platform/output.ts";
import { endSignals, onSignals, type Signal, warning } from "../lib/platform/signals.ts";
import { clock, lastingCommand, program, root } from "./command.ts";
import { environmentOf, homeOf } from "./homes.ts";
import { linesOf } from "./lines.ts";

/** What `execute.py` says, a line each. */
type Event =
  | { cell: number; of: number }
  | { printed: string }
  | { failed: number; message: string }
  | { died: string }
  /** Why the notebook, or a kernel for it, could not be had. */
  | { refused: string }
  | { written: true }
  | { unwritten: string };

/** How far a notebook ran: to its end, where nothing else is said. */
export interface Execution {
  failure?: Failure;
  /** What asked the program to end. */
  endedBy?: Signal;
  /** Why it did not run at all. */
  refused?: string;
  /** Why the executed copy is not what ran. */
  unwritten?: string;
}

/** Why a notebook stopped: in which cell (from 1), and the error as the kernel told it. */
export interface Failure {
  cell: number;
  message: string;
}

export const isTerminal = Deno.stderr.isTerminal();

/** The one line that changes while a notebook runs; nothing where output is no terminal. */
function showStatus(text: string): void {
  if (!isTerminal) return;
  unlessClosed(() => {
    const { columns } = Deno.consoleSize();
    Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text.slice(0, columns - 1)}`));
  });
}

/**
 * Runs a notebook in its own folder and writes the executed copy. With `goOn` a cell that fails stops
 * nothing, as in grading. Ctrl-C and its like end it in order: a training in it saves.
 */
export async function execute(
  notebook: string,
  copy: string,
  { name, goOn = false }: { name: string; goOn?: boolean },
): Promise<Execution> {
  await Deno.mkdir(dirname(copy), { recursive: true });
  const started = performance.now();
  let cell = 0, count = 0, printed = "";
  const execution: Execution = {};
  const showProgress = () => {
    const elapsed = clock(performance.now() - started);
    showStatus(`  ${name}: cell ${cell} of ${count}, ${elapsed}  ${printed}`);
  };
  const timer = setInterval(showProgress, 1000);
  const child = lastingCommand(program("python"), {
    args: [`${root}/tools/execute.py`, notebook, copy, ...(goOn ? ["go-on"] : [])],
    // Headless also where Jupyter's or VS Code's terminal started this.
    env: { ...environmentOf(homeOf(notebook)), TESSERA_HEADLESS: "1" },
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C, which goes to all that a terminal runs, would reach it twice.
    detached: true,
  }).spawn();
  const endListening = onSignals([...endSignals, warning], (signal) => {
    if (signal !== warning) execution.endedBy ??= signal;
    else if (count === 0) return; // nothing runs yet that could save, and nobody listens
    try {
      child.kill(signal);
    } catch {
      // It has just ended.
    }
  });
  const complaints = new Response(child.stderr).text();
  for await (const line of linesOf(child.stdout)) {
    const event: Event = JSON.parse(line);
    if ("cell" in event) {
      ({ cell, of: count } = event);
      printed = "";
    } else if ("printed" in event) {
      printed = event.printed.trimEnd().split("\n").at(-1)!;
    } else if ("failed" in event) {
      execution.failure = { cell: event.failed, message: event.message };
    } else if ("died" in event) {
      execution.failure = { cell, message: `The kernel ended by itself (${event.died}).` };
    } else if ("refused" in event) {
      execution.refused = event.refused;
    } else {
      execution.unwritten = "unwritten" in event ? event.unwritten : undefined;
    }
    showProgress();
  }
  clearInterval(timer);
  showStatus("");
  const { success } = await child.status;
  endListening();
  const { failure, endedBy, refused, unwritten } = execution;
  if (success) return { endedBy };
  if (failure || endedBy || refused || unwritten) return execution;
  const reason = (await complaints).trim().split("\n").at(-1) || "it gives no reason";
  const message = `The program that runs notebooks ended: ${reason}`;
  return { failure: { cell, message }, unwritten: "nothing of it was written" };
}
