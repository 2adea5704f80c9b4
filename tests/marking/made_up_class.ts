/** A class that never was: submissions, results and a gradebook, in a folder of its own. */
import { basename, join } from "node:path";
import { root } from "../../tools/command.ts";
import { exercisesFolder } from "../../tools/homes.ts";
import { type Notebook, notebooksIn, readNotebook } from "../../tools/notebooks.ts";
import { taskOf } from "../../marking/handing_in/missing.ts";
import type { SubmissionResult, TaskResult, Warning } from "../../marking/result.ts";

/** What one learner handed in, and what became of it. */
export interface MadeUp {
  learner: string;
  /** Texts of cells by nbgrader's id. */
  cells?: Record<string, string>;
  /** Checks that failed, with their messages. */
  failed?: Record<string, string>;
  /** Why nothing was graded. */
  notGraded?: string;
  warnings?: Warning[];
  group?: string;
}

/** Writes a class of one unit into `grading`; the gradebook comes with it, which takes some seconds. */
export async function makeClass(
  grading: string,
  unit: string,
  learners: readonly MadeUp[],
  { gradebook = true }: { gradebook?: boolean } = {},
): Promise<void> {
  const notebooks = new Map<string, { path: string; notebook: Notebook }>();
  for (const path of notebooksIn(join(exercisesFolder, unit))) {
    notebooks.set(basename(path, ".ipynb"), { path, notebook: await readNotebook(path) });
  }
  const submissions: Record<string, Record<string, Record<string, number | null>>> = {};
  for (const each of learners) {
    const results: SubmissionResult["notebooks"] = [];
    for (const [name, { notebook: given }] of notebooks) {
      const notebook = structuredClone(given);
      for (const cell of notebook.cells) {
        const id = taskOf(cell)?.grade_id ?? cell.id ?? "";
        if (each.cells?.[id] !== undefined) cell.source = each.cells[id];
      }
      for (const folder of ["submitted", "autograded"]) {
        if (folder === "autograded" && each.notGraded) continue;
        const target = join(grading, folder, each.learner, unit, `${name}.ipynb`);
        await write(target, JSON.stringify(notebook));
      }
      const tasks = each.notGraded ? [] : tasksIn(notebook, given, each);
      results.push({
        ...{
          notebook: name,
          status: { kind: "graded" },
          tasks,
          seconds: 1,
          processorSeconds: 1,
          peakBytes: 1e9,
        },
        warnings: each.warnings ?? [],
      });
      if (each.notGraded) continue;
      (submissions[each.learner] ??= {})[name] = Object.fromEntries(
        tasks.map(({ id, points }) => [id, points]),
      );
    }
    const result: SubmissionResult = {
      ...{ format: 1, unit, learner: each.learner, group: each.group, hints: {}, mode: "full" },
      status: each.notGraded ? { kind: "not graded", reason: each.notGraded } : { kind: "graded" },
      ...{ notebooks: each.notGraded ? [] : results, warnings: [], sandbox: "bubblewrap" },
      ...{ submittedAt: "2026-11-02T10:00:00Z", gradedAt: "2026-11-09T10:00:00Z" },
      ...{
        submissionDigest: "",
        courseDigest: "",
        seconds: 1,
        processorSeconds: 1,
        peakBytes: 1e9,
      },
    };
    await write(join(grading, "results", unit, `${each.learner}.json`), JSON.stringify(result));
  }
  const tasks = [...notebooks].map(([name, { notebook }]) => [
    name,
    notebook.cells.flatMap((cell) => {
      const task = taskOf(cell);
      if (!task) return [];
      const { grade_id, points = 0, grade, solution } = task;
      return [{ task: grade_id, maximum: points, grade, solution, kind: cell.cell_type }];
    }),
  ]);
  if (!gradebook) return;
  await fillGradebook(join(grading, "gradebook.db"), {
    ...{ unit, submissions, notebooks: Object.fromEntries(tasks) },
  });
}

function tasksIn(notebook: Notebook, given: Notebook, { failed = {} }: MadeUp): TaskResult[] {
  return notebook.cells.flatMap((cell, index): TaskResult[] => {
    const task = taskOf(cell);
    if (!task?.grade) return [];
    const { grade_id: id, points: maximum = 0 } = task;
    const shared = { id, maximum, bonusMaximum: 0, bonus: 0 };
    if (task.solution) {
      const isEmpty = String(cell.source) === String(given.cells[index].source);
      const outcome = isEmpty ? "empty" as const : "to read" as const;
      return [{ ...shared, kind: "answer" as const, outcome, points: isEmpty ? 0 : null }];
    }
    const message = failed[id];
    const outcome = message ? "failed" as const : "passed" as const;
    return [{
      ...{ ...shared, kind: "check" as const, outcome, points: message ? 0 : maximum },
      ...message ? { message: `CheckError: ${message}` } : {},
    }];
  });
}

async function fillGradebook(file: string, course: unknown): Promise<void> {
  const child = new Deno.Command(join(root, ".venv", "bin", "python"), {
    args: [join(root, "tests", "marking", "fill_gradebook.py"), file],
    env: { PATH: `${join(root, ".venv", "bin")}:${Deno.env.get("PATH")}` },
    ...{ stdin: "piped", stdout: "null", stderr: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(course)));
  await writer.close();
  const { success, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.writeTextFile(path, text);
}
