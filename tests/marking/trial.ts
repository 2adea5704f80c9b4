/**
 * `deno task class --count 60 --seed 3`: makes up a class, grades it, and lists every difference between what each
 * submission should get and what it got. `--kinds` names some kinds, of which each is tried once; `--cheats` tries
 * every way to cheat; `--usual` is a class of unit 1 as they usually are; `--whole` is the same with its trainings,
 * and says how long a hundred take, with `--full` in full mode. With `--chain` any of these is handed out, handed in,
 * collected from a learning platform's archive, graded, reported and given back, by the commands; what lies in the
 * archives that learners get is held against what they should get. `--keep FOLDER` keeps what was made.
 * `--units unit2,unit4` grades whole units solved and not solved.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { onSignals, warning } from "../../lib/platform/signals.ts";
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
import { cheats } from "./made_class/cheats.ts";
import { type Kind, kinds } from "./made_class/kinds.ts";
import { gradeUnits } from "./made_class/solved.ts";
import { numbersOf, usualKinds } from "./made_class/usual.ts";
import { givenDifferences, goWholeWay } from "./made_class/whole_way.ts";

onSignals([warning], () => {}); // a batch system's, which ends no command

interface TrialOptions {
  /** The members, made once the course is there. */
  members: (course: MadeCourse) => Member[];
  /** Units that are not cut. */
  whole: string[];
  mode: "full" | "quick";
  /** From handing out to giving back; else the class is only graded. */
  isChain: boolean;
  /** Where hand-ins, results, reports and archives are kept. */
  keep?: string;
}

/** Grades a made-up class; returns the differences, and the members with their results. */
async function gradeClass({ members, whole, mode, isChain, keep }: TrialOptions) {
  await using course = await makeCourse(whole);
  const { installation } = course;
  const made = members(course);
  const cellSeconds = whole.length > 0 ? "600" : "60";
  const env = { TESSERA_LIMIT_CELL: cellSeconds, TESSERA_LIMIT_MEMORY: "1.5" };
  const said: string[] = [];
  const found: string[] = [];
  const seconds: Record<string, number> = {};
  if (isChain) {
    const way = await goWholeWay(installation, made, { mode, env });
    said.push(...way.said);
    Object.assign(seconds, way.seconds);
    found.push(...made.flatMap((each) => givenDifferences(each, way.given.get(each))));
  } else {
    for (const member of made) await handIn(member, installation);
    const started = performance.now();
    for (const unit of new Set(made.map((each) => each.unit.unit))) {
      const options = { from: installation.folder, env };
      said.push((await installation.tessera("grade", [unit, `--${mode}`], options)).said);
    }
    seconds.grade = (performance.now() - started) / 1000;
  }
  const results = made.map((member) => resultIn(installation, member));
  found.push(...made.flatMap((each, i) => differences(each, results[i])));
  if (keep) await keepMade(installation.folder, keep);
  return { made, results, said, seconds, found };
}

/** Copies what came of a class to where it can be looked at. */
async function keepMade(folder: string, keep: string): Promise<void> {
  await Deno.mkdir(keep, { recursive: true });
  for (const part of ["grading", "gradebook.db"]) {
    await cp(join(folder, part), join(keep, part), { recursive: true });
  }
}

const surnames = [
  "Noether",
  "Müller",
  "O'Neill",
  "de la Cruz",
  "Gödel",
  "Łukasiewicz",
  "van Rossum",
];
const nameOf = (index: number) =>
  `${surnames[index % surnames.length]}-${String(index + 1).padStart(3, "0")}`;

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
    const members = Array.from(
      { length: count },
      (_, index) => makeMember(nameOf(index), unit, [draw(usualKinds, random)], random),
    );
    // The last two of a larger class hand in together.
    const [first, second] = members.slice(-2);
    if (count < 10) return members;
    return [
      ...members.slice(0, -2),
      ...[first, second].map(({ learner }) => ({
        ...{ ...first, learner, group: "7" },
      })),
    ];
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
    usual: { type: "boolean", default: false },
    whole: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
    chain: { type: "boolean", default: false },
    keep: { type: "string" },
    units: { type: "string" },
  },
});
const mode = values.full ? "full" : "quick";
if (values.units) {
  const { found, said } = await gradeUnits(values.units.split(","), mode);
  console.log([...said, ...found.map((line) => `DIFFERENT  ${line}`)].join("\n"));
  Deno.exit(found.length === 0 ? 0 : 1);
}
const [count, seed] = [Number(values.count), Number(values.seed)];
const named = values.kinds?.split(",");
const some = values.cheats
  ? cheats
  : named && [...kinds, ...cheats].filter(({ name }) => named.includes(name));
const { made, results, said, seconds, found } = await gradeClass({
  whole: values.whole ? ["unit1"] : [],
  mode,
  isChain: values.chain,
  keep: values.keep,
  members: values.whole || values.usual
    ? usual(count, seed)
    : some
    ? each(some, seed)
    : drawn(count, seed),
});
console.log(said.join("\n"));
for (const { learner, unit, kinds } of made) {
  console.log(`${learner}: ${unit.unit}, ${kinds.join(" and ")}`);
}
for (const line of found) console.log(`DIFFERENT  ${line}`);
console.log(numbersOf(results, seconds.grade));
const took = Object.entries(seconds).map(([name, each]) => `${name} ${each.toFixed(0)} s`);
console.log(`${made.length} submissions, ${found.length} differences; ${took.join(", ")}`);
Deno.exit(found.length === 0 ? 0 : 1);
