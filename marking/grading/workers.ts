/** Python programs that grade (`python/tessera_grading/worker.py`), several at once. */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { linesOf } from "../../tools/lines.ts";
import { startPython } from "../../tools/python_process.ts";
import type { SubmissionResult } from "../result.ts";

/** What is to be done with a submission: graded; graded without letting it count; made to count. */
export type Task = { learner: string; do: "grade" | "hold" | "apply"; again?: boolean };

/** What a worker tells, a line each. */
export type Event =
  | { ready: true }
  | { running: string; notebook: string; cell: number; of: number }
  | { unchanged: string }
  | { graded: string; result: SubmissionResult }
  | { failed: string; why: string };

export interface WorkOptions {
  unit: string;
  /** How many workers there are. */
  jobs: number;
  /** For the workers, and the kernels that they start. */
  env: Record<string, string>;
  onEvent: (event: Event) => void;
  /** Ends what runs; what is done stays. */
  signal?: AbortSignal;
}

/** Does tasks, each by the next worker that is free. Throws with a worker's words where one cannot start. */
export async function work(tasks: readonly Task[], options: WorkOptions): Promise<void> {
  const waiting = [...tasks];
  const count = Math.min(options.jobs, tasks.length);
  await Promise.all(Array.from({ length: count }, () => runWorker(waiting, options)));
}

async function runWorker(waiting: Task[], options: WorkOptions): Promise<void> {
  const { unit, env, onEvent, signal } = options;
  const child = startPython(["-m", "tessera_grading.worker", unit], {
    cwd: root,
    env: { ...env, PYTHONPATH: join(root, "python") },
    isApart: true,
  });
  const end = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", end);
  const complaints = new Response(child.stderr).text();
  const input = child.stdin.getWriter();
  let current: Task | undefined;
  const giveNext = async () => {
    current = signal?.aborted ? undefined : waiting.shift();
    const line = current && new TextEncoder().encode(`${JSON.stringify(current)}\n`);
    await (line ? input.write(line) : input.close()).catch(() => {});
  };
  for await (const line of linesOf(child.stdout)) {
    const event: Event = JSON.parse(line);
    if (!("ready" in event)) onEvent(event);
    if (!("running" in event)) await giveNext();
  }
  const { success } = await child.status;
  signal?.removeEventListener("abort", end);
  if (success || signal?.aborted) return;
  const why = (await complaints).trim().split("\n").at(-1) ?? "";
  if (!current) throw new Error(why);
  // It ended in the midst of one: that one is told of, and the others go on with another worker.
  onEvent({ failed: current.learner, why: `the program that grades ended (${why})` });
  if (waiting.length > 0) await runWorker(waiting, options);
}
