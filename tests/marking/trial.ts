/**
 * `deno task class --count 60 --seed 3`: makes up a class, grades it, and lists every difference between what each
 * submission should get and what it got. `--kinds` names some kinds, of which each is tried once; `--cheats` tries
 * every way to cheat.
 */
import { parseArgs } from "node:util";
import {
  differences,
  draw,
  handIn,
  makeMember,
  type Member,
  numbers,
  resultIn,
} from "./made_class/class.ts";
import { makeCourse } from "./made_class/course.ts";
import { cheats, kinds } from "./made_class/kinds.ts";

export interface TrialOptions {
  /** The members, made once the course is there. */
  members: (course: Awaited<ReturnType<typeof makeCourse>>) => Member[];
  /** More options of `./tessera grade`. */
  args?: string[];
  env?: Record<string, string>;
}

/** Grades a made-up class; returns the differences, and the members with their results. */
export async function gradeClass({ members, args = [], env = {} }: TrialOptions) {
  await using course = await makeCourse();
  const { installation } = course;
  const made = members(course);
  for (const member of made) await handIn(member, installation);
  const said: string[] = [];
  for (const unit of new Set(made.map((each) => each.unit.unit))) {
    const outcome = await installation.tessera("grade", [unit, "--quick", ...args], {
      from: installation.folder,
      env: { TESSERA_LIMIT_CELL: "30", TESSERA_LIMIT_MEMORY: "1.5", ...env },
    });
    said.push(outcome.said);
  }
  const results = made.map((member) => resultIn(installation, member));
  return {
    made,
    results,
    said: said.join("\n"),
    differences: made.flatMap((each, i) => differences(each, results[i])),
  };
}

/** A class whose kinds, units, cells and pairs of kinds are drawn. */
export function drawn(count: number, seed: number): TrialOptions["members"] {
  return ({ units }) => {
    const random = numbers(seed);
    return Array.from({ length: count }, (_, index) => {
      const pair = [draw(kinds, random), ...random() < 0.4 ? [draw(kinds, random)] : []];
      return makeMember(
        `learner-${String(index + 1).padStart(3, "0")}`,
        draw(units, random),
        pair,
        random,
      );
    });
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      count: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      kinds: { type: "string" },
      cheats: { type: "boolean" },
      units: { type: "string" },
    },
  });
  const named = values.kinds?.split(",");
  const some = values.cheats
    ? cheats
    : [...kinds, ...cheats].filter(({ name }) => named?.includes(name));
  const started = performance.now();
  const outcome = await gradeClass({
    members: values.cheats || named
      ? ({ units }) => {
        const random = numbers(Number(values.seed));
        const chosen = units.filter(({ unit }) =>
          !values.units || values.units.split(",").includes(unit)
        );
        return some.map((kind, index) =>
          makeMember(`learner-${index + 1}`, draw(chosen, random), [kind], random)
        );
      }
      : drawn(Number(values.count), Number(values.seed)),
  });
  console.log(outcome.said);
  for (const each of outcome.made) {
    console.log(`${each.learner}: ${each.unit.unit}, ${each.kinds.join(" and ")}`);
  }
  for (const line of outcome.differences) console.log(`DIFFERENT  ${line}`);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${outcome.made.length} submissions, ${outcome.differences.length} differences, ${
      seconds.toFixed(0)
    } s`,
  );
  Deno.exit(outcome.differences.length === 0 ? 0 : 1);
}
