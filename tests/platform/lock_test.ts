import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { exists } from "../../lib/platform/files.ts";
import { isLocked, takeLock } from "../../lib/platform/lock.ts";
import { withLock } from "../../lib/platform/with_lock.ts";

const root = new URL("../../", import.meta.url).pathname;

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lock-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("takeLock keeps others out until it is released, and leaves nothing", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "new", "lock");
    const lock = await takeLock(path);
    assertEquals(await takeLock(path), null);
    assertEquals(await isLocked(path), true);
    lock!.release();
    assertEquals(await isLocked(path), false);
    assertEquals([...Deno.readDirSync(folder)], []);
    (await takeLock(path))!.release();
  });
});

Deno.test("withLock lets callers in one after the other, though one fails, and says who waits", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "lock");
    let [inside, waited] = [0, 0];
    const calls = Array.from({ length: 4 }, (_, index) =>
      withLock(path, async () => {
        assertEquals(++inside, 1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        inside--;
        if (index === 1) throw new Error("for a test");
      }, () => waited++));
    const ends = (await Promise.allSettled(calls)).map(({ status }) => status);
    assertEquals(ends, ["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    assertEquals(waited, 3);
    assert(!exists(path));
  });
});

Deno.test({
  name: "a lock is the system's own, which a shell's flock knows, and ends with its holder",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "lock");
      const holder = new Deno.Command("sh", {
        args: ["-c", 'exec 9>> "$0"; flock 9; echo held; exec sleep 600', path],
        stdout: "piped",
      }).spawn();
      const reader = holder.stdout.getReader();
      await reader.read();
      assertEquals(await takeLock(path), null);
      holder.kill("SIGKILL");
      await holder.status;
      await reader.cancel();
      const lock = await takeLock(path);
      assert(lock);
      const { success } = await new Deno.Command("flock", { args: ["-n", path, "true"] }).output();
      assertEquals(success, false);
      lock!.release();
    });
  },
});

/** A program that a user runs who owns nothing. */
const asNobody = (args: string[], options: Deno.CommandOptions = {}) =>
  new Deno.Command("setpriv", {
    ...options,
    args: ["--reuid=65534", "--regid=65534", "--clear-groups", ...args],
  });

/** Whether root runs this, in a folder that others may read. */
async function canTryNobody(): Promise<boolean> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const script = 'test -x "$0" && test -r "$1"';
  const args = ["sh", "-c", script, Deno.execPath(), `${root}lib/platform/lock.ts`];
  return (await asNobody(args).output().catch(() => ({ success: false }))).success;
}

Deno.test({
  name: "a lock keeps out another user, who may only read its file",
  ignore: !await canTryNobody(),
  fn: async () => {
    await inFolder(async (folder) => {
      await Deno.chmod(folder, 0o777);
      const lock = await takeLock(join(folder, "lock"));
      await Deno.chmod(join(folder, "lock"), 0o644);
      const program = `const { takeLock } = await import("${root}lib/platform/lock.ts");
        console.log(await takeLock(Deno.args[0]) === null);`;
      const { stdout, stderr } = await asNobody(
        [Deno.execPath(), "eval", "--no-config", program, join(folder, "lock")],
        { env: { DENO_DIR: join(folder, "cache"), HOME: folder } },
      ).output();
      lock!.release();
      const decoder = new TextDecoder();
      assertEquals(decoder.decode(stdout), "true\n", decoder.decode(stderr));
    });
  },
});

Deno.test({
  name: "a lock keeps out another user who comes between its folder's making and its own",
  ignore: !await canTryNobody(),
  fn: async () => {
    await inFolder(async (folder) => {
      await Deno.chmod(folder, 0o755);
      const path = join(folder, "lock");
      // As the other user finds no lock, it waits until there is one, and goes on.
      const program = `const { takeLock } = await import("${root}lib/platform/lock.ts");
        const open = Deno.open;
        Deno.open = (path, options) => open(path, options).catch(async (error) => {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
          console.log("none");
          while (true) {
            await new Promise((resolve) => setTimeout(resolve, 10));
            if (await Deno.stat(path).catch(() => false)) throw error;
          }
        });
        console.log(await takeLock(Deno.args[0]));`;
      const other = asNobody([Deno.execPath(), "eval", "--no-config", program, path], {
        env: { DENO_DIR: join(folder, "cache"), HOME: folder, NO_COLOR: "1" },
        stdout: "piped",
      }).spawn();
      const lines = other.stdout.pipeThrough(new TextDecoderStream()).getReader();
      assertEquals((await lines.read()).value, "none\n");
      const lock = await takeLock(path);
      await Deno.chmod(path, 0o644);
      const { value } = await lines.read();
      lock!.release();
      assertEquals(value, "null\n");
      await lines.cancel();
      await other.status;
    });
  },
});
