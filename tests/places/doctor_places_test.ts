/** What doctor says of a home and of data that it may not write to, and two users who want the same data. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../tools/command.ts";
import { hub } from "../../tools/doctor_places.ts";
import { hasQuotas, withUsedQuota } from "../faults/used_quota.ts";

const linux = Deno.build.os === "linux";
/** As root, each is a user of its own; a number that no account has. */
const firstUser = 61_011;
const isRoot = linux && Deno.uid() === 0;

/** Runs a module's text with the course's settings, as a user of its own where that can be. */
async function run(
  text: string,
  env: Record<string, string>,
  user = 0,
  start = (command: string[]) => command,
  groups = "--clear-groups",
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "tessera-doctor-places-" });
  await Deno.chmod(folder, 0o755);
  try {
    await Deno.writeTextFile(join(folder, "run.ts"), text);
    const deno = [Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"];
    const command = [...deno, "--config", join(root, "deno.json"), join(folder, "run.ts")];
    const id = firstUser + user;
    const as = isRoot ? ["setpriv", `--reuid=${id}`, `--regid=${id}`, groups] : ["env"];
    const { success, stdout, stderr } = await new Deno.Command(as[0], {
      args: [...as.slice(1), ...start(command)],
      env: { DENO_DIR: join(root, ".deno"), HOME: folder, NO_COLOR: "1", ...env },
      cwd: "/",
    }).output();
    const said = new TextDecoder().decode(success ? stdout : stderr);
    assert(success, said);
    return said;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether another user may read this installation; it says so where none may. */
async function isOpen(): Promise<boolean> {
  if (!isRoot) return true;
  const as = [`--reuid=${firstUser}`, `--regid=${firstUser}`, "--clear-groups"];
  const { success } = await new Deno.Command("setpriv", {
    args: [...as, Deno.execPath(), "--version"],
  }).output().catch(() => ({ success: false }));
  if (!success) console.warn("NOT TRIED: the installation is closed to all but root.");
  return success;
}

async function withHome(use: (home: string, data: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "tessera-doctor-places-" }));
  await Deno.chmod(folder, 0o755);
  const [home, data] = [join(folder, "home"), join(folder, "data")];
  try {
    const made = await new Deno.Command(join(root, "tessera"), { args: ["home", home] }).output();
    assert(made.success, new TextDecoder().decode(made.stderr));
    await Deno.mkdir(data);
    if (isRoot) {
      await new Deno.Command("chown", { args: ["-R", `${firstUser}`, home] }).output();
    }
    await use(home, data);
  } finally {
    await new Deno.Command("chmod", { args: ["-R", "u+w", folder] }).output();
    await Deno.remove(folder, { recursive: true });
  }
}

const findings = `import { data, places } from ${
  JSON.stringify(new URL("../../tools/doctor_places.ts", import.meta.url).href)
};
const absent = { name: "absent", summary: "a data set that no installation has", megabytes: 12 };
for (const { state, subject, text } of [...places(), ...data([absent])]) console.log(state, subject, text);`;

Deno.test({
  name: "doctor names what in a home, beside it and of shared data cannot be written",
  ignore: !linux,
  fn: async () => {
    if (!await isOpen()) return;
    await withHome(async (home, data) => {
      const env = { TESSERA_HOME: home, TESSERA_DATA: data };
      assertMatch(await run(findings, env), /^ok home your notebooks are in /m);
      await Deno.chmod(join(home, "tessera"), 0o644); // as where no programs are started
      const note = `note home ${home}/tessera cannot be started, `;
      assertStringIncludes(await run(findings, env), note);
      await Deno.chmod(join(home, "tessera"), 0o755);
      assert(!(await run(findings, env)).includes(note));
      await Deno.mkdir(join(home, "out"));
      await Deno.chmod(join(home, "out"), 0o555); // of root's, where root runs the tests
      await Deno.chmod(data, 0o555);
      const said = await run(findings, env);
      const mends = isRoot
        ? `bad home ${home}/out is another user's (0), as after a command with sudo: sudo chown -R ${firstUser} "${home}/out" mends that`
        : `bad home ${home}/out cannot be written: chmod -R u+w "${home}/out" mends that`;
      assertStringIncludes(said, mends);
      assertStringIncludes(said, `TESSERA_DATA, which is ${data}, is read-only for you`);
      await Deno.chmod(home, 0o555);
      if (isRoot) await Deno.chown(home, 0, 0);
      assertMatch(await run(findings, env), /^bad home .* which cannot be written: /m);
    });
  },
});

Deno.test({
  name: "data that a group shares are its members', to read and to write, and nobody else's",
  ignore: !isRoot,
  fn: async () => {
    if (!await isOpen()) return;
    await withHome(async (home, data) => {
      const group = firstUser + 50;
      await Deno.chown(data, 0, group);
      await Deno.chmod(data, 0o2770);
      const modules = ["tools/settings.ts", "lib/platform/files.ts"]
        .map((path) => JSON.stringify(pathToFileURL(join(root, path)).href));
      const text = `import { rules } from ${modules[0]};
        import { isWritable } from ${modules[1]};
        const data = ${JSON.stringify(data)};
        console.log(rules.TESSERA_DATA(data) ?? "may be read", isWritable(data));`;
      const env = { TESSERA_HOME: home };
      assertEquals(await run(text, env, 0, undefined, `--groups=${group}`), "may be read true\n");
      assertEquals(await run(text, env), "a folder that you may read false\n");
    });
  },
});

Deno.test({
  name: "doctor names a home's full disk",
  ignore: !isRoot,
  fn: async () => {
    if (!await isOpen()) return;
    await withHome(async (home, data) => {
      const small = join(dirname(home), "small");
      await Deno.mkdir(small);
      const { success } = await new Deno.Command("mount", {
        args: ["-t", "tmpfs", "-o", "size=8m,mode=777", "tmpfs", small],
      }).output();
      if (!success) return console.warn("NOT TRIED: nothing can be mounted here.");
      try {
        const copied = join(small, "home");
        await new Deno.Command("cp", { args: ["-a", home, copied] }).output();
        await new Deno.Command("sh", {
          args: ["-c", `head -c 20000000 /dev/zero > "${small}/filled"`],
        }).output();
        const said = await run(findings, { TESSERA_HOME: copied, TESSERA_DATA: data });
        assertMatch(said, /^bad home nothing more can be written to .*small\/home \(.*\): delete/m);
      } finally {
        await new Deno.Command("umount", { args: [small] }).output();
      }
    });
  },
});

Deno.test({
  name: "doctor names a quota that is used up, in a home and for data",
  ignore: !hasQuotas,
  fn: async () => {
    if (!await isOpen()) return;
    await withHome(async (home, data) => {
      if (isRoot) await Deno.chown(data, firstUser, firstUser);
      const env = { TESSERA_HOME: home, TESSERA_DATA: data };
      const said = await run(findings, env, 0, withUsedQuota);
      const why = "your quota of this disk is used up";
      assertStringIncludes(
        said,
        `bad home nothing more can be written to ${home} (${why}): delete`,
      );
      assertMatch(
        said,
        new RegExp(`^note data absent is not here yet .*, and ${why}: free some`, "m"),
      );
      assert(!(await run(findings, env)).includes("quota"));
    });
  },
});

Deno.test({
  name: "doctor tells who sets up a hub that its Python lies in a closed folder",
  ignore: !linux,
  fn: async () => {
    const folder = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "tessera-doctor-places-" }),
    );
    try {
      await Deno.chmod(folder, 0o755);
      const [bin, own] = [join(folder, "course", ".venv", "bin"), join(folder, "own")];
      await Deno.mkdir(bin, { recursive: true });
      await Deno.mkdir(own);
      await Deno.writeTextFile(join(own, "python3"), "");
      await Deno.symlink(join(own, "python3"), join(bin, "python"));
      const course = join(folder, "course");
      assertEquals(hub(course), []); // no hub's
      await Deno.writeTextFile(join(bin, "jupyterhub"), "");
      await Deno.chmod(own, 0o700);
      const [{ state, text }] = hub(course);
      assertEquals(state, "note");
      assertStringIncludes(text, `.venv's Python lies in ${own}, which is closed`);
      await Deno.chmod(own, 0o755);
      assertEquals(hub(course).map(({ state }) => state), ["ok"]);
      await Deno.chmod(folder, 0o700);
      assertStringIncludes(hub(course)[0].text, `the installation lies in ${folder}, which is`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "two users who want the same data at once fetch it once",
  ignore: !linux,
  fn: async () => {
    if (!await isOpen()) return;
    await withHome(async (home, data) => {
      await Deno.chmod(data, 0o777);
      const fetching = join(root, "lib", "platform", "fetching", "obtain.ts");
      const text = `import { obtainFile } from ${JSON.stringify(`file://${encodeURI(fetching)}`)};
        const folder = ${JSON.stringify(data)};
        const write = async (file) => {
          Deno.writeTextFileSync(folder + "/fetched", ".", { append: true, mode: 0o666 });
          while ([...Deno.readDirSync(folder)].filter(({ name }) => /^here-/.test(name)).length < 2) {
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
          await Deno.writeTextFile(file, "digits");
        };
        Deno.writeTextFileSync(folder + "/here-" + crypto.randomUUID(), "");
        const sha256 = "${await sha256("digits")}";
        const sources = [{ origin: "a test", write }];
        const wanted = { name: "digits", file: folder + "/set/digits", sha256, sources, report() {} };
        console.log(new TextDecoder().decode(await obtainFile(wanted)));`;
      const both = [0, 1].map((user) => run(text, { TESSERA_HOME: home }, user));
      assertEquals(await Promise.all(both), ["digits\n", "digits\n"]);
      assertEquals(await Deno.readTextFile(join(data, "fetched")), ".");
    });
  },
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
