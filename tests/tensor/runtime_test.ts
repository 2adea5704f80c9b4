import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import {
  requestedDevice,
  requestedPrecision,
  requestedThreads,
} from "../../lib/tensor/requests.ts";
import { cudaLibraries, findRuntime } from "../../lib/tensor/runtime.ts";
import { run } from "./subprocess.ts";

/** Calls `body` while environment variables have these values. */
function withEnvironment<T>(values: Record<string, string>, body: () => T): T {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  try {
    return body();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

/** Makes empty files, with their folders, in a folder that goes away afterwards. */
function withFiles(paths: string[], body: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    for (const path of paths) {
      Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, "");
    }
    body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

// ---- Finding the library --------------------------------------------------------------------

Deno.test("findRuntime: the project's own environment holds the library", () => {
  const { mainLibrary, frameworkLibrary } = withEnvironment(
    { TESSERA_TENSORFLOW: "" },
    findRuntime,
  );
  assertStringIncludes(mainLibrary, "/tensorflow/libtensorflow_cc.");
  assert(Deno.statSync(mainLibrary).isFile && Deno.statSync(frameworkLibrary).isFile);
});

const extension = Deno.build.os === "darwin" ? "2.dylib" : "so.2";
const wheel = ["cc", "framework"].map((part) => `tensorflow/libtensorflow_${part}.${extension}`);

Deno.test("findRuntime: TESSERA_TENSORFLOW leads elsewhere, or says that nothing is there", () => {
  withFiles(wheel, (folder) => {
    const found = withEnvironment({ TESSERA_TENSORFLOW: `${folder}/tensorflow` }, findRuntime);
    assertEquals(found.mainLibrary, `${folder}/${wheel[0]}`);
    assertEquals([found.sitePackages, found.cuda], [folder, false]);
    const missing = { TESSERA_TENSORFLOW: `${folder}/elsewhere` };
    assertThrows(() => withEnvironment(missing, findRuntime), Error, `${folder}/elsewhere`);
  });
});

Deno.test("findRuntime: a GPU needs NVIDIA's wheels and a TensorFlow that is not the CPU wheel", () => {
  const cudart = "nvidia/cuda_runtime/lib/libcudart.so.12";
  const isCuda = (files: string[]) => {
    let cuda = false;
    withFiles([...wheel, ...files], (folder) => {
      ({ cuda } = withEnvironment({ TESSERA_TENSORFLOW: `${folder}/tensorflow` }, findRuntime));
    });
    return cuda;
  };
  assertEquals(isCuda([]), false);
  assertEquals(isCuda([cudart, "tensorflow-2.21.0.dist-info/METADATA"]), true);
  assertEquals(isCuda([cudart, "tensorflow_cpu-2.21.0.dist-info/METADATA"]), false);
});

Deno.test("cudaLibraries: those of CUDA 12's and of CUDA 13's wheels, and no others", () => {
  const wanted = [
    "nvidia/cublas/lib/libcublas.so.12",
    "nvidia/cublas/lib/libcublasLt.so.12",
    "nvidia/cuda_runtime/lib/libcudart.so.12",
    "nvidia/cudnn/lib/libcudnn.so.9",
    "nvidia/nccl/lib/libnccl.so.2",
    "nvidia/nvjitlink/lib/libnvJitLink.so.12",
    "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcusolver.so.12",
  ];
  const others = [
    "nvidia/__init__.py",
    "nvidia/cublas/include/cublas.h",
    // Takes over the BLAS of every library loaded after it.
    "nvidia/cublas/lib/libnvblas.so.12",
    // Loaded by libcudnn itself, half a gigabyte.
    "nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9",
    "nvidia/nvshmem/lib/nvshmem_bootstrap_mpi.so.3",
  ];
  withFiles([...wanted, ...others], (folder) => {
    const found = cudaLibraries(folder).map((path) => path.slice(folder.length + 1));
    assertEquals(found.sort(), wanted.sort());
  });
  assertEquals(cudaLibraries("/nowhere"), []);
});

// ---- Loading --------------------------------------------------------------------------------

Deno.test("quietly keeps greetings from the terminal, and nothing else", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const lines = [
    "I0000 00:00:1 port.cc:153] oneDNN custom operations are on.",
    "2026-01-01 00:00:00.0: I tensorflow/core/util/port.cc:153] oneDNN",
    "/oneDNN/third_party/xbyak_aarch64/src/util_impl_linux.h, 444: Can't open MIDR_EL1 sysfs entry",
    "E0000 00:00:1 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR (303)",
    "2026-01-01 00:00:00.0: E tensorflow: something is wrong",
  ];
  const { errors } = await run(`
    import { quietly } from "./lib/tensor/quiet_load.ts";
    const { write } = Deno.dlopen("libc.so.6", {
      write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
    }).symbols;
    const bytes = new TextEncoder().encode(${JSON.stringify(lines.join("\n") + "\n")});
    quietly(() => write(2, bytes, BigInt(bytes.length)));
  `);
  assertEquals(errors, lines[4]);
});

// ---- Threads --------------------------------------------------------------------------------

Deno.test("requestedThreads: a positive whole number, or an error that shows the value", () => {
  const ask = (value: string) => withEnvironment({ TESSERA_THREADS: value }, requestedThreads);
  assertEquals([ask(""), ask("1"), ask("12")], [undefined, 1, 12]);
  for (const value of ["0", "-2", "1.5", "all"]) {
    assertThrows(() => ask(value), RangeError, `TESSERA_THREADS is "${value}"`);
  }
});

Deno.test("device and precision: in any case, with spaces around, or an error that shows the value", () => {
  const device = (value: string) => withEnvironment({ TESSERA_DEVICE: value }, requestedDevice);
  assertEquals([" GPU ", "cpu", "Auto", " ", ""].map(device), [
    "gpu",
    "cpu",
    undefined,
    undefined,
    undefined,
  ]);
  assertThrows(() => device("tpu"), RangeError, 'TESSERA_DEVICE is "tpu"');
  const precision = (value: string) =>
    withEnvironment({ TESSERA_PRECISION: value }, requestedPrecision);
  assertEquals([" TF32", "float32 ", " "].map(precision), ["tf32", "float32", "float32"]);
  assertThrows(() => precision("bf16"), RangeError, 'TESSERA_PRECISION is "bf16"');
});

Deno.test("TESSERA_THREADS: TensorFlow starts as many threads for ops", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const count = async (threads: string) => {
    const { output, errors } = await run(
      `
      import * as tf from "@tensorflow/tfjs";
      const square = tf.ones([400, 400]);
      tf.matMul(square, square).dataSync();
      const names = [...Deno.readDirSync("/proc/self/task")]
        .map(({ name }) => Deno.readTextFileSync("/proc/self/task/" + name + "/comm").trim());
      // Threads within an op have the name of the process; Deno's others have their own.
      const own = Deno.readTextFileSync("/proc/self/comm").trim();
      const among = (wanted) => names.filter((name) => name === wanted).length;
      console.log(among("tf_Compute"), among(own));
    `,
      { TESSERA_THREADS: threads },
    );
    assertMatch(output, /^\d+ \d+$/, errors);
    return output.split(" ").map(Number);
  };
  const [one, three] = await Promise.all([count("1"), count("3")]);
  assertEquals([one[0], three[0], three[1] - one[1]], [1, 3, 2]);
});

// ---- Ends -----------------------------------------------------------------------------------

const start = `
  import * as tf from "@tensorflow/tfjs";
  import { nativeBackend } from "./lib/tensor/native.ts";
  const square = tf.ones([600, 600]);
  console.log(tf.matMul(square, square).dataSync()[0]);
`;
const background = `
  const big = tf.ones([3000, 3000]);
  const { binding } = nativeBackend();
  const [id] = nativeBackend().getInputTensorIds([big]);
  binding.runInBackground("MatMul", [binding.handleOf(id), binding.handleOf(id)], 1);
`;
const ends: [how: string, source: string, code: number][] = [
  ["by itself", "", 0],
  ["after an await", "await square.data();", 0],
  ["by Deno.exit", "Deno.exit(3);", 3],
  ["by an error", `throw new Error("of the program");`, 1],
  ["by TensorFlow's error", "tf.matMul(square, tf.ones([3, 3]));", 1],
  ["after an op in the background", background, 0],
];
for (const [how, source, code] of ends) {
  Deno.test(`a process that ends ${how} has exit code ${code}`, async () => {
    const ended = await run(start + source);
    assertEquals([ended.code, ended.output], [code, "600"], ended.errors);
  });
}

const endsDuringAnOp: [how: string, source: string, code: number][] = [
  ["by Deno.exit", "Deno.exit(5);", 5],
  ["by an error", `throw new Error("of the program");`, 1],
];
for (const [how, source, code] of endsDuringAnOp) {
  Deno.test(`a process that ends ${how} during an op in the background has exit code ${code}`, async () => {
    // Where the machine is busy, the op may not have begun after the shorter wait.
    for (const wait of [10, 40]) {
      const ended = await run(`${start} ${background} setTimeout(() => { ${source} }, ${wait});`);
      assertEquals([ended.code, ended.output], [code, "600"], ended.errors);
    }
  });

  Deno.test(`a process that ends ${how} runs no exit handler that an op has added`, {
    ignore: Deno.build.os !== "linux",
  }, async () => {
    // As oneDNN adds its own; this one would be seen.
    const handler = `
      const { on_exit, dlsym } = Deno.dlopen("libc.so.6", {
        on_exit: { parameters: ["pointer", "pointer"], result: "i32" },
        dlsym: { parameters: ["pointer", "buffer"], result: "pointer" },
      }).symbols;
      on_exit(dlsym(null, new TextEncoder().encode("abort\\0")), null);
    `;
    const ended = await run(start + handler + source);
    assertEquals([ended.code, ended.output], [code, "600"], ended.errors);
  });
}
