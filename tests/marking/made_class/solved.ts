/** Every unit as it is, handed in solved and not solved at all: the one gets all points, the other none. */
import { basename, join } from "node:path";
import { tasksOf } from "../../../marking/result.ts";
import { notebooksIn, readNotebook } from "../../../tools/notebooks.ts";
import { type Installation, makeInstallation } from "../../places/installation.ts";
import { resultOf } from "./class.ts";
import { solvedWith } from "./course.ts";

const [solved, unsolved] = ["Solved-1", "Unsolved-2"];

/** Grades units; gives a line for each point too few or too many, and what the command said. */
export async function gradeUnits(
  units: readonly string[],
  mode: "full" | "quick",
): Promise<{ found: string[]; said: string[] }> {
  await using installation = await makeInstallation(["notebooks", "nbgrader_config.py"]);
  const found: string[] = [], said: string[] = [];
  for (const unit of units) {
    await handInBoth(installation, unit);
    const { folder } = installation;
    said.push((await installation.tessera("grade", [unit, `--${mode}`], { from: folder })).said);
    for (const learner of [solved, unsolved]) {
      found.push(...differences(installation, unit, learner));
    }
  }
  return { found, said };
}

async function handInBoth({ folder }: Installation, unit: string): Promise<void> {
  for (const path of notebooksIn(join(folder, "notebooks", "source", unit))) {
    const name = basename(path);
    const released = await readNotebook(join(folder, "notebooks", "exercises", unit, name));
    const handedIn = [
      [unsolved, released],
      [solved, solvedWith(released, await readNotebook(path))],
    ] as const;
    for (const [learner, notebook] of handedIn) {
      const target = join(folder, "grading", "submitted", learner, unit);
      await Deno.mkdir(target, { recursive: true });
      await Deno.writeTextFile(join(target, name), JSON.stringify(notebook));
    }
  }
}

/** In a quick run what needs trained weights is not graded, and a bonus for a better training is luck. */
function differences(installation: Installation, unit: string, learner: string): string[] {
  const result = resultOf(installation, unit, learner);
  if (!result) return [`${learner}, ${unit}: no result`];
  return tasksOf(result).flatMap(
    ({ id, kind, outcome, points, maximum, bonus, bonusMaximum, message }) => {
      const isAll = points === maximum && (bonus === bonusMaximum || maximum > 0);
      const isRight = learner === unsolved
        ? points === 0 && bonus === 0
        : kind === "answer"
        ? outcome === "to read"
        : isAll || (outcome === "not graded" && result.mode === "quick");
      const why = message ? `: ${message.slice(0, 200)}` : "";
      const got = `${points} of ${maximum}, ${bonus} of ${bonusMaximum} bonus, ${outcome}`;
      return isRight ? [] : [`${learner}, ${unit}: ${id} ${got}${why}`];
    },
  );
}
