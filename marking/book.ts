/** nbgrader's gradebook, read and written by nbgrader's own functions in a program beside this one. */
import { join } from "node:path";
import { CommandError, root } from "../tools/command.ts";
import { sourceFolder } from "../tools/notebooks.ts";
import { linesOf } from "../tools/lines.ts";
import { startPython } from "../tools/python_process.ts";
import type { Learner } from "./class_list.ts";
import { gradingFolder } from "./result.ts";

/** nbgrader's own place for it; in another folder of hand-ins, as tests name one, it lies in there. */
export const gradebookFile = join(
  Deno.env.has("TESSERA_GRADING") ? gradingFolder : root,
  "gradebook.db",
);

/** Points of a task in the gradebook; null where nobody has given any. */
export interface Score {
  notebook: string;
  task: string;
  automatic: number | null;
  manual: number | null;
  /** What was given beyond the maximum. */
  extra: number;
  /** Whether a person has to look at it. */
  waits: boolean;
  maximum: number;
}

export interface Scores {
  /** ISO 8601 in UTC. */
  duedate: string | null;
  submissions: { learner: string; secondsLate: number; penalty: number; tasks: Score[] }[];
}

/** What a learner wrote in answer to a question. */
export interface Answer {
  learner: string;
  text: string;
  automatic: number | null;
  manual: number | null;
  waits: boolean;
  comment: string;
}

/** A question in words, with all answers. Texts are Markdown. */
export interface Question {
  notebook: string;
  task: string;
  points: number;
  question: string;
  sample: string;
  answers: Answer[];
}

/** A gradebook that is open; `await using` closes it. */
export class Book implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #complaints: Promise<string>;
  /** One question at a time, in order. */
  #last: Promise<unknown> = Promise.resolve();

  constructor() {
    this.#process = startPython([
      join(root, "marking", "nbgrader_book.py"),
      ...[join(root, "nbgrader_config.py"), sourceFolder, gradingFolder, gradebookFile],
    ]);
    this.#writer = this.#process.stdin.getWriter();
    this.#lines = linesOf(this.#process.stdout);
    this.#complaints = new Response(this.#process.stderr).text();
  }

  /** Lets nbgrader know the class by name. */
  enrol(list: readonly Learner[]): Promise<void> {
    return this.#ask({
      do: "enrol",
      learners: list.map(({ id, firstName, lastName, email }) => ({
        ...{ id, first_name: firstName, last_name: lastName, email },
      })),
    });
  }

  /** All points of a unit. */
  scores(unit: string): Promise<Scores> {
    return this.#ask({ do: "scores", unit });
  }

  /** The questions in words of a unit, in the order of its notebooks. */
  answers(unit: string): Promise<Question[]> {
    return this.#ask({ do: "answers", unit });
  }

  /** Gives learners a person's points and comment; null takes the points back. */
  give(
    unit: string,
    { notebook, task }: Pick<Question, "notebook" | "task">,
    given: { learners: readonly string[]; points: number | null; comment: string },
  ): Promise<void> {
    return this.#ask({ do: "give", unit, notebook, task, ...given });
  }

  /** HTML of texts in Markdown, without the HTML of their writers. */
  render(texts: readonly string[]): Promise<string[]> {
    return this.#ask({ do: "render", texts });
  }

  #ask<T>(request: Record<string, unknown>): Promise<T> {
    const answer = this.#last.then(async () => {
      await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
      const { value: line } = await this.#lines.next();
      if (line === undefined) {
        throw new CommandError(`nbgrader's gradebook: ${(await this.#complaints).trim()}`);
      }
      const { value, error } = JSON.parse(line) as { value: T; error?: string };
      if (error !== undefined) throw new CommandError(`nbgrader's gradebook: ${error}`);
      return value;
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    await this.#writer.close().catch(() => {}); // it has ended by itself
    await this.#lines.return(undefined);
    await this.#process.status;
    await this.#complaints;
  }
}
