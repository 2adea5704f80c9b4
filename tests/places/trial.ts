/**
 * The long form of the trial with three people, for which an hour or two are needed:
 * `deno task places [UNIT…]`, as root. An installation is set up from nothing on a path with a space and made
 * read-only, and so are the data sets; then each of three users runs all units in quick mode and calls the commands, from a home of
 * their own. Ada's system calls are traced, where strace is installed; Cem has an older home, in which every
 * unit is solved. Says what each call took, and what was written where nothing should be.
 */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { onSignals, warning } from "../../lib/platform/signals.ts";
import { unitNames } from "../../tools/notebooks.ts";
import { Person } from "./person.ts";
import { copyFiles, differences, setWritable, snapshot } from "./read_only.ts";
import { writesBelow } from "./trace.ts";

onSignals([warning], () => {}); // a batch system's, which ends no command

const firstUser = 61_011;
const units = Deno.args.length > 0 ? Deno.args : unitNames();

/** What each person calls in their home; all of it is to go well. */
const lines = [
  "./tessera home",
  "./tessera doctor",
  "./tessera data",
  ...units.flatMap((unit) => [
    `./tessera check ${unit}`,
    `./tessera pdf ${unit}`,
    `TESSERA_QUICK=yes ./tessera run ${unit}`,
  ]),
  "./tessera train mnist-vit --quick",
  "./tessera playground",
  "./tessera update --dry-run",
  "./tessera history",
  "./tessera release --check",
];

/** What Cem does besides: the course has been mended since, and his solutions run where he wrote them. */
const solvedLines = units.flatMap((unit) => [
  `cp "$COURSE/notebooks/source/${unit}/"*.ipynb ${unit}/`,
  `. "$COURSE/.venv/bin/activate" && TESSERA_QUICK=1 jupyter nbconvert --to notebook --execute ` +
  `--output-dir out/executed/${unit} ${unit}/*.ipynb`,
]);

if (Deno.uid() !== 0) {
  console.error("Only root can run three people as three users.");
  Deno.exit(2);
}
const parent = await Deno.makeTempDir({ prefix: "tessera-trial-" });
await Deno.chmod(parent, 0o755);
const course = join(parent, "the course");
const data = join(parent, "data");
let failures = 0;

/** The machine's data sets, in a folder that `TESSERA_DATA` names and nobody but root may write. */
async function bringData(): Promise<void> {
  const given = Deno.env.get("TESSERA_DATA") ?? join(root, "data");
  const { success } = await new Deno.Command("cp", { args: ["-r", given, data] }).output();
  if (!success) return console.log(`NO DATA IN COMMON: ${given} cannot be copied.`);
  await new Deno.Command("chmod", { args: ["-R", "a+rX,a-w", data] }).output();
  Deno.env.set("TESSERA_DATA", data);
}

/** The exercises as they were when homes were new, for a home that is older than the course. */
async function bringOldExercises(): Promise<boolean> {
  const line = `first=$(git log --diff-filter=A --format=%H -- tools/home.ts | tail -1) && ` +
    `git archive "$first" notebooks/exercises | tar x -C "$1"`;
  const command = new Deno.Command("sh", { args: ["-c", line, "sh", course], cwd: root });
  return (await command.output()).success;
}

/** Deno looks whether it may write its caches, at each start, and goes on without where it may not. */
const isOfDenosCache = (line: string) =>
  line.includes(`"${course}/.deno`) && !/ = \d+</.test(line) || /mkdir.*EEXIST/.test(line);

/** Notes what a trace says of writing into the installation: of what was refused, too. */
async function read(trace: string): Promise<void> {
  const writes = writesBelow(course, await Deno.readTextFile(trace));
  const others = writes.filter((line) => !isOfDenosCache(line));
  failures += others.length;
  for (const line of others.slice(0, 20)) console.log(`FAILED in the trace: ${line}`);
  console.log(
    `In the trace: ${others.length} attempts to write into the installation, and ` +
      `${writes.length - others.length} of Deno to open its caches there, all refused.`,
  );
}

async function call(person: Person, line: string, from: string): Promise<void> {
  const started = performance.now();
  const { code, said } = await person.shell(line, from);
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(5);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${seconds} s  ${person.name}: ${line}`);
  if (code === 0) return;
  failures++;
  console.log(said.trim().split("\n").slice(-20).join("\n").replace(/^/gm, "    "));
}

try {
  await copyFiles(course);
  const setUp = new Deno.Command(join(course, "tessera"), {
    args: ["home"],
    env: { PATH: `/usr/local/bin:/usr/bin:/bin:${Deno.env.get("PATH")}` },
  });
  if (!(await setUp.spawn().status).success) throw new Error("The set-up failed.");
  await bringData();
  const people = ["ada", "ben", "cem"].map((name, index) =>
    new Person(name, { parent, installation: course, uid: firstUser + index })
  );
  for (const person of people) await person.moveIn();
  const [ada, , cem] = people;
  if (await bringOldExercises()) {
    await call(cem, '"$COURSE/tessera" home "my home"', cem.folder);
    await copyFiles(course);
  } else console.log("NO OLDER HOME: this clone's history does not reach back.");
  await setWritable(course, "-w");
  const before = await snapshot(course);
  const trace = join(parent, "trace.txt");
  const isTraced = await new Deno.Command("strace", { args: ["--version"] }).output()
    .then(({ success }) => success, () => false);
  if (isTraced) ada.trace = trace;
  else {console.log(
      "NO TRACE: strace is not installed; times, sizes and rights are compared alone.",
    );}
  for (const person of people) {
    const others = people.filter((each) => each !== person);
    const homes = await Promise.all(others.map((each) => snapshot(each.folder)));
    const home = join(person.folder, "my home");
    await call(person, '"$COURSE/tessera" home "my home"', person.folder);
    if (person === cem) await call(cem, "./tessera update", home);
    for (const line of lines) await call(person, line, home);
    if (person === cem) { for (const line of solvedLines) await call(cem, line, home); }
    if (person.trace) await read(person.trace);
    for (const [index, other] of others.entries()) {
      for (const path of differences(homes[index], await snapshot(other.folder))) {
        failures++;
        console.log(`FAILED ${person.name} wrote ${path} in ${other.name}'s home`);
      }
    }
  }
  for (const path of differences(before, await snapshot(course))) {
    failures++;
    console.log(`FAILED ${path} was written in the installation`);
  }
} finally {
  await setWritable(course, "+w").catch(() => {});
  await Deno.remove(parent, { recursive: true });
}
console.log(failures === 0 ? "All went well." : `${failures} failed, in a copy of ${root}.`);
Deno.exit(failures === 0 ? 0 : 1);
