/**
 * `./tessera history [NOTEBOOK]`: the snapshots of a notebook, newest first, with why each was taken and
 * what had changed. `--compare N` shows what changed since snapshot N, or with two numbers between the
 * two; `--restore N` writes it beside the notebook under its date.
 */
import { join, relative, resolve } from "node:path";
import { callerFolder, CommandError, runCommand, shown, suggestion } from "./command.ts";
import { findHome } from "./homes.ts";
import { changesAsText, changesInShort, compareNotebooks } from "./learner/compare_notebooks.ts";
import { dateName, isDatedCopy, writeBeside } from "./learner/dated_copy.ts";
import { handedOutFolder } from "./learner/pattern.ts";
import {
  notebooksWithHistory,
  readSnapshot,
  reasons,
  type Snapshot,
  snapshotsOf,
} from "./learner/snapshots.ts";
import { type Notebook, notebooksIn, notebookText, readNotebook } from "./notebooks.ts";

/** The notebooks of the home that a user means, by paths from the home; those that are gone included. */
function notebooksOf(name: string, home: string): string[] {
  const known = [
    ...new Set([
      ...notebooksWithHistory(home),
      ...notebooksIn(home).map((path) => relative(home, path))
        .filter((path) => !isDatedCopy(path) && !/^(out|runs)\//.test(path)),
    ]),
  ].sort();
  const matching = (choose: (path: string) => boolean) => known.filter(choose);
  const places = [resolve(home, name), resolve(callerFolder, name)]
    .map((path) => relative(home, path));
  const found =
    places.map((place) =>
      matching((path) =>
        path === place || path === `${place}.ipynb` || path.startsWith(`${place}/`)
      )
    ).find((paths) => paths.length > 0) ??
      matching((path) => path.split("/").at(-1)!.replace(/\.ipynb$/, "") === name);
  if (found.length > 0) return found;
  throw new CommandError(
    `there is no notebook or unit "${name}" in ${shown(home)}.${suggestion(name, known)}`,
    2,
  );
}

/** The date and the minute by the clock on the wall. */
const minute = (date: Date) => date.toLocaleString("sv").slice(0, 16);

/** The notebook as it is now; undefined where it is gone or damaged. */
async function present(home: string, notebook: string): Promise<Notebook | undefined> {
  return await readNotebook(join(home, notebook)).catch(() => undefined);
}

/** The lines about a notebook: as it is now, then its snapshots, each compared with the one before it. */
async function list(home: string, notebook: string): Promise<string[]> {
  const snapshots = snapshotsOf(home, notebook);
  const versions = await Promise.all(
    snapshots.map((snapshot) => readSnapshot(snapshot).catch(() => undefined)),
  );
  const given = await readNotebook(join(handedOutFolder(home), notebook)).catch(() => undefined);
  const now = await present(home, notebook);
  const change = (later: Notebook | undefined, earlier: Notebook | undefined) =>
    later === undefined
      ? "cannot be read"
      : earlier
      ? changesInShort(compareNotebooks(earlier, later))
      : "";
  const rows = snapshots.map(({ date, reason }, index) => [
    `${index + 1}`,
    minute(date),
    reasons[reason].label,
    change(versions[index], versions[index + 1] ?? given),
  ]);
  rows.unshift(["", "now", "", now ? change(now, versions[0] ?? given) : "gone or damaged"]);
  if (snapshots.length === 0) rows.push(["", "no snapshot yet", "", ""]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return [
    notebook,
    ...rows.map(([number, date, why, cells]) =>
      `  ${number.padStart(widths[0])}  ${date.padEnd(widths[1])}  ${
        why.padEnd(widths[2])
      }  ${cells}`
        .trimEnd()
    ),
  ];
}

function snapshotOf(home: string, notebook: string, number: string): Snapshot {
  const snapshots = snapshotsOf(home, notebook);
  const snapshot = /^\d+$/.test(number) ? snapshots[Number(number) - 1] : undefined;
  if (snapshot) return snapshot;
  throw new CommandError(
    snapshots.length > 0
      ? `${notebook} has snapshots 1 to ${snapshots.length}, no "${number}".`
      : `${notebook} has no snapshots yet.`,
    2,
  );
}

async function compare(home: string, notebook: string, numbers: string[]): Promise<string> {
  const chosen = numbers.map((number) => snapshotOf(home, notebook, number))
    .sort((a, b) => a.date.getTime() - b.date.getTime());
  const [earlier, later] = await Promise.all(chosen.map(readSnapshot));
  const now = later ?? await readNotebook(join(home, notebook));
  const until = chosen[1] ? minute(chosen[1].date) : "now";
  const changes = compareNotebooks(earlier, now);
  const head = `${notebook}, ${minute(chosen[0].date)} to ${until}: ${changesInShort(changes)}`;
  return changes.length > 0 ? `${head}\n\n${changesAsText(changes)}` : head;
}

async function restore(home: string, notebook: string, number: string): Promise<string> {
  const snapshot = snapshotOf(home, notebook, number);
  const bytes = new TextEncoder().encode(notebookText(await readSnapshot(snapshot)));
  await Deno.mkdir(join(home, notebook, ".."), { recursive: true });
  return await writeBeside(join(home, notebook), dateName(snapshot.date, true), bytes);
}

async function main(args: string[]): Promise<void> {
  const option = args.find((arg) => arg.startsWith("-"));
  const at = option ? args.indexOf(option) : args.length;
  const [names, numbers] = [args.slice(0, at), args.slice(at + 1)];
  if (option && !["--compare", "--restore"].includes(option) || names.length > 1) {
    throw new CommandError(
      "history takes a notebook or a unit, and --compare N [M] or --restore N.",
      2,
    );
  }
  const home = findHome();
  if (!home) throw new CommandError("there is no home yet, so there is no history.", 2);
  const notebooks = names.length > 0 ? notebooksOf(names[0], home) : notebooksWithHistory(home);
  if (!option) {
    if (notebooks.length === 0) console.log(`There is no snapshot in ${shown(home)} yet.`);
    for (const notebook of notebooks) console.log((await list(home, notebook)).join("\n"));
    if (notebooks.length > 0) {
      console.log(
        "`--compare N` shows what has changed since, `--compare N M` what changed between two;\n" +
          "`--restore N` writes that version beside the notebook, under its date.",
      );
    }
    return;
  }
  if (notebooks.length !== 1) {
    throw new CommandError(`${option} needs one notebook: ${notebooks.join(", ")}.`, 2);
  }
  if (numbers.length < 1 || numbers.length > (option === "--compare" ? 2 : 1)) {
    throw new CommandError(
      `${option} needs a number of the list that ./tessera history ${notebooks[0]} shows.`,
      2,
    );
  }
  if (option === "--compare") console.log(await compare(home, notebooks[0], numbers));
  else console.log(`${shown(await restore(home, notebooks[0], numbers[0]))} is that version.`);
}

if (import.meta.main) await runCommand(main);
