/**
 * The whole way of a class: handed out, handed in, collected from a learning platform's archive, graded, reported
 * and given back, by the commands that staff and learners use; and what lies in the archives at its end.
 */
import { parse } from "@std/csv";
import { basename, join } from "node:path";
import { exists } from "../../../lib/platform/files.ts";
import {
  describeFiles,
  type Manifest,
  manifestName,
} from "../../../marking/handing_in/manifest.ts";
import { writeArchive } from "../../../tools/archive.ts";
import type { Installation } from "../../places/installation.ts";
import { textsIn } from "../read_archive.ts";
import { expectedPoints, type Member, writeFiles } from "./class.ts";

/** What a learner got back. */
export interface Given {
  /** Points by task; null where they are not known. */
  points: Map<string, number | null>;
  text: string;
  pages: number;
}

export interface WholeWay {
  given: Map<Member, Given | undefined>;
  /** What the commands said. */
  said: string[];
  /** How long each took. */
  seconds: Record<string, number>;
}

/** Takes a class the whole way; `env` is for grading. */
export async function goWholeWay(
  installation: Installation,
  members: readonly Member[],
  { mode, env }: { mode: "full" | "quick"; env: Record<string, string> },
): Promise<WholeWay> {
  const said: string[] = [];
  const seconds: Record<string, number> = {};
  const call = async (name: string, args: string[], more: Partial<Call> = {}) => {
    const started = performance.now();
    const { code, said: words } = await installation.tessera(name, args, {
      from: installation.folder,
      ...more,
    });
    seconds[name] = (seconds[name] ?? 0) + (performance.now() - started) / 1000;
    said.push(`$ ./tessera ${[name, ...args].join(" ")}\n${words.trim()}`);
    if (code !== 0 && name !== "give-back" && name !== "grade") throw new Error(said.at(-1));
  };

  const copy = join(installation.homes, "the learners' course");
  await call("release", ["--to", copy]);
  for (const tool of [".venv", ".deno"]) {
    await Deno.symlink(join(installation.folder, tool), join(copy, tool));
  }
  await writeClassList(installation, members);
  const given: WholeWay["given"] = new Map();
  for (const unit of new Set(members.map((each) => each.unit.unit))) {
    const own = members.filter((each) => each.unit.unit === unit);
    const inbox = join(installation.homes, `handed in, ${unit}`);
    // One learner's command runs; the others' archives are made as it makes them.
    const plain = own.find(({ kinds }) => kinds.every((kind) => kind.startsWith("as solved")));
    if (plain) {
      const home = join(installation.homes, `home of ${plain.learner}`);
      const from = { installation: copy, from: copy, env: { TESSERA_HOME: home } };
      await call("home", [home], { ...from, env: {} });
      await writeFiles(join(home, unit), plain);
      const quick = { ...from.env, TESSERA_QUICK: "1" };
      await call("hand-in", [unit, "--as", plain.learner], { ...from, env: quick });
      await Deno.mkdir(inbox, { recursive: true });
      await Deno.copyFile(
        join(home, "out", "hand-in", unit, `${plain.learner}.zip`),
        join(inbox, `${plain.learner}.zip`),
      );
    }
    const handedIn = own.filter((each) => each !== plain);
    for (const member of handedIn) await writeHandIn(inbox, member);
    const platform = join(installation.homes, `CV-${unit}-4711.zip`);
    await writeArchive(
      platform,
      [...Deno.readDirSync(inbox)].map(({ name }, index) => ({
        name: `${name.replace(/-.*/, "")}_${index + 1}_assignsubmission_file_/${name}`,
        content: { file: join(inbox, name) },
      })),
    );
    await call("collect", [platform, "--unit", unit]);
    await call("grade", [unit, `--${mode}`], { env });
    await call("class-report", [unit]);
    await call("give-back", [unit, "--open"]);
    const archives = join(installation.folder, "grading", "given-back", unit);
    for (const member of own) {
      given.set(member, await readGiven(join(archives, `${member.learner}.zip`)));
    }
  }
  return { given, said, seconds };
}

type Call = Parameters<Installation["tessera"]>[2];

/** Everybody, and one who hands nothing in. */
async function writeClassList(
  { folder }: Installation,
  members: readonly Member[],
): Promise<void> {
  const rows = members.map(({ learner, group = "" }) =>
    `${learner},${learner.replace(/-\d+$/, "")},,,${group}`
  );
  await Deno.mkdir(join(folder, "grading"), { recursive: true });
  await Deno.writeTextFile(
    join(folder, "grading", "class.csv"),
    ["id,last_name,first_name,email,group", ...rows, "Absent-999,Absent,,,", ""].join("\n"),
  );
}

/** The archive of a hand-in; of a group one, whichever of its members comes first. */
async function writeHandIn(inbox: string, member: Member): Promise<void> {
  const { unit, group } = member;
  const owner = group === undefined ? member.learner : `group-${group}`;
  const folder = await Deno.makeTempDir({ prefix: "tessera-handed-in-" });
  try {
    const [notebook, ...others] = await writeFiles(folder, member);
    const pdf = join(folder, `${owner}.pdf`);
    await Deno.writeTextFile(pdf, "%PDF-1.7\n");
    const manifest: Manifest = {
      ...{ format: 1, unit: unit.unit, owner, madeAt: new Date().toISOString(), course: "1" },
      ...group === undefined ? {} : { group: owner },
      ...{ notebooks: [member.draft.name], pdf: `${owner}.pdf`, hints: {}, missing: [] },
      files: await describeFiles([notebook, pdf]),
    };
    await writeArchive(join(inbox, `${owner}.zip`), [
      ...[notebook, ...others, pdf].map((file) => ({
        name: basename(file),
        content: { file },
      })),
      { name: manifestName, content: JSON.stringify(manifest) },
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function readGiven(archive: string): Promise<Given | undefined> {
  if (!exists(archive)) return undefined;
  const texts = await textsIn(archive);
  const rows: Record<string, string>[] = parse(texts.get("points.csv") ?? "", {
    skipFirstRow: true,
  });
  return {
    points: new Map(
      rows.map(({ task, points }) => [task, points === "" ? null : Number(points)]),
    ),
    text: texts.get("points.txt") ?? "",
    pages: [...texts.keys()].filter((name) => name.endsWith(".html")).length,
  };
}

/** In what an archive is not what its learner has to get; one line for each difference. */
export function givenDifferences(member: Member, given: Given | undefined): string[] {
  const { learner, draft, unit, kinds } = member;
  const who = `${learner}, ${unit.unit}, ${kinds.join(" and ")}, given back`;
  if (!given) return [`${who}: no archive`];
  const found: string[] = [];
  const expected = expectedPoints(member);
  for (const [task, points] of given.points) {
    const wanted = expected.get(task);
    expected.delete(task);
    if (points !== wanted) found.push(`${who}: ${task} ${points}, not ${wanted}`);
  }
  for (const task of expected.keys()) found.push(`${who}: ${task} is missing`);
  if (draft.ungraded ? !draft.ungraded.test(given.text) : given.pages !== 1) {
    found.push(`${who}: ${given.pages} pages, and ${given.text.split("\n").slice(0, 4).join(" ")}`);
  }
  return found;
}
