/** Whether and how a recording is fused on this machine: the one door to this folder. */
import type { Binding, TensorMetadata } from "../binding.ts";
import { DataType } from "../c_api.ts";
import type { RecordedNode } from "../recorder.ts";
import { settingsOf } from "../device_settings.ts";
import { requestedFusion, requestedThreads } from "../requests.ts";
import { findRuntime } from "../runtime.ts";
import { processorText } from "../processor.ts";
import { fuseEpilogues, withReluApart } from "./convolution_epilogues.ts";
import { besideReplaced, type ConvolutionsBeside, ownConvolutions } from "./convolutions.ts";
import { fuse, type Fusion } from "./fuse.ts";
import { type FusedRecord, unfused } from "./fused_record.ts";
import { type FusedCode, FusedKernels } from "./llvm/fused_kernels.ts";
import { findLlvm, KernelMaker } from "./llvm/kernel_maker.ts";
import { KernelOp } from "./llvm/kernel_op.ts";
import { processorIdentity } from "./llvm/processor.ts";

export type { ConvolutionsBeside, FusedCode };
export type { Image as KernelImage } from "./llvm/object_file.ts";

/** What makes kernels here; null where that is not possible, which was said once. */
let kernels: FusedKernels | null | undefined;

/** Where kernels have been run; elsewhere they are made for those who ask for them. */
const isTried = Deno.build.os === "linux" && Deno.build.arch === "x86_64";

const chosen = () => requestedFusion() ?? (isTried ? "on" : "off");

/** Whether steps on this machine's processor run fused kernels; in words, for people. */
export function fusionInWords(): { runs: boolean; text: string } {
  const library = findLlvm(findRuntime().sitePackages);
  if (chosen() === "off") {
    const why = requestedFusion() ? "TESSERA_FUSION is off" : "they are not tried here";
    return { runs: false, text: `steps run without fused kernels: ${why}` };
  }
  if (library === undefined) {
    const text =
      "steps run without fused kernels, more slowly: TESSERA_FUSION=on ./tessera doctor " +
      "fetches LLVM, which makes them";
    return { runs: false, text };
  }
  const name = library.version.replace(/\.dist-info$/, "").replace("-", " ");
  return { runs: true, text: `fused kernels, made by LLVM (${name})` };
}

/**
 * The recording with groups of ops as kernels of their own, or within a convolution, where the processor computes and
 * `TESSERA_FUSION` says nothing else; else as it is. What goes wrong on the way is said once, and costs speed alone.
 */
export async function fusedRecord(
  binding: Binding,
  nodes: readonly RecordedNode[],
  plan: { kept: ReadonlySet<number>; metadata(id: number): TensorMetadata },
): Promise<FusedRecord> {
  const choice = chosen();
  if (choice === "off") return unfused(nodes);
  if (!settingsOf(binding).fusedKernels) {
    if (requestedFusion() !== undefined) sayNone();
    return unfused(nodes);
  }
  const { nodes: rest, taken } = hasOneDnn() ? fuseEpilogues(nodes, plan) : { nodes, taken: 0 };
  const settled = (nodes: readonly RecordedNode[]) => {
    const { nodes: all, apart } = withReluApart(nodes);
    return { nodes: all, inConvolutions: taken - apart };
  };
  const withoutKernels = () => ({ ...unfused(rest), ...settled(rest) });
  kernels = kernels === undefined ? startedKernels(binding) : kernels;
  if (kernels === null) return withoutKernels();
  const valuesOf = (node: RecordedNode & { kind: "constant" }) => constantValues(binding, node);
  try {
    const settings = { ...plan, valuesOf, smallest: choice === "all" };
    const own = await ownConvolutions(rest, settings, kernels);
    const fused = await fuse(own.nodes, settings, kernels);
    const convolutions = own.replaced.size;
    const { nodes } = settled(own.nodes);
    const beside = convolutions > 0 ? besideReplaced({ ...own, nodes }) : undefined;
    return { ...fused, convolutions, beside, ...settled(fused.nodes) };
  } catch (error) {
    if (choice === "all") throw error;
    console.warn(`Steps run without fused kernels, more slowly: ${(error as Error).message}.`);
    kernels = null;
    return withoutKernels();
  }
}

/** Whether convolutions are oneDNN's, as far as is known: TensorFlow's own do not take all of an epilogue. */
const hasOneDnn = () => isTried && Deno.env.get("TF_ENABLE_ONEDNN_OPTS") !== "0";

/** What the other processes of a cluster need to run a fused recording; undefined where nothing of it is fused. */
export function fusedCode({ nodes, opName }: Fusion): FusedCode | undefined {
  const ops = nodes.flatMap((node) =>
    node.kind === "op" && node.name === opName ? [node.attributes] : []
  );
  return ops.length === 0 ? undefined : kernels!.codeOf(ops);
}

/**
 * What must be the same in two processes so that one runs the other's kernels, with the same bits: TensorFlow and the
 * processor. Undefined where the latter is not known, or fused kernels are not wanted.
 */
export function kernelHost(tensorflow: string): string | undefined {
  if (chosen() === "off" || processorText() === "") return undefined;
  return `${tensorflow}\n${processorIdentity()}`;
}

/** The op of another process's steps, in a process that only runs them. */
let adopted: KernelOp | undefined;

/** Takes kernels of another process, whose {@link kernelHost} is this one's. */
export function adoptKernels({ opName, driver, kernels }: FusedCode, threads: number): void {
  if (adopted?.name !== opName) {
    adopted = new KernelOp(opName, driver, { framework: findRuntime().frameworkLibrary, threads });
  }
  for (const { number, image } of kernels) adopted.load(number, image);
}

let isSaid = false;

function sayNone(): void {
  if (isSaid) return;
  isSaid = true;
  console.warn(
    "TESSERA_FUSION is for the processor: on a graphics card steps run without fused kernels.",
  );
}

function startedKernels(binding: Binding): FusedKernels | null {
  const { sitePackages, frameworkLibrary } = findRuntime();
  const library = findLlvm(sitePackages);
  if (library === undefined) {
    if (requestedFusion() !== undefined) {
      console.warn(
        "TESSERA_FUSION is set, but LLVM is not installed, which makes fused kernels; " +
          "TESSERA_FUSION=on ./tessera doctor fetches it (60 MB). Steps run without, more slowly.",
      );
    }
    return null;
  }
  return new FusedKernels(new KernelMaker(library, binding.TF_Version), {
    framework: frameworkLibrary,
    threads: requestedThreads() ?? navigator.hardwareConcurrency,
  });
}

/** The numbers of a constant of the recording; none of those that are not numbers. */
function constantValues(
  { api }: Binding,
  { output, tensor }: RecordedNode & { kind: "constant" },
): ArrayLike<number> {
  const length = Number(api.TF_TensorByteSize(tensor));
  if (length === 0 || output.dtype === DataType.string) return [];
  const bytes = Deno.UnsafePointerView.getArrayBuffer(api.TF_TensorData(tensor)!, length).slice(0);
  if (output.dtype === DataType.float32) return new Float32Array(bytes);
  return output.dtype === DataType.int32 ? new Int32Array(bytes) : new Uint8Array(bytes);
}
