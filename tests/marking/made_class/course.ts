/**
 * A course of three units whose notebooks end before anything is trained, so that a class can be graded in
 * minutes; and the notebooks that its learners hand in when they have solved everything.
 */
import { join } from "node:path";
import { root } from "../../../tools/command.ts";
import { type Cell, type Notebook, readNotebook, textOf } from "../../../tools/notebooks.ts";
import { type Installation, makeInstallation } from "../../places/installation.ts";

/** Each unit's one notebook, and the check after which it ends. */
const cuts: Record<string, [notebook: string, last: string]> = {
  unit1: ["vision_transformer_mnist", "check-model"],
  unit3: ["self_attention_and_vit", "check-forward"],
  unit5: ["3_crossvit", "check-rounds"],
};

/** A cell with points or a solution. */
export interface Task {
  /** nbgrader's name of it. */
  id: string;
  kind: "solution" | "check" | "answer";
  points: number;
  /** Of a solution the checks about it, of a check its solution. */
  about: string[];
}

/** A unit as the class gets it. */
export interface Unit {
  unit: string;
  notebook: string;
  tasks: Task[];
  /** What a learner has who has solved all. */
  solved: Notebook;
  /** What they were handed out. */
  released: Notebook;
}

export interface MadeCourse extends AsyncDisposable {
  installation: Installation;
  units: Unit[];
}

/** Makes the course in an installation of its own, where it is graded; of `whole` units all cells. */
export async function makeCourse(whole: readonly string[] = []): Promise<MadeCourse> {
  const installation = await makeInstallation(["notebooks", "nbgrader_config.py"]);
  for (const part of ["docs", "checkpoints"]) { // which learners get besides
    await Deno.symlink(join(root, part), join(installation.folder, part));
  }
  const units: Unit[] = [];
  for (const [unit, [notebook, last]] of Object.entries(cuts)) {
    const [source, released] = await Promise.all(
      ["source", "exercises"].map((each) =>
        readNotebook(join(root, "notebooks", each, unit, `${notebook}.ipynb`))
      ),
    );
    if (!whole.includes(unit)) [source, released].forEach((each) => cut(each, last));
    units.push(unitOf(unit, notebook, source, released));
    for (const [folder, made] of [["source", source], ["exercises", released]] as const) {
      const place = join(installation.folder, "notebooks", folder, unit);
      for (const entry of [...Deno.readDirSync(place)]) {
        if (entry.name.endsWith(".ipynb")) await Deno.remove(join(place, entry.name));
      }
      await Deno.writeTextFile(join(place, `${notebook}.ipynb`), JSON.stringify(made));
    }
  }
  for (const folder of ["source", "exercises"]) {
    const place = join(installation.folder, "notebooks", folder);
    for (const entry of [...Deno.readDirSync(place)]) {
      if (!(entry.name in cuts)) await Deno.remove(join(place, entry.name), { recursive: true });
    }
  }
  return { installation, units, [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose]() };
}

function cut(notebook: Notebook, last: string): void {
  const end = notebook.cells.findIndex((cell) => idOf(cell) === last);
  notebook.cells.splice(end + 1);
}

/** nbgrader's name of a cell. */
export function idOf(cell: Cell): string | undefined {
  return (cell.metadata.nbgrader as { grade_id?: string } | undefined)?.grade_id;
}

function unitOf(unit: string, notebook: string, source: Notebook, released: Notebook): Unit {
  const tasks: Task[] = [];
  let solution: Task | undefined;
  for (const cell of source.cells) {
    const nbgrader = cell.metadata.nbgrader as
      | { grade: boolean; solution: boolean; points?: number }
      | undefined;
    const id = idOf(cell);
    if (!nbgrader || !id) continue;
    const points = nbgrader.points ?? 0;
    if (nbgrader.solution && nbgrader.grade) tasks.push({ id, kind: "answer", points, about: [] });
    else if (nbgrader.solution) {
      tasks.push(solution = { id, kind: "solution", points: 0, about: [] });
    } else if (nbgrader.grade) {
      tasks.push({ id, kind: "check", points, about: solution ? [solution.id] : [] });
      solution?.about.push(id);
    }
  }
  return { unit, notebook, tasks, solved: solvedWith(released, source), released };
}

/** What a learner has who has solved all: a notebook as it is handed out, with the course's solutions. */
export function solvedWith(released: Notebook, source: Notebook): Notebook {
  const texts = new Map(source.cells.map((cell) => [cell.id, textOf(cell)]));
  const solved = structuredClone(released);
  for (const cell of solved.cells) {
    const isTask = (cell.metadata.nbgrader as { solution?: boolean } | undefined)?.solution;
    if (isTask) {
      cell.source = texts.get(cell.id)!.replace(/^ *\/\/ (BEGIN|END) SOLUTION\n/gm, "");
    }
  }
  return solved;
}
