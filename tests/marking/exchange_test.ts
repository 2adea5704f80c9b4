/** nbgrader's exchange: hand-ins come from it and feedback goes back, and nothing else does. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { program, root } from "../../tools/command.ts";
import { readNotebook } from "../../tools/notebooks.ts";
import { type Installation, makeInstallation } from "../places/installation.ts";
import { solvedWith } from "./made_class/course.ts";

const unit = "unit0";
const notebook = "first_steps.ipynb";

/** nbgrader's settings of a machine with an exchange, and who learners are there. */
async function makeExchange({ homes }: Installation): Promise<Record<string, string>> {
  const [exchange, settings] = [join(homes, "exchange"), join(homes, "settings")];
  await Deno.mkdir(exchange);
  await Deno.chmod(exchange, 0o777);
  await Deno.mkdir(settings);
  await Deno.writeTextFile(
    join(settings, "nbgrader_config.py"),
    `c = get_config()\nc.CourseDirectory.course_id = "tessera"\nc.Exchange.root = ${
      JSON.stringify(exchange)
    }\nc.Exchange.cache = ${JSON.stringify(join(homes, "cache"))}\n`,
  );
  const programs = join(root, ".venv", "bin");
  return { JUPYTER_CONFIG_PATH: settings, PATH: `${programs}:${Deno.env.get("PATH")}` };
}

Deno.test({
  name:
    "A hand-in comes by nbgrader's exchange, and its feedback goes back; links are not followed",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using installation = await makeInstallation(["notebooks", "nbgrader_config.py"]);
    const { folder, homes } = installation;
    const env = await makeExchange(installation);
    const nbgrader = async (from: string, ...args: string[]) => {
      const { code, stderr } = await new Deno.Command(program("nbgrader"), {
        ...{ args, cwd: from, env },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 0, said);
      return said;
    };
    const own = join(homes, "Noether");
    await Deno.mkdir(own);
    await nbgrader(folder, "release_assignment", unit);
    await nbgrader(own, "fetch_assignment", unit);
    const source = join(folder, "notebooks", "source", unit, notebook);
    const path = join(own, unit, notebook);
    const solved = solvedWith(await readNotebook(path), await readNotebook(source));
    await Deno.writeTextFile(path, JSON.stringify(solved));
    await nbgrader(own, "submit", unit, "--CourseDirectory.student_id=Noether-1");

    // What others have laid there by themselves.
    const inbound = join(homes, "exchange", "tessera", "inbound");
    const lay = async (learner: string, put: (folder: string) => Promise<unknown>) => {
      const place = join(inbound, `${learner}+${unit}+2026-11-02 10:00:00.000000 UTC+x`);
      await Deno.mkdir(place);
      await put(place);
    };
    await lay("Link-2", (place) => Deno.symlink(source, join(place, notebook)));
    await lay("Gone-3", (place) => Deno.symlink("/nowhere", join(place, notebook)));
    await lay("Pipe-4", async (place) => {
      await new Deno.Command("mkfifo", { args: [join(place, "pipe.ipynb")] }).output();
      await Deno.copyFile(join(own, unit, notebook), join(place, notebook));
    });
    assertMatch(await nbgrader(folder, "collect", unit), /Left out, as it is no file: .*Link-2/);
    const submitted = (learner: string, file = notebook) =>
      join(folder, "grading", "submitted", learner, unit, file);
    const learners = ["Noether-1", "Link-2", "Gone-3", "Pipe-4"];
    assertEquals(learners.map((each) => exists(submitted(each))), [true, false, false, true]);

    // One that came as an archive has no secret of the exchange's.
    for (const each of ["Link-2", "Gone-3", "Pipe-4"]) {
      await Deno.remove(join(folder, "grading", "submitted", each), { recursive: true });
    }
    await Deno.mkdir(submitted("Archive-5", ""), { recursive: true });
    await Deno.copyFile(join(own, unit, notebook), submitted("Archive-5"));
    const call = async (name: string, ...args: string[]) => {
      const { code, said } = await installation.tessera(name, [unit, ...args], {
        ...{ from: folder, env },
      });
      assertEquals(code, 0, said);
    };
    await call("grade", "--quick", "--unsafe");
    await call("give-back", "--open", "--exchange");
    await nbgrader(own, "fetch_feedback", unit);
    const fetched = join(own, unit, "feedback");
    const [{ name }] = [...Deno.readDirSync(fetched)];
    const page = await Deno.readTextFile(join(fetched, name, "first_steps.html"));
    assertMatch(page, /Score: /);
    const released = [...Deno.readDirSync(join(homes, "exchange", "tessera", "feedback"))];
    assertEquals(released.length, 1);
    assert(exists(join(folder, "grading", "given-back", unit, "Archive-5.zip")));
  },
});
