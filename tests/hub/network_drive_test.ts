/**
 * A home on a network drive: it knows no hard links, gives no locks, and takes its time. strace answers so in its
 * place, for whatever the commands and Jupyter's server do.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { root } from "../../tools/command.ts";
import { readNotebook } from "../../tools/notebooks.ts";
import { findProgram } from "../browsers/find_program.ts";
import { solvedWith } from "../marking/made_class/course.ts";

const strace = findProgram("strace");
if (!strace) console.warn("NO NETWORK DRIVE IS TRIED: strace is not installed.");

/** Hard links are refused, locks are not known, and what is to be on the disk takes a quarter of a second. */
const drive = [
  ...["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "signal=none"],
  ...["-e", "trace=link,linkat,flock,fsync,fdatasync"],
  ...["-e", "inject=link,linkat:error=EPERM", "-e", "inject=flock:error=ENOLCK"],
  ...["-e", "inject=fsync,fdatasync:delay_exit=250000"],
];

Deno.test({
  name:
    "a home on a drive without links and locks, which is slow, is worked in, snapshot and handed in",
  ignore: !strace,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "tessera-network-drive-" });
    const home = join(folder, "home");
    // Where programs that do get locks clear away what nobody has locked, which are other tests'.
    const temporary = join(folder, "tmp");
    await Deno.mkdir(temporary);
    const call = async (...args: string[]) => {
      const { code, stdout, stderr } = await new Deno.Command(strace!, {
        args: [...drive, join(root, "tessera"), ...args],
        cwd: folder,
        env: { TESSERA_HOME: home, TESSERA_QUICK: "1", NO_COLOR: "1", TMPDIR: temporary },
        stdin: "null",
      }).output();
      const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
      assertEquals(code, 0, `${args.join(" ")}: ${said}`);
      return said;
    };
    try {
      await call("home", home);
      const path = join(home, "unit0", "first_steps.ipynb");
      const source = join(root, "notebooks", "source", "unit0", "first_steps.ipynb");
      const solved = solvedWith(await readNotebook(path), await readNotebook(source));
      await Deno.writeTextFile(path, JSON.stringify(solved));
      await call("hand-in", "unit0", "--as", "Noether-1");
      assert((await Deno.stat(join(home, "out", "hand-in", "unit0", "Noether-1.zip"))).size > 0);
      assertStringIncludes(await call("history", "unit0"), "hand");
      await call("history", "unit0", "--restore", "1"); // a file that takes the place of no other
      await call("train", "mnist-vit"); // which saves, and holds its lock
      await call("train", "mnist-vit"); // and is found
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
