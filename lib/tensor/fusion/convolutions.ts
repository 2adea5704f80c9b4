/**
 * Puts kernels of our own in the place of 3×3 convolutions that skip no place, and of their gradients: those for the
 * input are such convolutions too. They take fewer multiplications than oneDNN's (`llvm/winograd.ts`).
 */
import type { OpAttribute } from "../attributes.ts";
import type { TensorMetadata } from "../binding.ts";
import { DataType } from "../c_api.ts";
import { unnamed } from "../fold_normalization.ts";
import type { RecordedNode } from "../recorder.ts";
import { sizeOf } from "./access.ts";
import type { ConvolutionForm, ConvolutionOp, WindowGradientForm } from "./convolution_form.ts";
import { metadataIn } from "./recording_graph.ts";
import { attributeOf, type Op } from "./roles.ts";

type Form = ConvolutionForm | WindowGradientForm;

/** What makes kernels of convolutions. */
export interface ConvolutionBackEnd {
  /** TensorFlow's name of the op that runs them. */
  opName: string;
  /** Whether a convolution is within the limits of this back end. */
  canConvolve(form: Form): boolean;
  /** Whether its kernel is faster than TensorFlow's, by a rule, and no timing. */
  convolvesFaster(form: Form): boolean;
  /** The shape of what passes between the two ops of each: a window made ready, or the parts of a gradient. */
  betweenShape(form: Form): number[];
  /** Makes what is not made yet; undefined for one that it cannot make. */
  attributesOf(ops: readonly ConvolutionOp[]): Promise<(OpAttribute[] | undefined)[]>;
}

export interface ConvolutionPlan {
  metadata(id: number): TensorMetadata;
  /** Every convolution that can be made, whether it pays or not: so that tests try all that can be tried. */
  smallest?: boolean;
}

/** With fewer places of a result than this, making windows ready, or summing gradients, takes too large a share. */
const LEAST_PLACES = { convolution: 256, windowGradient: 4096 };

export interface OwnConvolutions {
  /** The recording with each such convolution as two kernels. */
  nodes: readonly RecordedNode[];
  /** The op in whose place each convolution is, by what it gives. */
  replaced: ReadonlyMap<number, Op>;
}

/** Puts them into a recording. */
export async function ownConvolutions(
  nodes: readonly RecordedNode[],
  plan: ConvolutionPlan,
  backEnd: ConvolutionBackEnd,
): Promise<OwnConvolutions> {
  const metadata = metadataIn(nodes, plan.metadata);
  const found = new Map<RecordedNode, readonly [ConvolutionOp, ConvolutionOp]>();
  for (const node of nodes) {
    const read = node.kind === "op" ? reading(node, metadata) : undefined;
    if (read === undefined) continue;
    const { form, maps } = read;
    const isWorth = maps * sizeOf(form.places) >= LEAST_PLACES[form.kind] &&
      backEnd.convolvesFaster(form);
    if (!(isWorth || plan.smallest) || !backEnd.canConvolve(form)) continue;
    found.set(node, opsOf(read, unnamed(backEnd.betweenShape(form)), (node as Op).outputs[0]));
  }
  if (found.size === 0) return { nodes, replaced: new Map() };
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
  return {
    nodes: nodes.flatMap((node) => made.get(node) ?? [node]),
    replaced: new Map([...made.keys()].map((node) => [(node as Op).outputs[0].id, node as Op])),
  };
}

/** A recording in which own convolutions stand beside the ops that they replace. */
export interface ConvolutionsBeside {
  nodes: readonly RecordedNode[];
  /** What the replaced op gives, by what the own convolution does. */
  others: ReadonlyMap<number, number>;
}

/** The recording with each replaced op beside the convolution that is in its place. */
export function besideReplaced({ nodes, replaced }: OwnConvolutions): ConvolutionsBeside {
  const others = new Map<number, number>();
  const all = nodes.flatMap((node): RecordedNode[] => {
    const id = node.kind === "op" ? node.outputs[0].id : undefined;
    const op = id === undefined ? undefined : replaced.get(id);
    if (op === undefined) return [node];
    const other = unnamed(op.outputs[0].shape);
    others.set(id!, other.id);
    return [{ ...op, outputs: [other] }, node];
  });
  return { nodes: all, others };
}

interface Reading {
  form: Form;
  maps: number;
  /** Maps, or what comes back to those of the result, which a gradient for the input is a convolution of. */
  map: number;
  /** The window; for its own gradient, what comes back. */
  other: number;
  isTurned: boolean;
  /** A bias and another map, where the form says so. */
  following: number[];
}

/** The ops that an op becomes. */
function opsOf(
  { form, maps, map, other, isTurned, following }: Reading,
  between: TensorMetadata,
  output: TensorMetadata,
): readonly [ConvolutionOp, ConvolutionOp] {
  const { inputs, outputs } = form;
  if (form.kind === "windowGradient") {
    return [
      { form, maps, inputs: [map, other], outputs: [between] },
      {
        form: { kind: "gatheredWindow", inputs, outputs },
        ...{ maps: 1, inputs: [between.id], outputs: [output] },
      },
    ];
  }
  return [
    {
      form: { kind: "window", inputs, outputs, isTurned },
      ...{ maps: 1, inputs: [other], outputs: [between] },
    },
    { form, maps, inputs: [map, between.id, ...following], outputs: [output] },
  ];
}

/** What TensorFlow's ops are, and which of their inputs are the map and the other one. */
const kinds: Record<string, { map: number; other: number; isTurned?: boolean }> = {
  Conv2D: { map: 0, other: 1 },
  _FusedConv2D: { map: 0, other: 1 },
  Conv2DBackpropInput: { map: 2, other: 1, isTurned: true },
  Conv2DBackpropFilter: { map: 0, other: 2 },
};

/** An op as a convolution of this kind, or a gradient of one; undefined where it is none. */
function reading(node: Op, metadata: (id: number) => TensorMetadata): Reading | undefined {
  const [output] = node.outputs;
  if (!Object.hasOwn(kinds, node.name) || output.dtype !== DataType.float32 || !isPlain(node)) {
    return undefined;
  }
  const { map, other, isTurned = false } = kinds[node.name];
  const isOfWindow = node.name === "Conv2DBackpropFilter";
  const shapeOf = (input: number) => metadata(node.inputs[input]).shape;
  const [window, result] = isOfWindow
    ? [output.shape, shapeOf(other)]
    : [shapeOf(other), output.shape];
  const [rows, columns] = window, given = shapeOf(map);
  if (rows !== 3 || columns !== 3 || [window, result, given].some((each) => sizeOf(each) === 0)) {
    return undefined;
  }
  const zeros = isTurned ? 2 - zerosBefore(node) : zerosBefore(node);
  const sizes: Pick<ConvolutionForm, "map" | "places" | "zeros" | "inputs" | "outputs"> = {
    map: [given[1], given[2]],
    places: [result[1], result[2]],
    zeros: [zeros, zeros],
    inputs: given[3],
    outputs: result[3],
  };
  const steps = node.name === "_FusedConv2D" ? attributeOf(node, "fused_ops") as string[] : [];
  const [hasBias, hasSum, hasRelu] = ["BiasAdd", "Add", "Relu"].map((step) => steps.includes(step));
  return {
    form: isOfWindow
      ? { kind: "windowGradient", ...sizes, maps: given[0] }
      : { kind: "convolution", ...sizes, hasBias, hasSum, hasRelu },
    ...{ maps: given[0], map: node.inputs[map], other: node.inputs[other], isTurned },
    following: node.name === "_FusedConv2D" ? node.inputs.slice(2) : [],
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
