/** Shows how far grading is: a line for each submission, and the time that is left. */
import { clock } from "../../tools/command.ts";
import { printable } from "../printable.ts";
import { sumOf, tasksOf } from "../result.ts";
import type { SubmissionResult } from "../result.ts";
import type { Event } from "./workers.ts";

const isTerminal = Deno.stderr.isTerminal();

export class Progress {
  readonly #count: number;
  readonly #jobs: number;
  readonly #started = performance.now();
  readonly #running = new Map<string, string>();
  #done = 0;
  #graded = 0;

  constructor(count: number, jobs: number) {
    this.#count = count;
    this.#jobs = jobs;
  }

  take(event: Event): void {
    if ("running" in event) {
      this.#running.set(event.running, `${event.running} ${event.cell}/${event.of}`);
    } else if ("graded" in event) {
      this.#running.delete(event.graded);
      this.#graded++;
      this.#line(describeResult(event.result));
    } else if ("failed" in event) {
      this.#running.delete(event.failed);
      this.#line(`${event.failed}: not graded: ${event.why}`);
    } else if ("unchanged" in event) {
      this.#done++;
    }
    this.#show();
  }

  /** Takes the changing line away. */
  end(): void {
    if (isTerminal) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
  }

  #line(text: string): void {
    this.#done++;
    this.end();
    console.error(
      `[${this.#done}/${this.#count}] ${printable(text)}${isTerminal ? "" : this.#left()}`,
    );
  }

  /** By the time that those so far have taken; nothing as long as none is done. */
  #left(): string {
    const remaining = this.#count - this.#done;
    if (this.#graded < Math.min(this.#jobs, 2) || remaining === 0) return "";
    const each = (performance.now() - this.#started) / this.#graded;
    return `; about ${clock(each * remaining)} left`;
  }

  #show(): void {
    if (!isTerminal) return;
    const { columns } = Deno.consoleSize();
    const text = `  ${this.#done} of ${this.#count}${this.#left()}; ${
      [...this.#running.values()].join(", ")
    }`;
    Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${text.slice(0, columns - 1)}`));
  }
}

/** One line about a submission. */
export function describeResult(result: SubmissionResult): string {
  const { learner, status, seconds } = result;
  if (status.kind === "not graded") return `${learner}: not graded: ${status.reason}`;
  const { points, maximum } = sumOf(result);
  const tasks = tasksOf(result);
  const bonus = tasks.reduce((sum, task) => sum + (task.bonus ?? 0), 0);
  const parts = [`${points} of ${maximum} points${bonus > 0 ? ` (${bonus} of them bonus)` : ""}`];
  const answers = tasks.filter(({ outcome }) => outcome === "to read").length;
  if (answers > 0) parts.push(`${answers} ${answers === 1 ? "answer" : "answers"} to read`);
  const open = tasks.filter(({ outcome }) => outcome === "not graded").length;
  if (open > 0) parts.push(`${open} not graded`);
  return `${learner}: ${parts.join(", ")} (${clock(1000 * seconds)})`;
}
