/** What is said and done where a graphics card does not do: without a card, by a driver and words made up here. */
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { announce } from "../../lib/tensor/announce.ts";
import { compile } from "../../lib/tensor/compile.ts";
import { isAllowedAgain, startDeterminism } from "../../lib/tensor/determinism.ts";
import { askDriver, type Driver, noteOf, problemOf } from "../../lib/tensor/graphics_card.ts";
import { nativeBackend, startOnCard } from "../../lib/tensor/native.ts";
import { findRuntime } from "../../lib/tensor/runtime.ts";
import { configuration, type SessionSettings } from "../../lib/tensor/session_config.ts";
import { refused, RESOURCE_EXHAUSTED, TensorFlowError } from "../../lib/tensor/tensorflow_error.ts";
import * as tf from "../../lib/tensor/tf.ts";
import { explainMemory } from "../../lib/training/out_of_memory.ts";
import { warningsOf } from "../warnings.ts";
import { run } from "./subprocess.ts";

const isOnCard = nativeBackend()?.binding.isUsingGpuDevice() ?? false;

// ---- The driver -------------------------------------------------------------------------------

Deno.test("problemOf: one line for each way in which a card cannot be used", () => {
  const card = { name: "NVIDIA X", capability: 8, gigabytes: 8 };
  const good = { code: 0, cuda: 12.4, card };
  assertEquals(problemOf(good), undefined);
  const cases: [Parameters<typeof problemOf>[0], string][] = [
    [{ code: 0, cuda: 0 }, "no NVIDIA driver"],
    [{ ...good, cuda: 11.8 }, "driver is too old: it knows CUDA up to 11.8"],
    [{ ...good, code: 35 }, "driver is too old"],
    [{ ...good, code: 803 }, "restart the machine"],
    [{ ...good, code: 100 }, "finds no graphics card"],
    [{ ...good, code: 999 }, "CUDA's error 999"],
    [{ ...good, card: { ...card, capability: 5.2 } }, "NVIDIA X is too old"],
  ];
  for (const [facts, words] of cases) {
    const said = problemOf(facts)!;
    assertEquals(said.includes(words) && !said.includes("\n"), true, said);
  }
});

/** A driver of one card; `code` is what it answers to cuInit. */
function driverOf({ cuda = 12_040, code = 0, capability = [9, 0] }): Driver {
  const set = (to: BufferSource | null, value: number) => void ((to as Int32Array)[0] = value);
  return {
    cuInit: () => code,
    cuDriverGetVersion: (to) => (set(to, cuda), 0),
    cuDeviceGet: (to) => (set(to, 0), 0),
    cuDeviceGetName: (to) => {
      (to as Uint8Array).set(new TextEncoder().encode("NVIDIA Test 80GB\0"));
      return 0;
    },
    cuDeviceGetAttribute: (to, which) => (set(to, capability[which - 75]), 0),
    cuDeviceTotalMem_v2: (to) => ((to as BigUint64Array)[0] = 80n * 2n ** 30n, 0),
  };
}

Deno.test("askDriver gives the card's name, capability and memory, or what stands against it", () => {
  const card = { name: "NVIDIA Test 80GB", capability: 9, gigabytes: 80 };
  assertEquals(askDriver(() => driverOf({})), { cuda: 12.4, card, problem: undefined });
  const old = askDriver(() => driverOf({ cuda: 11_080, code: 35 }));
  assertEquals(old.card, undefined);
  assertStringIncludes(old.problem!, "it knows CUDA up to 11.8, TensorFlow needs 12");
  const oldCard = askDriver(() => driverOf({ capability: [5, 2] }));
  assertStringIncludes(oldCard.problem!, "capability is 5.2, 6.0 is needed");
  const none = askDriver(() => {
    throw new Error("libcuda.so.1: cannot open shared object file");
  });
  assertStringIncludes(none.problem!, "there is no NVIDIA driver here");
});

Deno.test("a card that is newer than the build works, and it is said what it takes at first", async () => {
  for (const capability of [6, 7.5, 8.6, 8.9, 9]) {
    assertEquals(noteOf({ name: "X", capability }), "");
  }
  const note = noteOf({ name: "NVIDIA New", capability: 12 });
  assertMatch(note, /no machine code for NVIDIA New \(compute capability 12\.0\).*half an hour/);
  const report = { kind: "native", device: "gpu", version: "TensorFlow 2", reason: "" } as const;
  assertEquals(await warningsOf(() => announce({ ...report, note })), [`${note}.`]);
  assertEquals(await warningsOf(() => announce(report)), []);
});

// ---- An installation for cards ----------------------------------------------------------------

/** As little of a driver as is asked for anything. */
const driverSource = `
#include <stdlib.h>
#include <string.h>
static int number(const char *name) { return atoi(getenv(name)); }
int cuInit(unsigned flags) { return number("TEST_CUDA_CODE"); }
int cuDriverGetVersion(int *to) { *to = number("TEST_CUDA_VERSION"); return 0; }
int cuDeviceGet(int *to, int which) { *to = 0; return 0; }
int cuDeviceGetName(char *to, int room, int device) { strcpy(to, "NVIDIA Test"); return 0; }
int cuDeviceGetAttribute(int *to, int which, int device) { *to = which == 75 ? number("TEST_CUDA_MAJOR") : 0; return 0; }
int cuDeviceTotalMem_v2(size_t *to, int device) { *to = 8ul << 30; return 0; }
`;

/** Whether there is a C compiler. */
function canCompile(): boolean {
  try {
    return new Deno.Command("cc", { args: ["--version"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

const onLinux = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

/**
 * What a program says that computes 2 + 3 with TensorFlow in a folder that looks like an installation for
 * cards; its driver is the machine's, or one made up here.
 */
async function computeOn(
  environment: Record<string, string>,
  driver?: { version: number; code: number; major: number },
) {
  const folder = await Deno.makeTempDir({ prefix: "tessera-card-" });
  try {
    const { mainLibrary, frameworkLibrary } = findRuntime();
    const cuda = `${folder}/nvidia/cuda_runtime/lib`;
    for (const each of ["tensorflow", "driver"]) await Deno.mkdir(`${folder}/${each}`);
    await Deno.mkdir(cuda, { recursive: true });
    await Deno.writeTextFile(`${cuda}/libcudart.so.12`, "no library");
    for (const library of [mainLibrary, frameworkLibrary]) {
      await Deno.symlink(library, `${folder}/tensorflow/${library.split("/").at(-1)}`);
    }
    if (driver) {
      await Deno.writeTextFile(`${folder}/driver.c`, driverSource);
      const output = `${folder}/driver/libcuda.so.1`;
      const args = ["-shared", "-fPIC", "-w", "-o", output, `${folder}/driver.c`];
      const { success } = await new Deno.Command("cc", { args }).output();
      assertEquals(success, true);
    }
    return await run(
      `
      import * as tf from "@tensorflow/tfjs";
      import { backendReport } from "./lib/tensor/tf.ts";
      console.log(backendReport.kind, backendReport.device, tf.add(2, 3).dataSync()[0]);
    `,
      {
        TESSERA_TENSORFLOW: `${folder}/tensorflow`,
        ...(driver && {
          LD_LIBRARY_PATH: `${folder}/driver`,
          TEST_CUDA_VERSION: `${driver.version}`,
          TEST_CUDA_CODE: `${driver.code}`,
          TEST_CUDA_MAJOR: `${driver.major}`,
        }),
        ...environment,
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Each with the words for it. */
const unusable: [string, string, Parameters<typeof computeOn>[1]?][] = [
  ["without a driver", "there is no NVIDIA driver here (libcuda.so.1)"],
  [
    "with a driver that is too old",
    "the NVIDIA driver is too old: it knows CUDA up to 11.4, TensorFlow needs 12; update it to 525 or newer",
    { version: 11_040, code: 0, major: 8 },
  ],
  [
    "with a card that is too old",
    "NVIDIA Test is too old for TensorFlow: its compute capability is 5, 6.0 is needed",
    { version: 12_040, code: 0, major: 5 },
  ],
  [
    "without a card that may be used",
    "the NVIDIA driver finds no graphics card",
    { version: 12_040, code: 100, major: 8 },
  ],
  [
    "with libraries that do not load",
    "TensorFlow finds no GPU",
    { version: 12_040, code: 0, major: 8 },
  ],
];
for (const [how, words, driver] of unusable) {
  // Where a card is in use the driver is there, and cannot be taken away.
  const ignore = !onLinux || isOnCard || (driver ? !canCompile() : askDriver().cuda > 0);
  Deno.test(`${how} one line says so and the processor computes, or it is the end, as asked`, {
    ignore,
  }, async () => {
    const plain = await computeOn({}, driver);
    assertEquals(plain.output, "native cpu 5", plain.errors);
    assertEquals(plain.errors.split("\n").length, 1, plain.errors);
    assertStringIncludes(plain.errors, `Tessera computes on the processor: ${words}`);
    const asked = await computeOn({ TESSERA_DEVICE: "gpu" }, driver);
    assertEquals([asked.code, asked.output], [1, ""]);
    assertStringIncludes(asked.errors, `TESSERA_DEVICE=gpu, but ${words}`);
    if (how.includes("do not load")) assertStringIncludes(asked.errors, "libcudart.so.12");
    if (driver) return;
    const processor = await computeOn({ TESSERA_DEVICE: "cpu" });
    assertEquals([processor.output, processor.errors], ["native cpu 5", ""]);
  });
}

Deno.test("TESSERA_DEVICE=gpu with TensorFlow's build for processors says how to get the other", {
  ignore: !onLinux || isOnCard || findRuntime().cuda,
}, async () => {
  const { code, errors } = await run(`import "@tensorflow/tfjs";`, { TESSERA_DEVICE: "gpu" });
  assertEquals(code, 1);
  assertStringIncludes(
    errors,
    "TESSERA_DEVICE=gpu, but the installed TensorFlow is the CPU wheel; " +
      "run `TESSERA_DEVICE=gpu ./tessera doctor` once, which installs the CUDA wheel",
  );
});

Deno.test("a card that does not start, its memory being full, leaves the processor, or is the end", () => {
  const full = refused("context", "CUDA_ERROR_OUT_OF_MEMORY: out of memory\nmore", 13);
  const started: SessionSettings[] = [];
  const start = (settings: SessionSettings) => {
    started.push(settings);
    if (!settings.withoutCard) throw full;
    return "binding";
  };
  const { binding, whyNot } = startOnCard(start, { threadsWithinOps: 2 }, undefined);
  assertEquals(binding, "binding");
  assertEquals(started.at(-1), { threadsWithinOps: 2, withoutCard: true });
  assertMatch(whyNot, /^the graphics card does not start \(.*out of memory.*\); nvidia-smi lists/);
  assertEquals(whyNot.includes("\n"), false);
  const words = "TESSERA_DEVICE=gpu, but the graphics card does not start";
  assertThrows(() => startOnCard(start, {}, "gpu"), TensorFlowError, words);
  assertEquals(startOnCard(() => 7, {}, "gpu"), { binding: 7, whyNot: "" });
});

Deno.test("configuration: without a card, TensorFlow is told of none", () => {
  const text = "0a 07 0a 03 47 50 55 10 00"; // device_count { key: "GPU" value: 0 }
  const bytes = configuration({ withoutCard: true });
  assertEquals(
    Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" "),
    `${text} 38 01`,
  );
  assertEquals([...configuration({})], [7 << 3, 1]);
});

// ---- Errors -----------------------------------------------------------------------------------

Deno.test("refused: a card that vanishes, or that the wheel has no code for, is one clear line", () => {
  const lost = refused("step", "CUDA_ERROR_ILLEGAL_ADDRESS: an illegal access\nmore", 13).message;
  assertEquals(lost.split("\n").length, 1);
  assertEquals(
    /does not answer any more.*last checkpoint.*TESSERA_DEVICE=cpu/.test(lost),
    true,
    lost,
  );
  const code =
    refused("Add", "no kernel image is available for execution on the device", 13).message;
  assertEquals(/no code for this graphics card/.test(code), true, code);
});

Deno.test("an op without deterministic kernel: a line, and again; with TESSERA_DETERMINISTIC=1 an error", () => {
  let isOn = true;
  const api = {
    enableDeterminism: (on: boolean) => void (isOn = on),
    isDeterminismEnabled: () => isOn,
  };
  const refusal = new TensorFlowError(
    "A deterministic GPU implementation of ResizeBilinearGrad is not currently available.",
    12,
  );
  const before = Deno.env.get("TESSERA_DETERMINISTIC"), { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => lines.push(line);
  try {
    assertEquals(isAllowedAgain(api, "Add", new TensorFlowError("wrong shape", 3)), false);
    assertEquals([isAllowedAgain(api, "ResizeBilinearGrad", refusal), isOn], [true, false]);
    assertEquals(isAllowedAgain(api, "ResizeBilinearGrad", refusal), false, "not for ever");
    assertEquals(lines.length, 1);
    assertEquals(/two runs may differ.*ResizeBilinearGrad/.test(lines[0]), true, lines[0]);
    for (const [value, expected] of [["0", false], ["", true], ["1", true]] as const) {
      isOn = false;
      Deno.env.set("TESSERA_DETERMINISTIC", value);
      startDeterminism(api);
      assertEquals(isOn, expected);
    }
    assertThrows(
      () => isAllowedAgain(api, "ResizeBilinearGrad", refusal),
      TensorFlowError,
      "ResizeBilinearGrad has no kernel for the graphics card that gives the same result twice",
    );
  } finally {
    console.warn = warn;
    if (before === undefined) Deno.env.delete("TESSERA_DETERMINISTIC");
    else Deno.env.set("TESSERA_DETERMINISTIC", before);
  }
});

Deno.test("without its switch TensorFlow cannot do without determinism, and the error says what can", () => {
  const refusal = refused("Op", "Determinism: it is not deterministic", 12);
  assertThrows(
    () => isAllowedAgain({ enableDeterminism: null, isDeterminismEnabled: null }, "Op", refusal),
    TensorFlowError,
    "TESSERA_DETERMINISTIC=0 before the start takes the kernels that it has",
  );
});

const fullCard = [
  [8, "OOM when allocating tensor with shape[128,64] on /device:GPU:0 by allocator GPU_0_bfc"],
  [13, "Dst tensor is not initialized."],
  [13, "failed to create cublas handle: CUBLAS_STATUS_ALLOC_FAILED"],
  [13, "Failed to load in-memory CUBIN: CUDA_ERROR_OUT_OF_MEMORY: out of memory"],
] as const;
Deno.test("a card's memory that is full names the batch size, in whatever words TensorFlow says so", () => {
  for (const [code, message] of fullCard) {
    const error = refused("training step", message, code);
    assertEquals([error.outOfMemory, error.code], [true, RESOURCE_EXHAUSTED], message);
    const explained = explainMemory(error, "A training step", 64) as Error;
    assertMatch(explained.message, /a training step with batchSize 64 needs more.*such as 32/);
  }
  assertEquals(refused("Add", "Incompatible shapes", 3).outOfMemory, false);
});

Deno.test("a step whose comparison finds no memory runs eagerly, and a line says what would mend it", async () => {
  const { binding } = nativeBackend()!;
  const { runInBackground } = binding;
  binding.runInBackground = () =>
    Promise.reject(refused("step", "OOM when allocating\n [[node]]\nHint: …", RESOURCE_EXHAUSTED));
  const step = compile((x: tf.Tensor) => tf.mul(x, 2), { name: "my step" });
  try {
    const said = await warningsOf(async () => {
      assertEquals((await step(tf.scalar(3))).dataSync()[0], 6);
      assertEquals((await step(tf.scalar(4))).dataSync()[0], 8);
    });
    assertEquals(said.length, 1);
    assertMatch(
      said[0],
      /^my step runs eagerly, more slowly: the memory did not hold .* smaller inputs/,
    );
    assertEquals(said[0].includes("\n"), false);
  } finally {
    binding.runInBackground = runInBackground;
    step.dispose();
  }
});
