/**
 * A class on a hub: one installation, root's, read-only, on a path with a space, by the course's own settings of
 * JupyterHub. Two users of the machine work in browsers, submit by nbgrader's exchange, are graded and get their
 * feedback; each then tries to come by what the other has.
 */
import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { program, root } from "../../tools/command.ts";
import { findProgram } from "../browsers/find_program.ts";
import { findChromium } from "../chromium.ts";
import type { Lab } from "../lab.ts";
import { makeInstallation } from "../places/installation.ts";
import {
  copyInstallation,
  copyMnist,
  differences,
  removeInstallation,
  setWritable,
  snapshot,
  takePythonForAll,
} from "../places/read_only.ts";
import { writesBelow, writing } from "../places/trace.ts";
import { type Account, makeAccount } from "./account.ts";
import { Hub } from "./hub.ts";
import {
  ask,
  assignment,
  runsThrough,
  seesTensorBoard,
  stops,
  survivesClosing,
} from "./learner.ts";
import { cannotComeBy, isClosedToOtherNames } from "./snooping.ts";

const chromium = findChromium();
const needed = ["node", "useradd", "runuser", "setpriv"];
const lacking = [
  ...(Deno.build.os === "linux" && Deno.uid() === 0 ? [] : ["root on Linux"]),
  ...needed.filter((name) => !findProgram(name)),
  ...(chromium ? [] : ["Chromium"]),
];
if (lacking.length > 0) console.warn(`NO HUB IS TRIED: there is no ${lacking.join(", no ")} here.`);

/** What both run and submit, so that staff's programs start once for both; and what one of them trains in. */
const unit = "unit0", notebook = "first_steps.ipynb";
const training = { unit: "unit1", notebook: "vision_transformer_mnist.ipynb" };

/** The learners' copy of the course, as a keeper makes it for a hub. */
async function release(folder: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(join(root, "tessera"), {
    args: ["release", "--to", folder],
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/** JupyterHub and its proxy, fetched where this machine has not had them yet. */
async function addHub(course: string): Promise<void> {
  // As the first time, where the installation that is tested has one already: what it compiles was not copied.
  await Deno.remove(join(course, ".venv", "tessera-hub.stamp")).catch(() => {});
  const { code, stderr } = await new Deno.Command(join(course, "tools", "set_up.sh"), {
    args: [course],
    env: { TESSERA_HUB: "1" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/** The installation as a keeper leaves it, and how it is then; undefined where nobody else may run its Python. */
async function install(course: string): Promise<Map<string, string> | undefined> {
  await copyInstallation(course, release);
  if (!await takePythonForAll(course, 61_001)) return;
  await Promise.all([addHub(course), copyMnist(course)]);
  await setWritable(course, "-w");
  return await snapshot(course);
}

/** nbgrader's settings of this machine: where its exchange is. Gives the folder of settings. */
async function makeExchange(parent: string): Promise<string> {
  const [exchange, settings] = [join(parent, "exchange"), join(parent, "settings")];
  await Deno.mkdir(exchange);
  await Deno.chmod(exchange, 0o1777);
  await Deno.mkdir(settings);
  const line = `c = get_config()\nc.Exchange.root = ${JSON.stringify(exchange)}\n`;
  await Deno.writeTextFile(join(settings, "nbgrader_config.py"), line);
  return settings;
}

Deno.test({
  name: "two users of a hub work, train, see TensorBoard, submit, and get their feedback",
  ignore: lacking.length > 0,
  async fn(test) {
    const parent = await Deno.makeTempDir({ prefix: "tessera-hub-" });
    await Deno.chmod(parent, 0o755);
    const course = join(parent, "the course");
    const logged: string[] = [];
    try {
      const settings = await makeExchange(parent);
      const folder = join(parent, "srv");
      await Deno.mkdir(folder, { mode: 0o700 });

      // Who grades has a clone of their own, with the solutions, which no learner can read.
      await using clone = await makeInstallation(["notebooks", "nbgrader_config.py"]);
      const env = {
        JUPYTER_CONFIG_PATH: settings,
        PATH: `${join(root, ".venv", "bin")}:${Deno.env.get("PATH")}`,
      };
      const nbgrader = async (...args: string[]) => {
        const command = new Deno.Command(program("nbgrader"), { args, cwd: clone.folder, env });
        const { code, stderr } = await command.output();
        assertEquals(code, 0, new TextDecoder().decode(stderr));
      };
      const grading = async (name: string, ...args: string[]) => {
        const { code, said } = await clone.tessera(name, args, { from: clone.folder, env });
        assertEquals(code, 0, said);
      };
      let before: Map<string, string> | undefined;
      await test.step("the learners' copy is installed, with a hub", async () => {
        [before] = await Promise.all([install(course), nbgrader("release_assignment", unit)]);
      });
      if (!before) {
        console.warn("NO HUB IS TRIED: .venv's Python is closed to all but root.");
        return;
      }

      await using ada = await makeAccount("ada");
      await using ben = await makeAccount("ben");
      const traces = join(parent, "traces");
      await Deno.mkdir(traces, { mode: 0o700 });
      await Deno.chown(traces, ben.uid, ben.uid);
      const trace = join(traces, "ben.txt");
      const isTraced = findProgram("strace") !== undefined;
      if (!isTraced) console.warn("NO TRACE: strace is not installed; times are compared alone.");
      await using hub = await Hub.start({
        ...{ course, folder },
        settings: `
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {"TESSERA_QUICK": "1", "JUPYTER_CONFIG_PATH": ${JSON.stringify(settings)}}
${isTraced ? tracing(ben.name, trace) : ""}`,
      });
      try {
        await using labs = new AsyncDisposableStack();
        let labOfAda!: Lab, labOfBen!: Lab;
        await test.step("both log in", async () => {
          [labOfAda, labOfBen] = await Promise.all(
            [ada, ben].map(async (account) => labs.use(await hub.logIn(account, chromium!))),
          );
        });
        const all = [[ada, labOfAda], [ben, labOfBen]] as const;
        await test.step("each runs a unit and submits it", async () => {
          await Promise.all(all.map(async ([, lab]) => {
            await runsThrough(lab, unit, notebook);
            await submits(lab);
          }));
        });
        await picture(labOfAda, "ada");
        let board: URL | undefined;
        // Side by side, as in a class, where much of it is waiting.
        await test.step("one trains, sees TensorBoard and makes files, one stops a cell and comes back, both are graded", async () => {
          await Promise.all([
            (async () => {
              await runsThrough(labOfBen, training.unit, training.notebook);
              board = await seesTensorBoard(labOfBen);
              await picture(labOfBen, "ben");
            })(),
            makesFiles(labOfBen, ben),
            stopsAndReturns(labOfAda, ada),
            (async () => {
              await nbgrader("collect", unit);
              await grading("grade", unit, "--quick", "--unsafe");
              await grading("give-back", unit, "--open", "--exchange");
            })(),
          ]);
        });
        await test.step("both fetch their feedback", async () => {
          for (const [account, lab] of all) {
            await assignment(lab, "fetch_feedback", unit);
            const { said } = await account.shell(`cat ~/tessera/${unit}/feedback/*/*.html`);
            assertMatch(said, /Score: /);
          }
        });
        await test.step("neither can come by what the other has", async () => {
          const [one, other] = [{ account: ada, lab: labOfAda }, { account: ben, lab: labOfBen }];
          await Promise.all([cannotComeBy(one, { ...other, board }), cannotComeBy(other, one)]);
        });
        await test.step("another name that leads here gets neither page", async () => {
          await isClosedToOtherNames({ account: ben, lab: labOfBen }, board!);
        });
        await test.step("the hub ends at once, with their servers", async () => {
          const begun = performance.now();
          await hub[Symbol.asyncDispose]();
          // It asks each to end, and ends one that has not heard after half a minute.
          assertLess(performance.now() - begun, 20_000);
        });
      } finally {
        logged.push(await hub.said());
      }
      assertEquals(differences(before!, await snapshot(course)), [], "in the installation");
      if (isTraced) {
        const writes = writesBelow(course, await Deno.readTextFile(trace))
          .filter((line) => !isOfDenosCache(line, course));
        assertEquals(writes, [], "attempts to write into the installation");
      }
    } catch (error) {
      console.error(logged.join("").split("\n").slice(-60).join("\n"));
      throw error;
    } finally {
      await removeInstallation(course);
      await Deno.remove(parent, { recursive: true });
    }
  },
});

/** By nbgrader's list, which shows where learners submit, and none of what is for teachers. */
async function submits(lab: Lab): Promise<void> {
  const menu: string = await lab.browser.evaluate("document.body.innerText");
  assert(menu.includes("Nbgrader") && !menu.includes("Formgrader"), menu.slice(0, 200));
  assertStringIncludes(await assignment(lab, "", unit), unit);
  await assignment(lab, "submit", unit);
}

async function stopsAndReturns(lab: Lab, account: Account): Promise<void> {
  await stops(lab, account);
  await survivesClosing(lab);
}

async function makesFiles(lab: Lab, account: Account): Promise<void> {
  const pdf = await ask(lab, `nbconvert/TesseraPDF/${unit}/${notebook}?download=true`);
  assertEquals([pdf.status, pdf.text.slice(0, 5)], [200, "%PDF-"]);
  const made = await account.shell("cd ~/tessera && ./tessera playground");
  assertEquals(made.code, 0, made.said);
  const page = await ask(lab, "files/out/playground.html");
  assertEquals(page.status, 200);
  const handedIn = await account.shell(`cd ~/tessera && ./tessera hand-in ${unit} --as Noether-1`);
  assertEquals(handedIn.code, 0, handedIn.said);
}

/** Has the calls of one user's server, and of all that it starts, written down. */
function tracing(name: string, file: string): string {
  // The hub ends the process that it started, which is to be the server: strace hears no signal.
  const strace = [
    "strace",
    "--daemonize",
    "-f",
    "-y",
    "-qq",
    "--seccomp-bpf",
    "-e",
    writing,
    "-e",
    "signal=none",
  ];
  return `
def trace(spawner):
    if spawner.user.name == ${JSON.stringify(name)}:
        spawner.cmd = [*${JSON.stringify([...strace, "-o", file])}, *spawner.cmd]

c.Spawner.pre_spawn_hook = trace
`;
}

/** Deno looks whether it may write its caches, at each start, and goes on without where it may not. */
function isOfDenosCache(line: string, course: string): boolean {
  return line.includes(`"${course}/.deno`) && !/ = \d+</.test(line) || /mkdir.*EEXIST/.test(line);
}

/** Keeps a picture of a user's page where one is asked for. */
async function picture(lab: Lab, name: string): Promise<void> {
  const folder = Deno.env.get("HUB_PICTURES");
  if (folder) await lab.browser.screenshot(join(folder, `${name}.png`));
}
