/**
 * A class on a hub: one installation, root's, read-only, on a path with a space, by the course's own settings of
 * JupyterHub. Two users of the machine work in browsers, submit by nbgrader's exchange, are graded and get their
 * feedback; each then tries to come by what the other has.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
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
  setWritable,
  snapshot,
  takePythonForAll,
} from "../places/read_only.ts";
import { writesBelow } from "../places/trace.ts";
import { makeAccount } from "./account.ts";
import { Hub } from "./hub.ts";
import {
  ask,
  assignment,
  runsThrough,
  seesTensorBoard,
  stops,
  survivesClosing,
} from "./learner.ts";
import { cannotComeBy } from "./snooping.ts";

const chromium = findChromium();
const needed = ["node", "useradd", "runuser", "setpriv"];
const lacking = [
  ...(Deno.build.os === "linux" && Deno.uid() === 0 ? [] : ["root on Linux"]),
  ...needed.filter((name) => !findProgram(name)),
  ...(chromium ? [] : ["Chromium"]),
];
if (lacking.length > 0) console.warn(`NO HUB IS TRIED: there is no ${lacking.join(", no ")} here.`);

const units = { ada: "unit0", ben: "unit1" };
const notebooks = { ada: "first_steps.ipynb", ben: "vision_transformer_mnist.ipynb" };

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
      await copyInstallation(course, release);
      await copyMnist(course);
      if (!await takePythonForAll(course, 61_001)) {
        console.warn("NO HUB IS TRIED: .venv's Python is closed to all but root.");
        return;
      }
      await addHub(course);
      await setWritable(course, "-w");
      const before = await snapshot(course);
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
      for (const unit of Object.values(units)) await nbgrader("release_assignment", unit);

      await using ada = await makeAccount("ada");
      await using ben = await makeAccount("ben");
      const traces = join(parent, "traces");
      await Deno.mkdir(traces, { mode: 0o700 });
      await Deno.chown(traces, ada.uid, ada.uid);
      const trace = join(traces, "ada.txt");
      const isTraced = findProgram("strace") !== undefined;
      if (!isTraced) console.warn("NO TRACE: strace is not installed; times are compared alone.");
      await using hub = await Hub.start({
        ...{ course, folder },
        settings: `
c.Spawner.args = ["--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {"TESSERA_QUICK": "1", "JUPYTER_CONFIG_PATH": ${JSON.stringify(settings)}}
${isTraced ? tracing(ada.name, trace) : ""}`,
      });
      try {
        const [adasLab, bensLab] = await Promise.all(
          [ada, ben].map((account) => hub.logIn(account, chromium!)),
        );
        await using labOfAda = adasLab;
        await using labOfBen = bensLab;
        await test.step("each runs a unit", async () => {
          await Promise.all([
            runsThrough(labOfAda, units.ada, notebooks.ada),
            runsThrough(labOfBen, units.ben, notebooks.ben),
          ]);
        });
        let board: URL | undefined;
        await test.step("TensorBoard shows the training, by the user's server", async () => {
          board = await seesTensorBoard(labOfBen);
        });
        await picture(labOfAda, "ada"), await picture(labOfBen, "ben");
        await test.step("neither can come by what the other has", async () => {
          const [one, other] = [{ account: ada, lab: labOfAda }, { account: ben, lab: labOfBen }];
          await cannotComeBy(one, { ...other, board });
          await cannotComeBy(other, one);
        });
        await test.step("Stop ends a cell, and keeps the state", () => stops(labOfAda, ada));
        await test.step("a closed page ends nothing", () => survivesClosing(labOfAda));
        await test.step("a PDF, the playground, and a hand-in are made", async () => {
          const pdf = await ask(
            labOfAda,
            `nbconvert/TesseraPDF/unit0/${notebooks.ada}?download=true`,
          );
          assertEquals([pdf.status, pdf.text.slice(0, 5)], [200, "%PDF-"]);
          const made = await ben.shell("cd ~/tessera && ./tessera playground");
          assertEquals(made.code, 0, made.said);
          const page = await ask(labOfBen, "files/out/playground.html");
          assertEquals(page.status, 200);
          const handedIn = await ada.shell(
            "cd ~/tessera && ./tessera hand-in unit0 --as Noether-1",
          );
          assertEquals(handedIn.code, 0, handedIn.said);
        });
        await test.step("both submit, are graded, and fetch their feedback", async () => {
          const all = [[ada, labOfAda, "ada"], [ben, labOfBen, "ben"]] as const;
          for (const [, lab, who] of all) {
            // Where learners submit, and none of what is for teachers.
            const menu: string = await lab.browser.evaluate("document.body.innerText");
            assert(menu.includes("Nbgrader") && !menu.includes("Formgrader"), menu.slice(0, 200));
            assertStringIncludes(await assignment(lab, "", units[who]), units[who]);
            await assignment(lab, "submit", units[who]);
          }
          for (const [account, lab, who] of all) {
            await nbgrader("collect", units[who]);
            await grading("grade", units[who], "--quick", "--unsafe");
            await grading("give-back", units[who], "--open", "--exchange");
            await assignment(lab, "fetch_feedback", units[who]);
            const { said } = await account.shell(`cat ~/tessera/${units[who]}/feedback/*/*.html`);
            assertMatch(said, /Score: /);
          }
        });
      } finally {
        logged.push(await hub.said());
      }
      assertEquals(differences(before, await snapshot(course)), [], "in the installation");
      if (isTraced) {
        const writes = writesBelow(course, await Deno.readTextFile(trace))
          .filter((line) => !isOfDenosCache(line, course));
        assertEquals(writes, [], "attempts to write into the installation");
      }
    } catch (error) {
      console.error(logged.join("").split("\n").slice(-60).join("\n"));
      throw error;
    } finally {
      await setWritable(course, "+w").catch(() => {});
      await new Deno.Command("rm", { args: ["-rf", parent] }).output(); // quicker for 60,000 files
    }
  },
});

/** Has the calls of one user's server, and of all that it starts, written down. */
function tracing(name: string, file: string): string {
  const strace = [
    "strace",
    "-f",
    "-y",
    "-qq",
    "--seccomp-bpf",
    "-e",
    "trace=file",
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
