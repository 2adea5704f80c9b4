/** What `./tessera uninstall` deletes, and what it leaves alone. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { root } from "../../tools/command.ts";
import { exists } from "../../lib/platform/files.ts";
import { findProgram } from "../browsers/find_program.ts";
import { makeCourse, persons, textsIn } from "./course.ts";

/** Files such as Tessera makes and fetches. */
const made = {
  home: [
    "data/mnist/train.gz",
    "data/decoded/a.bin",
    ".kernels/1.kernel",
    ".jupyter/runtime/x.json",
  ],
  installation: ["data/cifar10/batch.bin", "out/bundle/wheels/a.whl", ".set-up.lock"],
};

Deno.test("uninstall deletes what can be made again, after a question, and nothing that a person made", async () => {
  const { course, home } = await makeCourse();
  await using _ = course;
  const folders = { home, installation: course.folder };
  for (const where of ["home", "installation"] as const) {
    for (const path of made[where]) {
      await Deno.mkdir(dirname(join(folders[where], path)), { recursive: true });
      await Deno.writeTextFile(join(folders[where], path), "x".repeat(5000));
    }
  }
  const before = await textsIn(home);
  const listed = await course.tessera("uninstall", [], { from: home });
  assertEquals(listed.code, 0, listed.said);
  assertMatch(listed.said, / kB {2}data\/mnist: decoded pictures, and data sets/);
  assertMatch(listed.said, / kB {2}\.kernels: fused kernels/);
  assertMatch(listed.said, / kB {2}unit0: notebooks and the modules beside them/);
  assertStringIncludes(listed.said, "Nothing was deleted; ./tessera uninstall --yes deletes");
  assertEquals(await textsIn(home), before);

  // By the home's name or a link's, and what an installation has started, also where its link leads elsewhere now.
  const links = { home: join(course.homes, "link"), installation: join(course.homes, "course") };
  for (const where of ["home", "installation"] as const) {
    await Deno.symlink(folders[where], links[where]);
  }
  const sleep = join(course.folder, "docs", "sleep");
  await Deno.copyFile(findProgram("sleep")!, sleep);
  const servers = [
    ...[home, links.home].map((each) => ["sh", `--ServerApp.root_dir=${each}`]),
    ["sh", join(links.installation, ".venv", "bin", "jupyterhub")],
    [sleep],
  ];
  for (const [program, argument] of Deno.build.os === "linux" ? servers : []) {
    const args = argument ? ["-c", "read line", "sh", argument] : ["60"];
    const server = new Deno.Command(program, { args, stdin: "piped" }).spawn();
    const refused = await course.tessera("uninstall", ["--yes"], { from: home });
    server.kill();
    await server.stdin.close().catch(() => {});
    await server.status;
    assertEquals(refused.code, 1, argument ?? program);
    assertMatch(
      refused.said,
      new RegExp(`still runs here \\(process ${server.pid}\\): nothing was`),
    );
    assertEquals(await textsIn(home), before);
  }

  const { code, said } = await course.tessera("uninstall", ["--yes"], { from: home });
  assertEquals(code, 0, said);
  for (const where of ["home", "installation"] as const) {
    for (const path of made[where]) assert(!exists(join(folders[where], path)), path);
    const kept = new Set((await textsIn(folders[where])).values());
    for (const [path, text] of Object.entries(persons[where])) assert(kept.has(text), path);
  }
  // A link goes, and not what it leads to.
  assert(!exists(join(course.folder, ".venv")) && exists(join(root, ".venv", "bin", "deno")));
});
