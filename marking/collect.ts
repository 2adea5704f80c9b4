/**
 * `./tessera collect ARCHIVES… --unit UNIT`: puts hand-ins where grading finds them, out of learners' archives,
 * a learning platform's archive of those, or folders. What is wrong with one is listed, and keeps that one out.
 */
import { basename, join, resolve } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { callerFolder, CommandError, runCommand, suggestion } from "../tools/command.ts";
import { exercisesFolder } from "../tools/homes.ts";
import { notebooksIn } from "../tools/notebooks.ts";
import { type Learner, membersOf, readClassList } from "./class_list.ts";
import { findHandIns } from "./collecting/find_hand_ins.ts";
import { inspect, type Inspected } from "./collecting/inspect.ts";
import { ArchiveError } from "./collecting/open_archive.ts";
import { type Outcome, unpack } from "./collecting/unpack.ts";
import { commandLine, theUnit } from "./handing_in/command_line.ts";
import { printable } from "./printable.ts";
import { learnersOf } from "./result.ts";

/** What became of one hand-in. */
export interface Collected {
  place: string;
  learners: string[];
  outcome?: Outcome;
  /** Why it was kept out. */
  problems: string[];
  remarks: string[];
}

export interface CollectOptions {
  unit: string;
  /** Takes a new hand-in in place of one that is there; that goes to `grading/earlier`. */
  update?: boolean;
  /** Takes hand-ins that lack a notebook. */
  incomplete?: boolean;
  /** The class, where there is a list. */
  list?: readonly Learner[];
}

/** Collects all hand-ins that lie in archives and folders, and says what became of each. */
export async function collect(
  paths: readonly string[],
  { unit, update = false, incomplete = false, list }: CollectOptions,
): Promise<Collected[]> {
  const notebooks = notebooksIn(join(exercisesFolder, unit)).map((path) => basename(path));
  const all: Inspected[] = [];
  const collected: Collected[] = [];
  for (const path of paths) {
    const unreadable = await findHandIns(path, async (found) => {
      all.push(await inspect(found, { unit, notebooks, incomplete }));
    });
    collected.push(...unreadable.map(({ place, problem }) => ({
      ...{ place, problems: [problem], learners: [], remarks: [] },
    })));
  }
  const learners = new Map(all.map((each) => [each, learnersFor(each, list)]));
  refuseSeveral(all, learners, list);
  // Only now, when all are known, the second look unpacks those that are in order.
  const byPlace = new Map(all.map((each) => [each.found.place, each]));
  for (const path of paths) {
    await findHandIns(path, async (found) => {
      const known = byPlace.get(found.place);
      if (!known || known.problems.length > 0) return;
      try {
        const parts = found.parts.filter((part) =>
          known.parts.some((each) => each.path === part.path)
        );
        const options = { learners: learners.get(known)!, update };
        const outcome = await unpack({ ...known, parts }, unit, options);
        collected.push({
          ...{ place: found.place, learners: learners.get(known)!, outcome },
          ...{ problems: [], remarks: known.remarks },
        });
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error;
        known.problems.push(error.message);
      }
    });
  }
  const refused = all.filter(({ problems }) => problems.length > 0);
  collected.push(...refused.map((each) => ({
    ...{ place: each.found.place, learners: learners.get(each)! },
    ...{ problems: each.problems, remarks: each.remarks },
  })));
  return collected.sort((a, b) => a.place < b.place ? -1 : 1);
}

/** Under which names a hand-in is graded: a group's under that of each member. */
function learnersFor({ owner, problems, remarks }: Inspected, list?: readonly Learner[]): string[] {
  if (!owner) return [];
  if (!list) {
    if (owner.kind === "group") remarks.push("there is no class list with the group's members");
    return [owner.id];
  }
  if (owner.kind === "group") {
    const members = membersOf(owner.id, list).map(({ id }) => id);
    if (members.length === 0) problems.push(`nobody of the class list is in ${owner.id}`);
    return members;
  }
  const ids = list.map(({ id }) => id);
  if (!ids.includes(owner.id)) {
    problems.push(`${owner.id} is not on the class list.${suggestion(owner.id, ids)}`);
  }
  return [owner.id];
}

/** Keeps out hand-ins of which one learner has several: only a person can say which counts. */
function refuseSeveral(
  all: readonly Inspected[],
  learners: ReadonlyMap<Inspected, readonly string[]>,
  list: readonly Learner[] = [],
): void {
  // The number tells whose it is, unless people of the list share one, as pseudonyms may.
  const lastPart = (id: string) => id.split("-").at(-1)!;
  const shared = (number: string) => list.filter(({ id }) => lastPart(id) === number).length > 1;
  const numberOf = (id: string) =>
    id.startsWith("group-") || shared(lastPart(id)) ? id : lastPart(id);
  const byNumber = new Map<string, Inspected[]>();
  for (const each of all) {
    for (const number of new Set(learners.get(each)!.map(numberOf))) {
      byNumber.set(number, [...byNumber.get(number) ?? [], each]);
    }
  }
  for (const several of byNumber.values()) {
    if (several.length < 2) continue;
    for (const each of several) {
      const others = several.filter((other) => other !== each).map(({ found }) => found.place);
      const problem = `the same person handed in ${others.join(" and ")}: keep one`;
      if (!each.problems.includes(problem)) each.problems.push(problem);
    }
  }
}

const outcomes: Record<Outcome, string> = {
  new: "collected",
  unchanged: "as collected before",
  replaced: "collected; the one before is in grading/earlier",
  there: "NOT collected: there is another one, which --update replaces and keeps",
  older: "NOT collected: it is older than the one that is there",
};

async function main(args: string[]): Promise<number> {
  const { options, words } = commandLine("collect", args, {
    unit: "UNIT",
    update: undefined,
    incomplete: undefined,
  });
  const { update, incomplete } = options;
  if (options.unit === undefined || words.length === 0) {
    throw new CommandError("collect takes archives or folders, and --unit UNIT.", 2);
  }
  const unit = theUnit("collect", [options.unit]);
  const paths = words.map((word) => resolve(callerFolder, word));
  const absent = paths.find((path) => !exists(path));
  if (absent) throw new CommandError(`there is no ${absent}.`, 2);
  const list = readClassList();
  const collected = await collect(paths, {
    ...{ unit, list },
    ...{ update: update !== undefined, incomplete: incomplete !== undefined },
  });
  for (const { place, learners, outcome, problems, remarks } of collected) {
    const what = problems.length > 0 ? `NOT collected: ${problems.join("; ")}` : outcomes[outcome!];
    const who = learners.length > 0 ? learners.join(", ") : "?";
    const more = remarks.length > 0 ? ` (${remarks.join("; ")})` : "";
    console.log(printable(`${who}: ${what}${more} ← ${place}`));
  }
  const isOut = ({ problems, outcome }: Collected) =>
    problems.length > 0 || outcome === "there" || outcome === "older";
  const out = collected.filter(isOut).length;
  const there = learnersOf(unit);
  const absentLearners = (list ?? []).map(({ id }) => id).filter((id) => !there.includes(id));
  console.log(
    `${collected.length - out} of ${collected.length} hand-ins are where grading finds them.`,
  );
  if (list) {
    console.log(
      absentLearners.length === 0
        ? "Everybody on the class list has handed in."
        : `Of the ${list.length} on the class list, nothing is there from ${absentLearners.length}: ${
          absentLearners.join(", ")
        }`,
    );
  }
  return out === 0 ? 0 : 1;
}

if (import.meta.main) await runCommand(main);
