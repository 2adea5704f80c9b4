/**
 * Puts kernels of our own in the place of 3×3 convolutions that skip no place, and of their gradients for the
 * input, which are such convolutions too: with fewer multiplications than oneDNN's (`llvm/winograd.ts`).
 */
import type { OpAttribute } from "../attributes.ts";
import type { TensorMetadata } from "../binding.ts";
import { DataType } from "../c_api.ts";
import { unnamed } from "../fold_normalization.ts";
import type { RecordedNode } from "../recorder.ts";
import { sizeOf } from "./access.ts";
import type { ConvolutionForm, ConvolutionOp } from "./convolution_form.ts";
import { metadataIn } from "./recording_graph.ts";
import { attributeOf, type Op } from "./roles.ts";

/** What makes kernels of convolutions. */
export interface ConvolutionBackEnd {
  /** TensorFlow's name of the op that runs them. */
  opName: string;
  /** Whether a convolution is within the limits of this back end. */
  canConvolve(form: ConvolutionForm): boolean;
  /** Whether its kernel is faster than TensorFlow's, by a rule, and no timing. */
  convolvesFaster(form: ConvolutionForm): boolean;
  /** The shape of a window that is made ready. */
  windowShape(form: ConvolutionForm): number[];
  /** Makes what is not made yet; undefined for one that it cannot make. */
  attributesOf(ops: readonly ConvolutionOp[]): Promise<(OpAttribute[] | undefined)[]>;
}

export interface ConvolutionPlan {
  metadata(id: number): TensorMetadata;
  /** Every convolution that can be made, whether it pays or not: so that tests try all that can be tried. */
  smallest?: boolean;
}

/** With fewer places of a result than this, making the window ready takes too large a share. */
const LEAST_PLACES = 256;

/** The recording with each such convolution as a kernel, and how many there are. */
export async function ownConvolutions(
  nodes: readonly RecordedNode[],
  plan: ConvolutionPlan,
  backEnd: ConvolutionBackEnd,
): Promise<{ nodes: readonly RecordedNode[]; convolutions: number }> {
  const metadata = metadataIn(nodes, plan.metadata);
  const found = new Map<RecordedNode, [window: ConvolutionOp, convolution: ConvolutionOp]>();
  for (const node of nodes) {
    const read = node.kind === "op" ? reading(node, metadata) : undefined;
    if (read === undefined || !backEnd.canConvolve(read.form)) continue;
    const [output] = (node as Op).outputs;
    const [maps] = output.shape;
    const isWorth = maps * sizeOf(read.form.places) >= LEAST_PLACES &&
      backEnd.convolvesFaster(read.form);
    if (!isWorth && !plan.smallest) continue;
    const window = unnamed(backEnd.windowShape(read.form));
    const { inputs, outputs } = read.form;
    found.set(node, [
      {
        form: { kind: "window", inputs, outputs, isTurned: read.isTurned },
        ...{ maps: 1, inputs: [read.window], outputs: [window] },
      },
      {
        ...{ form: read.form, maps },
        inputs: [read.map, window.id, ...read.others],
        outputs: [output],
      },
    ]);
  }
  if (found.size === 0) return { nodes, convolutions: 0 };
  const attributes = await backEnd.attributesOf([...found.values()].flat());
  const made = new Map<RecordedNode, RecordedNode[]>();
  [...found].forEach(([node, ops], at) => {
    const own = attributes.slice(2 * at, 2 * at + 2);
    if (own.includes(undefined)) return;
    made.set(
      node,
      ops.map(({ inputs, outputs }, each) => ({
        ...{ kind: "op", name: backEnd.opName, attributes: own[each]!, inputs, outputs },
        site: (node as Op).site,
      })),
    );
  });
  return { nodes: nodes.flatMap((node) => made.get(node) ?? [node]), convolutions: made.size };
}

interface Reading {
  form: ConvolutionForm;
  map: number;
  window: number;
  isTurned: boolean;
  /** A bias and another map, where the form says so. */
  others: number[];
}

/** An op as a convolution of this kind; undefined where it is none. */
function reading(node: Op, metadata: (id: number) => TensorMetadata): Reading | undefined {
  const isGradient = node.name === "Conv2DBackpropInput";
  if (!isGradient && node.name !== "Conv2D" && node.name !== "_FusedConv2D") return undefined;
  const [output] = node.outputs;
  if (output.dtype !== DataType.float32 || !isPlain(node)) return undefined;
  const [map, window, ...others] = isGradient ? [node.inputs[2], node.inputs[1]] : node.inputs;
  const { shape } = metadata(map);
  const [rows, columns] = metadata(window).shape;
  if (rows !== 3 || columns !== 3 || sizeOf(shape) === 0 || sizeOf(output.shape) === 0) {
    return undefined;
  }
  const size = [shape[1], shape[2]] as const, places = [output.shape[1], output.shape[2]] as const;
  // Of a gradient, what the convolution made is the map.
  const forward = isGradient ? 2 - zerosBefore(node) : zerosBefore(node);
  const steps = node.name === "_FusedConv2D" ? attributeOf(node, "fused_ops") as string[] : [];
  return {
    ...{ map, window, others, isTurned: isGradient },
    form: {
      ...{ kind: "convolution", map: size, places, zeros: [forward, forward] },
      ...{ inputs: shape[3], outputs: output.shape[3] },
      ...{ hasBias: steps.includes("BiasAdd"), hasSum: steps.includes("Add") },
      hasRelu: steps.includes("Relu"),
    },
  };
}

/** Zeros on each side of a map, for a 3×3 window that skips no place. */
const zerosBefore = (node: Op) => attributeOf(node, "padding") === "SAME" ? 1 : 0;

function isPlain(node: Op): boolean {
  const isOnes = (name: string) =>
    (attributeOf(node, name) as number[] | undefined ?? []).every((each) => each === 1);
  return attributeOf(node, "data_format") === "NHWC" && isOnes("strides") && isOnes("dilations") &&
    ["SAME", "VALID"].includes(attributeOf(node, "padding") as string);
}
