/** Made-up submissions of a class, and what grading has to find out about each. */
import { join } from "node:path";
import type { SubmissionResult } from "../../../marking/result.ts";
import { tasksOf } from "../../../marking/result.ts";
import type { Notebook } from "../../../tools/notebooks.ts";
import type { Installation } from "../../places/installation.ts";
import type { Unit } from "./course.ts";
import { type Draft, type Kind } from "./kinds.ts";

/** A learner, with what was made of their solution. */
export interface Member {
  learner: string;
  unit: Unit;
  draft: Draft;
  kinds: string[];
  /** The group that hands in together, where there is one. */
  group?: string;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ state >>> 15, 1 | state);
    mixed = (mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed)) ^ mixed;
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}

/** Draws an element. */
export function draw<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)];
}

/** Solves a unit and lets kinds change that, each about a solution that is drawn. */
export function makeMember(
  learner: string,
  unit: Unit,
  kinds: readonly Kind[],
  random: () => number,
): Member {
  const draft: Draft = {
    ...{ unit, notebook: structuredClone(unit.solved), files: {}, name: `${unit.notebook}.ipynb` },
    encode: (notebook: Notebook) => new TextEncoder().encode(JSON.stringify(notebook, null, 1)),
    lost: new Set<string>(),
    warnings: new Set<string>(),
  };
  const solutions = unit.tasks.filter(({ kind, about }) => kind === "solution" && about.length > 0);
  const told = kinds.map((kind) => {
    const solution = draw(solutions, random);
    kind.change(draft, solution);
    return `${kind.name} (${solution.id})`;
  });
  return { learner, unit, draft, kinds: told };
}

/** Writes the notebook of a submission and the files beside it into a folder; returns their paths, its first. */
export async function writeFiles(folder: string, { draft }: Member): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(join(folder, draft.name), await draft.encode(draft.notebook));
  for (const [name, text] of Object.entries(draft.files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  return [draft.name, ...Object.keys(draft.files)].map((name) => join(folder, name));
}

/** Lays a submission where grading finds it. */
export async function handIn(member: Member, installation: Installation): Promise<void> {
  const { learner, draft } = member;
  const folder = join(installation.folder, "grading", "submitted", learner, draft.unit.unit);
  await writeFiles(folder, member);
  for (const [name, target] of Object.entries(draft.links ?? {})) {
    await Deno.symlink(target, join(folder, name));
  }
  for (const name of draft.pipes ?? []) {
    await new Deno.Command("mkfifo", { args: [join(folder, name)] }).output();
  }
}

/** The points of each task that has some; null where nobody can know them yet. */
export function expectedPoints({ unit, draft }: Member): Map<string, number | null> {
  return new Map(
    unit.tasks.filter(({ kind }) => kind !== "solution").map((task) => {
      if (draft.ungraded || task.kind === "answer") return [task.id, null];
      return [task.id, draft.lost.has(task.id) ? 0 : task.points];
    }),
  );
}

/** In what a result is not what it has to be; one line for each difference. */
export function differences(member: Member, result: SubmissionResult | undefined): string[] {
  const { learner, draft, unit, kinds } = member;
  const who = `${learner}, ${unit.unit}, ${kinds.join(" and ")}`;
  if (!result) return [`${who}: no result`];
  const found: string[] = [];
  const { status } = result.notebooks[0];
  const reason = status.kind === "not graded" ? status.reason : undefined;
  if (draft.ungraded ? !reason || !draft.ungraded.test(reason) : reason) {
    found.push(`${who}: ${reason ? `not graded: ${reason}` : "graded"}`);
  }
  const expected = expectedPoints(member);
  for (const task of tasksOf(result)) {
    const points = expected.get(task.id);
    expected.delete(task.id);
    if (task.points !== points) {
      found.push(
        `${who}: ${task.id} ${task.points}, not ${points}: ${task.message ?? task.outcome}`,
      );
    }
  }
  for (const id of expected.keys()) found.push(`${who}: ${id} is not in the result`);
  const told = new Set(result.notebooks[0].warnings.map(({ kind }) => kind as string));
  if (!draft.ungraded) {
    for (const kind of draft.warnings) {
      if (!told.has(kind)) found.push(`${who}: nothing is said of "${kind}"`);
    }
  }
  return found;
}

/** A result in an installation. */
export function resultOf(
  installation: Installation,
  unit: string,
  learner: string,
): SubmissionResult | undefined {
  const file = join(installation.folder, "grading", "results", unit, `${learner}.json`);
  try {
    return JSON.parse(Deno.readTextFileSync(file));
  } catch {
    return undefined;
  }
}

/** The result of a member of a class. */
export function resultIn(
  installation: Installation,
  { learner, unit }: Member,
): SubmissionResult | undefined {
  return resultOf(installation, unit.unit, learner);
}
