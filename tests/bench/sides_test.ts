/** What `./tessera bench` reads of what libraries log, and of its own options. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { caseOf, cases } from "../../bench/cases.ts";
import {
  holdingVariables,
  newestInstructions,
  refuseOtherHolds,
  requireInstructions,
} from "../../bench/machine.ts";
import { byKind, productMilliseconds, readLine } from "../../bench/profile.ts";
import { loggedInstructions } from "../../bench/sides.ts";
import { CommandError, root } from "../../tools/command.ts";
import type { Machine } from "../../tools/processor_settings.ts";

const machine = (...features: string[]): Machine => ({
  ...{ os: "linux", architecture: "x86_64", features: new Set(features), cores: 2 },
});
const avx512 = ["sse4_1", "avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl"];

Deno.test("a machine's instructions are the newest that its processor has", () => {
  assertEquals(newestInstructions(machine(...avx512)), "AVX-512");
  assertEquals(newestInstructions(machine(...avx512.slice(0, -1))), "AVX2");
  assertEquals(newestInstructions(machine("sse4_1")), "SSE4.1");
  assertEquals(newestInstructions({ ...machine(), os: "darwin", architecture: "aarch64" }), "NEON");
});

Deno.test("only what a processor has can all sides be held to, and by this command alone", () => {
  requireInstructions("avx2", machine(...avx512));
  requireInstructions(undefined, machine());
  assertThrows(() => requireInstructions("avx2", machine("asimd")), CommandError, "no AVX2");
  refuseOtherHolds({ PATH: "/bin", ONEDNN_MAX_CPU_ISA: "" });
  for (const [name, value] of Object.entries(holdingVariables.avx2)) {
    assertThrows(() => refuseOtherHolds({ [name]: value }), CommandError, `${name} is set`);
  }
});

Deno.test("what oneDNN and MKL log tells the instructions that they use", () => {
  const mkl = (name: string) =>
    "MKL_VERBOSE oneMKL 2024.0 Update 2 Product build 20240605 for Intel(R) 64 architecture Intel(R) " +
    `Advanced Vector Extensions ${name}, Lnx 2.60GHz lp64 gnu_thread`;
  const onednn = (name: string) => `onednn_verbose,v1,info,cpu,isa:Intel ${name}`;
  assertEquals(
    loggedInstructions([
      mkl("512 (Intel(R) AVX-512) with support for INT8 instructions"),
      onednn("AVX-512 with float16, Intel DL Boost and bfloat16 support"),
      "onednn_verbose,v1,info,gpu,runtime:none",
    ]),
    { MKL: "AVX-512", oneDNN: "Intel AVX-512" },
  );
  assertEquals(
    loggedInstructions([mkl("2 (Intel(R) AVX2) enabled processors"), onednn("AVX2")]),
    { MKL: "AVX2", oneDNN: "Intel AVX2" },
  );
  assertEquals(loggedInstructions(["a notice"]), {});
});

Deno.test("a profile sums what is logged by kind, of older and newer oneDNN and of MKL", () => {
  const convolution = "convolution,brg_conv_fwd:avx2,forward_training,src:f32,,,mb1,2.5";
  const lines = [
    `onednn_verbose,v1,exec,cpu,${convolution}`,
    `onednn_verbose,v1,primitive,exec,cpu,${convolution}`,
    "onednn_verbose,v1,exec,cpu,matmul,brg,undef,src,,,8x8:8x8,3",
    "onednn_verbose,v1,exec,cpu,batch_normalization,bnorm,backward,data,,,mb1,1",
    "onednn_verbose,v1,info,cpu,isa:Intel AVX2",
    "MKL_VERBOSE SGEMM(N,N,64,64,64,0x7f,0x55,64) 1.5ms CNR:OFF Dyn:1",
    "MKL_VERBOSE SGEMM(N,N,4,4,4,0x7f,0x55,64) 15us CNR:OFF Dyn:1", // its logging takes longer
    "a notice",
  ];
  const kinds = byKind({ answer: { milliseconds: [9, 9], peakMegabytes: 1 }, lines });
  assertEquals(Object.fromEntries(kinds), {
    "convolution, forwards": 2.5,
    "matrix products": 2.25,
    "batch normalization, backwards": 0.5,
  });
  assertEquals(productMilliseconds(kinds), 4.75);
  assertEquals(
    readLine("onednn_verbose,v1,exec,cpu,reorder,jit,undef,x,,,3x3,0.25")?.kind,
    "other order of axes",
  );
});

Deno.test("a case is found by a part of its name, and PyTorch's side has each", async () => {
  assertEquals(caseOf("crossvit").name, "CrossViT, CIFAR size");
  assertEquals(caseOf("vit-mnist").name, "ViT, MNIST");
  assertEquals(caseOf("ResNet-18").name, "ResNet-18");
  assertThrows(() => caseOf("resnet"), RangeError, "ResNet-18; ResNet-20");
  assertThrows(() => caseOf("AlexNet"), RangeError, "CrossViT");
  assertThrows(() => caseOf(""), RangeError, "CrossViT");
  const models = await Deno.readTextFile(`${root}/bench/pytorch_models.py`);
  for (const { name } of cases) assertStringIncludes(models, `    "${name}": `);
});
