/**
 * Four people share one installation that is someone else's. What they do leaves it as it is, and each
 * other's homes; among them they call every command, and none ends in a stack trace. As root each of them is a user
 * of its own; else all are the one who runs the tests.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { commands } from "../../tools/places.ts";
import { answer, Person } from "./person.ts";
import {
  copyInstallation,
  copyMnist,
  differences,
  removeInstallation,
  setWritable,
  snapshot,
  takePythonForAll,
} from "./read_only.ts";

const firstUser = 61_001; // numbers that no account has
const quick = { TESSERA_QUICK: "1" };

/** One thing that a person does, from a folder, and the exit code that it is to have. */
type Does = (
  line: string,
  options?: { from?: string; code?: number; env?: Record<string, string> },
) => Promise<string>;

/** Ada makes a home by a command that she calls from elsewhere, and works in it. */
async function ada(person: Person, does: Does): Promise<void> {
  const home = join(person.folder, "course work");
  const homeless = await does('"$COURSE/tessera" lab', { code: 2 });
  assertMatch(homeless, /you have no home yet.* home FOLDER makes one/);
  const made = await does('"$COURSE/tessera" home "course work"');
  assertStringIncludes(made, "course work is your home now");
  const from = home;
  assertMatch(
    await does("./tessera doctor", { from }),
    /home +your notebooks are in .*course work\n/,
  );
  await does("../tessera check first_steps", { from: join(home, "unit0") });
  await does("./tessera pdf unit0", { from });
  assertEquals((await Deno.stat(join(home, "out", "unit0", "first_steps.pdf"))).isFile, true);
  // A unit's name means the solved notebook here.
  const solved = await does("./tessera run unit0", { from });
  assertMatch(solved, /PDF: out\/solved\/unit0\/first_steps\.solved\.pdf/);
  await does("./tessera release", { from, code: 1 });
  await person.serve(["./tessera", "lab", "unit0", "--no-browser"], home, async (address) => {
    const { origin, searchParams } = new URL(address);
    const token = searchParams.get("token");
    const api = async (path: string) =>
      await (await answer(`${origin}/api/${path}?token=${token}`)).json();
    const { content } = await api("contents");
    const shown = content.map((each: { name: string }) => each.name);
    assert(shown.includes("unit0") && !shown.includes("lib"), shown.join());
    assertEquals((await api("kernelspecs")).default, "deno");
  });
}

/** Ben's home is named by a variable, as on a hub; he calls the command from anywhere. */
async function ben(person: Person, does: Does): Promise<void> {
  const home = join(person.folder, "tessera");
  const env = { TESSERA_HOME: home, ...quick };
  const made = await does('"$COURSE/tessera" pdf unit1', { env });
  assertStringIncludes(made, "is your home now");
  const trained = await does('"$COURSE/tessera" train mnist-vit', { env, from: "/" });
  assertStringIncludes(trained, "test accuracy 0.");
  assertEquals((await Deno.stat(join(home, "out/quick/mnist-vit/result.json"))).isFile, true);
  await does('"$COURSE/tessera" playground', { env });
  await does('"$COURSE/tessera" data', { env });
  const board = [
    "env",
    `TESSERA_HOME=${home}`,
    "sh",
    "-c",
    'exec "$COURSE/tessera" tensorboard --port 0',
  ];
  await person.serve(board, person.folder, async (address) => {
    let runs: string[] = [];
    while (runs.length === 0) { // it reads them when it is there
      runs = await (await answer(new URL("data/runs", address).href)).json();
    }
    assert(runs.every((run) => run.startsWith("quick-mnist-vit/")), runs.join());
  });
}

/** Cem has solved a unit; he uses plain Jupyter from the activated environment. His home comes to be a link. */
async function cem(person: Person, does: Does, course: string): Promise<void> {
  const home = join(person.folder, "work");
  await does('"$COURSE/tessera" home work');
  const solved = join(course, "notebooks/source/unit0/first_steps.ipynb");
  await does(`cat "${solved}" > unit0/first_steps.ipynb`, { from: home });
  // It moves to another disk, and a link stands in its place.
  await does("mkdir disk && mv work disk/ && ln -s disk/work work");
  const from = join(home, "unit0");
  const activate = '. "$COURSE/.venv/bin/activate"';
  const validated = await does(`${activate}; nbgrader validate first_steps.ipynb`, { from });
  assertStringIncludes(validated, "Success! Your notebook passes all the tests.");
  await does("./tessera hand-in unit0 --as Noether-1234567", { from: home });
  // A user's temporary files are looked at, which may be another test's where there is one user.
  const apart = person.isUser ? "" : 'export TMPDIR="$(mktemp -d)"; ';
  const emptied = person.isUser ? "" : ' && rmdir "$TMPDIR"';
  await does(`${activate}; ${apart}python "$COURSE/tests/kernel/in_home.py"${emptied}`, { from });
  const nbconvert = `${activate}; jupyter nbconvert --to notebook --execute`;
  const stopped = await does(`${nbconvert} vision_transformer_mnist.ipynb`, {
    ...{ from: join(home, "unit1"), code: 1, env: quick },
  });
  assertMatch(stopped, /is not written yet|Not solved yet/);
  await does(`${activate}; jupyter nbconvert --to TesseraPDF first_steps.ipynb`, { from });
}

/** What Dan's commands say that write into the installation. */
const closed = /^tessera: this writes into the installation in .*the course, which is read-only/m;

/** Dan tries everything else that `./tessera help` lists, also what is for authors and for who grades. */
async function dan(person: Person, does: Does): Promise<void> {
  const from = join(person.folder, "home");
  await does('"$COURSE/tessera" home home');
  await does("./tessera update", { from });
  await does("./tessera history unit0", { from });
  await does("./tessera docs", { from });
  await does("./tessera test places/made_files", { from });
  await does("./tessera specs data TextLineDataset", { from });
  await does("mkdir Noether-1234567 && cp unit0/*.ipynb Noether-1234567", { from });
  for (
    const [line, words] of [
      ["collect Noether-1234567 --unit unit0", closed],
      ["grade unit0", /^tessera: nobody has handed in unit0: /],
      ["regrade unit0", /^tessera: nobody has handed in unit0: /],
      ["answers unit0", /^tessera: there are no answers to unit0's questions to read/],
      ["class-report unit0", closed],
      ["give-back unit0", /^tessera: nothing of unit0 was handed in/],
      ...["bench", "bundle", "faults", "kernel", "mutants", "site"].map((name) => [name, closed]),
    ] as [string, RegExp][]
  ) assertMatch(await does(`./tessera ${line}`, { from, code: 1 }), words, line);
  await does("mkdir -p .kernels && echo x > .kernels/x.kernel", { from });
  assertStringIncludes(await does("./tessera uninstall --yes", { from }), "Deleted: ");
}

/** The commands that a line calls. */
const commandsIn = (line: string) =>
  [...line.matchAll(/tessera"? ([a-z][a-z-]*)/g)].map(([, name]) => name);
const stackTrace = /^ +at .*:\d+:\d+|^Traceback|Uncaught|panicked at/m;

Deno.test({
  name: "four people share an installation that is read-only, on a path with a space",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const parent = await Deno.makeTempDir({ prefix: "tessera-three-homes-" });
    await Deno.chmod(parent, 0o755);
    const course = join(parent, "the course");
    try {
      await copyInstallation(course);
      await copyMnist(course);
      const isRoot = Deno.uid() === 0;
      const areUsers = isRoot && await takePythonForAll(course, firstUser);
      if (!areUsers) {
        console.warn(
          isRoot
            ? "NO USERS OF THEIR OWN: .venv's Python is closed to all but root."
            : "NO USERS OF THEIR OWN: only root can run the three people as three users.",
        );
      }
      await setWritable(course, "-w");
      const before = await snapshot(course);
      const called = new Set<string>();
      const people = [ada, ben, cem, dan].map((life, index) => {
        const uid = areUsers ? firstUser + index : undefined;
        return { life, person: new Person(life.name, { parent, installation: course, uid }) };
      });
      for (const { person } of people) await person.moveIn();
      for (const { life, person } of people) {
        const others = people.filter((each) => each.person !== person);
        const homes = await Promise.all(others.map((each) => snapshot(each.person.folder)));
        const does: Does = async (line, { from = person.folder, code = 0, env } = {}) => {
          const { code: given, said } = await person.shell(line, from, env);
          assertEquals(given, code, `${person.name}: ${line}\n${said}`);
          if (!line.includes("nbconvert")) {
            assert(!stackTrace.test(said), `${person.name}: ${line}\n${said}`);
          }
          commandsIn(line).forEach((name) => called.add(name));
          return said;
        };
        await life(person, does, course);
        for (const [index, other] of others.entries()) {
          const now = await snapshot(other.person.folder);
          assertEquals(
            differences(homes[index], now),
            [],
            `${person.name} in ${other.person.name}'s`,
          );
        }
        // Beside the home lies nothing but Jupyter's own, where it is called without the command.
        const home = { ada: "course work", ben: "tessera", cem: "work", dan: "home" }[person.name]!;
        const expected = [
          home,
          ...(person.name === "cem" ? [".ipython", ".jupyter", ".local", "disk"] : []),
        ];
        const present = [...Deno.readDirSync(person.folder)].map(({ name }) => name);
        assertEquals(present.filter((name) => !expected.includes(name)), []);
      }
      assertEquals(differences(before, await snapshot(course)), [], "in the installation");
      called.add("tensorboard"); // Ben's, a server
      assertEquals([...called].sort(), Object.keys(commands).sort(), "nobody has called");
    } finally {
      await removeInstallation(course);
      await Deno.remove(parent, { recursive: true });
    }
  },
});
