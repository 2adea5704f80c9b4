/**
 * `deno task class --count 60 --seed 3`: makes up a class, grades it, and lists every difference between what each
 * submission should get and what it got. `--kinds` names some kinds, of which each is tried once; `--cheats` tries
 * every way to cheat. `--whole` grades unit 1 with its trainings, of a class as they usually are, and says how long
 * a hundred take; with `--full` in full mode.
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
import { type MadeCourse, makeCourse } from "./made_class/course.ts";
import { cheats, type Kind, kinds } from "./made_class/kinds.ts";
import { numbersOf, usualKinds } from "./made_class/usual.ts";

interface TrialOptions {
  /** The members, made once the course is there. */
  members: (course: MadeCourse) => Member[];
  /** Units that are not cut. */
  whole: string[];
  mode: "full" | "quick";
}

/** Grades a made-up class; returns the differences, and the members with their results. */
async function gradeClass({ members, whole, mode }: TrialOptions) {
  await using course = await makeCourse(whole);
  const { installation } = course;
  const made = members(course);
  for (const member of made) await handIn(member, installation);
  const started = performance.now();
  const said: string[] = [];
  for (const unit of new Set(made.map((each) => each.unit.unit))) {
    const outcome = await installation.tessera("grade", [unit, `--${mode}`], {
      from: installation.folder,
      env: { TESSERA_LIMIT_CELL: whole.length > 0 ? "600" : "60", TESSERA_LIMIT_MEMORY: "1.5" },
    });
    said.push(outcome.said);
  }
  const seconds = (performance.now() - started) / 1000;
  const results = made.map((member) => resultIn(installation, member));
  return {
    made,
    results,
    said,
    seconds,
    found: made.flatMap((each, i) => differences(each, results[i])),
  };
}

const nameOf = (index: number) => `learner-${String(index + 1).padStart(3, "0")}`;

/** A class whose kinds, units, cells and pairs of kinds are drawn. */
function drawn(count: number, seed: number): TrialOptions["members"] {
  return ({ units }) => {
    const random = numbers(seed);
    return Array.from({ length: count }, (_, index) => {
      const pair = [draw(kinds, random), ...random() < 0.4 ? [draw(kinds, random)] : []];
      return makeMember(nameOf(index), draw(units, random), pair, random);
    });
  };
}

/** A class of unit 1 as it usually is. */
function usual(count: number, seed: number): TrialOptions["members"] {
  return ({ units }) => {
    const random = numbers(seed);
    const unit = units.find((each) => each.unit === "unit1")!;
    return Array.from(
      { length: count },
      (_, index) => makeMember(nameOf(index), unit, [draw(usualKinds, random)], random),
    );
  };
}

/** Each of some kinds once, in units that are drawn. */
function each(some: readonly Kind[], seed: number): TrialOptions["members"] {
  return ({ units }) => {
    const random = numbers(seed);
    return some.map((kind, index) =>
      makeMember(nameOf(index), draw(units, random), [kind], random)
    );
  };
}

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    kinds: { type: "string" },
    cheats: { type: "boolean", default: false },
    whole: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const named = values.kinds?.split(",");
const some = values.cheats
  ? cheats
  : named && [...kinds, ...cheats].filter(({ name }) => named.includes(name));
const { made, results, said, seconds, found } = await gradeClass({
  whole: values.whole ? ["unit1"] : [],
  mode: values.full ? "full" : "quick",
  members: values.whole ? usual(count, seed) : some ? each(some, seed) : drawn(count, seed),
});
console.log(said.join("\n"));
for (const { learner, unit, kinds } of made) {
  console.log(`${learner}: ${unit.unit}, ${kinds.join(" and ")}`);
}
for (const line of found) console.log(`DIFFERENT  ${line}`);
console.log(numbersOf(results, seconds));
console.log(`${made.length} submissions, ${found.length} differences, ${seconds.toFixed(0)} s`);
Deno.exit(found.length === 0 ? 0 : 1);
