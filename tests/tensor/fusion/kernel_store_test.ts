/** Compiled kernels that are kept between runs. */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { KernelMaker } from "../../../lib/tensor/fusion/llvm/kernel_maker.ts";
import { KernelStore } from "../../../lib/tensor/fusion/llvm/kernel_store.ts";
import type { Image } from "../../../lib/tensor/fusion/llvm/object_file.ts";
import { run } from "../subprocess.ts";
import { llvm } from "./kernels.ts";

const image: Image = {
  bytes: Uint8Array.from({ length: 1000 }, (_, at) => at % 251),
  writableFrom: 16_384,
  symbols: { tessera_rows: 16, tessera_finish: 512 },
};

/** A folder within one that is the user's own, and gone afterwards. */
async function inFolder(task: (folder: string) => Promise<void> | void): Promise<void> {
  const own = await Deno.makeTempDir();
  try {
    await task(join(own, "kernels"));
  } finally {
    await Deno.remove(own, { recursive: true });
  }
}

const filesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => join(folder, name));

Deno.test("a kernel is read as it was written, by its key", async () => {
  await inFolder((folder) => {
    const store = new KernelStore(folder), key = KernelStore.key("text", "processor");
    assertEquals(store.read(key), undefined);
    store.write(key, image);
    assertEquals(new KernelStore(folder).read(key), image);
    assertEquals(store.read(KernelStore.key("text", "another processor")), undefined);
    assert(KernelStore.key("ab", "c") !== KernelStore.key("a", "bc"));
    assertEquals(Deno.statSync(filesIn(folder)[0]).mode! & 0o777, 0o600);
    assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
  });
});

Deno.test("a file that is not as it was written is as good as none", async () => {
  await inFolder((folder) => {
    const store = new KernelStore(folder), key = KernelStore.key("text");
    store.write(key, image);
    const [file] = filesIn(folder);
    const whole = Deno.readFileSync(file);
    const changed = whole.slice();
    changed[changed.length - 7] ^= 1;
    for (const bytes of [changed, whole.slice(0, -1), whole.slice(0, 20), new Uint8Array(0)]) {
      Deno.writeFileSync(file, bytes);
      assertEquals(store.read(key), undefined);
    }
    store.write(key, image);
    assertEquals(store.read(key), image);
  });
});

Deno.test("nothing is kept in a folder, or taken from a file, that others can write", async () => {
  await inFolder((folder) => {
    const key = KernelStore.key("text");
    new KernelStore(folder).write(key, image);
    const [file] = filesIn(folder);
    Deno.chmodSync(file, 0o666);
    assertEquals(new KernelStore(folder).read(key), undefined);
    Deno.chmodSync(file, 0o600);
    for (const mode of [0o777, 0o770]) {
      Deno.chmodSync(folder, mode);
      const open = new KernelStore(folder);
      assertEquals(open.read(key), undefined);
      open.write(KernelStore.key("another"), image);
      assertEquals(filesIn(folder), [file]);
    }
    Deno.chmodSync(folder, 0o700);
    assertEquals(new KernelStore(folder).read(key), image);
    // Nor in one of the user's own that lies in such a folder: it could be put in another's place.
    const above = join(folder, "..");
    Deno.chmodSync(above, 0o777);
    assertEquals(new KernelStore(folder).read(key), undefined);
  });
});

Deno.test("what cannot be kept is not kept, and leaves nothing behind", async () => {
  await inFolder((folder) => {
    const key = KernelStore.key("text"), store = new KernelStore(folder);
    Deno.mkdirSync(join(folder, `${key}.kernel`, "in the way"), { recursive: true });
    store.write(key, image);
    assertEquals(store.read(key), undefined);
    assertEquals(filesIn(folder), [join(folder, `${key}.kernel`)]);
  });
});

Deno.test("a link to a kernel, or to a folder of kernels, is not followed", async () => {
  await inFolder((folder) => {
    const key = KernelStore.key("text");
    new KernelStore(folder).write(key, image);
    const [file] = filesIn(folder);
    Deno.renameSync(file, `${file}.real`);
    Deno.symlinkSync(`${file}.real`, file);
    assertEquals(new KernelStore(folder).read(key), undefined);
    Deno.symlinkSync(folder, `${folder}-link`);
    Deno.removeSync(file);
    Deno.renameSync(`${file}.real`, file);
    assertEquals(new KernelStore(`${folder}-link`).read(key), undefined);
  });
});

Deno.test("the folder alone is closed to others, not those that it is made in", async () => {
  await inFolder((folder) => {
    const inner = join(folder, "home", ".kernels");
    new KernelStore(inner).write(KernelStore.key("text"), image);
    assertEquals(Deno.statSync(inner).mode! & 0o777, 0o700);
    assertEquals(Deno.statSync(folder).mode! & 0o777, 0o777 & ~Deno.umask());
  });
});

Deno.test("without a folder, or where none can be made, nothing is kept and nothing fails", () => {
  for (const store of [new KernelStore(undefined), new KernelStore("/proc/kernels")]) {
    store.write(KernelStore.key("text"), image);
    assertEquals(store.read(KernelStore.key("text")), undefined);
  }
});

Deno.test({
  name: "LLVM is used where a kernel is missing, and not where it is kept",
  ignore: llvm === undefined,
  async fn() {
    await inFolder(async (folder) => {
      const text = "define void @tessera_rows() { ret void }";
      const makerOf = (tensorflow: string) =>
        new KernelMaker(llvm!, tensorflow, { store: new KernelStore(folder) });
      const first = makerOf("2.21.0");
      const made = await first.imagesOf([text]);
      assertEquals(made.length, 1);
      assert(made[0]!.bytes.length > 0 && first.hasUsedLlvm);
      const later = makerOf("2.21.0");
      assertEquals(await later.imagesOf([text]), made);
      assert(!later.hasUsedLlvm);
      const another = makerOf("2.22.0");
      await another.imagesOf([text]);
      assert(another.hasUsedLlvm);
    });
  },
});

Deno.test("a step is compiled, if without kernels, where the folder that the program runs in is gone", async () => {
  const program = `
    import * as tf from "@tensorflow/tfjs";
    import { compile } from "./lib/tensor/compile.ts";
    const folder = await Deno.makeTempDir();
    Deno.chdir(folder);
    await Deno.remove(folder);
    const step = compile((x) => tf.softmax(tf.mul(tf.exp(x), 2)));
    await step(tf.ones([512, 64]));
    console.log(step.reports()[0].mode);
  `;
  const { code, output, errors } = await run(program, { TESSERA_FUSION: "on" });
  assertEquals([code, output.trim()], [0, "compiled"], errors);
});
