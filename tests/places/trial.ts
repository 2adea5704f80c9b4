/**
 * The long form of the trial with three people, for which an hour or two are needed:
 * `deno task places [UNIT…]`, as root. An installation is set up from nothing on a path with a space and made
 * read-only; then each of three users runs all units in quick mode and calls the commands, from a home of
 * their own. Says what each call took, and what was written where nothing should be.
 */
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { unitNames } from "../../tools/notebooks.ts";
import { Person } from "./person.ts";
import { copyFiles, differences, setWritable, snapshot } from "./read_only.ts";

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

if (Deno.uid() !== 0) {
  console.error("Only root can run three people as three users.");
  Deno.exit(2);
}
const parent = await Deno.makeTempDir({ prefix: "tessera-trial-" });
await Deno.chmod(parent, 0o755);
const course = join(parent, "the course");
let failures = 0;

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
  await setWritable(course, "-w");
  const before = await snapshot(course);
  const people = ["ada", "ben", "cem"].map((name, index) =>
    new Person(name, { parent, installation: course, uid: firstUser + index })
  );
  for (const person of people) await person.moveIn();
  for (const person of people) {
    const others = people.filter((each) => each !== person);
    const homes = await Promise.all(others.map((each) => snapshot(each.folder)));
    const home = join(person.folder, "my home");
    await call(person, '"$COURSE/tessera" home "my home"', person.folder);
    for (const line of lines) await call(person, line, home);
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
