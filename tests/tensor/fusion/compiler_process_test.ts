/** LLVM in a process of its own: what it makes, and what becomes of a kernel with which it comes to no end. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { Llvm } from "../../../lib/tensor/fusion/llvm/compiler.ts";
import { CompilerProcess } from "../../../lib/tensor/fusion/llvm/compiler_process.ts";
import { KernelMaker } from "../../../lib/tensor/fusion/llvm/kernel_maker.ts";
import { KernelStore } from "../../../lib/tensor/fusion/llvm/kernel_store.ts";
import { targetOf } from "../../../lib/tensor/fusion/llvm/processor.ts";
import * as tf from "../../../lib/tensor/tf.ts";
import { withWarnings } from "../compiled.ts";
import { assertNear, ran } from "./fused.ts";
import { llvm } from "./kernels.ts";

const ignore = llvm === undefined;

const small = "define float @small(float %x) {\n  %y = fadd float %x, 1.0\n  ret float %y\n}";

/** Takes LLVM minutes: one block of more instructions than its passes are made for. */
function endless(): string {
  const lines = ["define void @endless(ptr %p, ptr %q) {"];
  for (let at = 0; at < 6_000; at++) {
    lines.push(
      `  %a${at} = getelementptr float, ptr ${at % 2 ? "%p" : "%q"}, i64 ${at * 7919 % 10_007}`,
      `  %x${at} = load float, ptr %a${at}`,
      `  %y${at} = fadd float %x${at}, ${at % 2 ? "1.0" : "2.0"}`,
      `  store float %y${at}, ptr %a${at}`,
    );
  }
  return [...lines, "  ret void", "}"].join("\n");
}

/** The numbers of the processes with LLVM that a process has started. */
function compilersOf(parent: number): number[] {
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name));
  return pids.filter((pid) => {
    try {
      const isChild = new RegExp(`^PPid:\\s+${parent}$`, "m");
      return isChild.test(Deno.readTextFileSync(`/proc/${pid}/status`)) &&
        Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("compile_process.ts");
    } catch {
      return false; // no process, or one that has ended
    }
  });
}

/** Waits for at most a minute. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200 && !await holds(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(await holds());
}

Deno.test({
  name: "LLVM's process makes what LLVM makes in this one, as often as it is asked",
  ignore,
  async fn() {
    const here = new Llvm(llvm!.path);
    const expected = here.objectOf(small, targetOf(here.host()));
    const compiler = new CompilerProcess(llvm!.path, 60);
    assertEquals(await compiler.objectsOf([small, small]), [expected, expected]);
    assertEquals(await compiler.objectsOf([small]), [expected]);
    compiler.end();
    assertEquals(await compiler.objectsOf([small]), [expected]);
    for (const pid of compilersOf(Deno.pid)) Deno.kill(pid, "SIGTERM");
    assertEquals(await compiler.objectsOf([small]), [expected]);
    // What one call waits for is not another's, and two processes are one too many afterwards.
    const asked = [[small, small], [small]].map((texts) => compiler.objectsOf(texts));
    assertEquals(await Promise.all(asked), [[expected, expected], [expected]]);
    compiler.end();
    await until(() => compilersOf(Deno.pid).length === 0);
  },
});

Deno.test({
  name:
    "a text that LLVM does not understand is said by its words, and so is a library that is none",
  ignore,
  async fn() {
    const compiler = new CompilerProcess(llvm!.path, 60);
    const wrong = "LLVM does not understand a kernel";
    await assertRejects(() => compiler.objectsOf([small, "define nothing"]), Error, wrong);
    assertEquals((await compiler.objectsOf([small])).length, 1);
    compiler.end();
    const none = new CompilerProcess("/nowhere/libllvmlite.so", 60);
    await assertRejects(() => none.objectsOf([small]), Error, "/nowhere/libllvmlite.so");
  },
});

Deno.test({
  name:
    "a library that was cut short ends its own process alone, and the error says who knows more",
  ignore: ignore || Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "libllvmlite.so");
      using whole = await Deno.open(llvm!.path);
      const start = new Uint8Array(1_000_000);
      await whole.read(start);
      for (const length of [start.length, 100, 0]) {
        await Deno.writeFile(path, start.subarray(0, length));
        const compiler = new CompilerProcess(path, 60);
        await assertRejects(() => compiler.objectsOf([small]), Error, "`./tessera doctor` says");
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "where LLVM comes to no end it is ended, others are made, and this process goes on meanwhile",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 50);
    try {
      const store = new KernelStore(join(folder, "kernels"));
      const texts = [small, endless(), `${small} ; another`];
      const makerHere = () => new KernelMaker(llvm!, "", { store, seconds: 1 });
      const images = await makerHere().imagesOf(texts);
      assertEquals(images.map((image) => image !== undefined), [true, false, true]);
      assert(ticks >= 5, `${ticks} ticks of a timer`);
      const later = makerHere();
      assertEquals(await later.imagesOf(texts), images);
      assert(!later.hasUsedLlvm, "it is asked for the same again");
    } finally {
      clearInterval(timer);
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "kernels that two processes make each have their place, whichever made them",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      // Of different lengths, and of as many letters that both processes are used.
      const texts = Array.from(
        { length: 9 },
        (_, at) =>
          `define i32 @tessera_rows() { ret i32 ${at} } ;${"-".repeat(8000 * (at * 4 % 9 + 1))}`,
      );
      const bytesOf = async (texts: readonly string[], name: string) => {
        const maker = new KernelMaker(llvm!, "", { store: new KernelStore(join(folder, name)) });
        return (await maker.imagesOf(texts)).map((image) => image!.bytes);
      };
      const together = await bytesOf(texts, "together");
      assertEquals(new Set(together.map(String)).size, texts.length);
      for (const [at, text] of texts.entries()) {
        assertEquals(await bytesOf([text], `${at}`), [together[at]]);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "LLVM's process ends with the one that started it, whatever ends that",
  ignore: ignore || Deno.build.os !== "linux",
  async fn() {
    const module = new URL("../../../lib/tensor/fusion/llvm/compiler_process.ts", import.meta.url);
    const source = `import { CompilerProcess } from "${module}";
      await new CompilerProcess("${llvm!.path}", 600).objectsOf([\`${endless()}\`]);`;
    const file = await Deno.makeTempFile({ suffix: ".ts" });
    try {
      await Deno.writeTextFile(file, source);
      const args = ["run", "--quiet", "--no-config", "--no-check", "--allow-all", file];
      const program = new Deno.Command(Deno.execPath(), { args }).spawn();
      await until(() => compilersOf(program.pid).length === 1);
      const [compiler] = compilersOf(program.pid);
      // Time of its own: it computes, and does not wait for input whose end it would see.
      const computed = () => Number(Deno.readTextFileSync(`/proc/${compiler}/stat`).split(" ")[13]);
      const ticks = 150; // hundredths of a second, of which Deno and LLVM take 60 to start
      await until(() => computed() > ticks);
      program.kill("SIGKILL");
      await program.status;
      await until(() => !isRunning(compiler));
    } finally {
      await Deno.remove(file);
    }
  },
});

/** Whether a process computes or waits; where nobody asks for its end it stays a zombie. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

Deno.test({
  name: "a step whose kernel LLVM cannot make runs those ops one by one, and its other kernels",
  ignore,
  async fn() {
    const { imagesOf } = KernelMaker.prototype;
    const x = tf.linspace(-1, 1, 5120).reshape([64, 80]),
      y = tf.linspace(0, 1, 99).reshape([9, 11]);
    const step = (x: tf.Tensor, y: tf.Tensor) => [
      tf.erf(tf.mul(tf.add(x, 1), 0.5)),
      tf.exp(tf.neg(tf.add(y, 1))),
    ];
    const plain = await ran("off", step, [x, y]);
    KernelMaker.prototype.imagesOf = async function (texts) {
      const images = await imagesOf.call(this, texts);
      return images.map((image, at) =>
        texts[at].includes("call float @tessera.erf") ? undefined : image
      );
    };
    try {
      const warnings = await withWarnings(async () => {
        const { calls, report } = await ran("all", step, [x, y], 3);
        assertEquals([report.mode, report.kernels], ["compiled", 1], report.reason);
        assert(report.fused.includes("Exp") && !report.fused.includes("Erf"), `${report.fused}`);
        calls.forEach((outputs) =>
          outputs.forEach((output, at) => assertNear(output, plain.calls[1][at], 1e-6))
        );
      });
      assertEquals(warnings.length, 1, warnings.join());
    } finally {
      KernelMaker.prototype.imagesOf = imagesOf;
    }
  },
});
