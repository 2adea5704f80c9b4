/**
 * In evaluation, a batch normalisation after a convolution is a convolution with other weights and a bias:
 * `conv(x, w) · s + b = conv(x, w · s) + b`, with `s = scale / √(variance + ε)` and `b = shift - mean · s`.
 * The bias, and a ReLU after it, are then computed within the convolution (`fusion/convolution_epilogues.ts`), so
 * that two passes over the images are saved. TensorFlow's own graph optimizer knows this rule, but leaves it out where oneDNN is in use.
 */
import { attribute, type OpAttribute } from "./attributes.ts";
import type { Pointer, TensorMetadata } from "./binding.ts";
import { DataType } from "./c_api.ts";
import type { RecordedNode } from "./recorder.ts";

type Op = RecordedNode & { kind: "op" };

export interface FoldContext {
  /** Tensors that must stay as they are, since the step returns them or assigns them. */
  kept: ReadonlySet<number>;
  /** Makes a float32 tensor of one number, which the caller frees. */
  scalar(value: number): Pointer;
  /** Shape and type of what the step takes and makes. */
  metadata(id: number): TensorMetadata;
}

const float = attribute.type("T", "float32");
const channelsLast = attribute.string("data_format", "NHWC");

/** The nodes with each normalisation folded into the convolution before it, where nothing else uses that. */
export function foldNormalizations(
  nodes: readonly RecordedNode[],
  { kept, scalar, metadata }: FoldContext,
): RecordedNode[] {
  const uses = useCounts(nodes);
  const isFree = (id: number) => !uses.has(id) && !kept.has(id);
  /** Convolutions so far, by their output. */
  const convolutions = new Map<number, Op>();
  const folded = new Set<RecordedNode>();
  const result: RecordedNode[] = [];
  for (const node of nodes) {
    // Weights that change between the two must not be read later, or statistics earlier.
    if (node.kind === "update") convolutions.clear();
    if (node.kind === "op" && node.name === "Conv2D") convolutions.set(node.outputs[0].id, node);
    const convolution = isFixedNormalization(node) && convolutions.get(node.inputs[0]);
    if (!convolution) {
      result.push(node);
      continue;
    }
    const [between] = convolution.outputs;
    const others = node.outputs.slice(1);
    if (
      uses.get(between.id) === 1 && !kept.has(between.id) && others.every(({ id }) => isFree(id))
    ) {
      folded.add(convolution);
      const { shape } = metadata(convolution.inputs[1]);
      result.push(...foldedNodes(convolution, node, { scalar, windowShape: shape }));
    } else result.push(node);
  }
  return result.filter((node) => !folded.has(node));
}

/** How often each tensor is an input of a node. */
export function useCounts(nodes: readonly RecordedNode[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const node of nodes) {
    if (node.kind === "constant") continue;
    for (const id of node.inputs) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

const valueOf = (node: Op, name: string) =>
  node.attributes.find((attribute) => attribute.name === name)?.value;

/** Whether the node normalises by given statistics, and not by those of its own input. */
function isFixedNormalization(node: RecordedNode): node is Op {
  return node.kind === "op" && node.name.startsWith("FusedBatchNorm") &&
    valueOf(node, "is_training") === false && node.outputs[0].dtype === DataType.float32;
}

function foldedNodes(
  convolution: Op,
  normalization: Op,
  { scalar, windowShape }: { scalar(value: number): Pointer; windowShape: number[] },
): RecordedNode[] {
  const { site } = normalization;
  const [x, weight] = convolution.inputs;
  const [, scale, shift, mean, variance] = normalization.inputs;
  const [between, output] = [convolution.outputs[0], normalization.outputs[0]];
  const channels = [output.shape.at(-1)!];
  const nodes: RecordedNode[] = [];
  const add = (
    name: string,
    inputs: number[],
    made: TensorMetadata,
    attributes: readonly OpAttribute[] = [float],
  ) => {
    nodes.push({ kind: "op", name, attributes, inputs, outputs: [made], site });
    return made.id;
  };
  const vector = (name: string, ...inputs: number[]) => add(name, inputs, unnamed(channels));
  const epsilon = unnamed([]);
  nodes.push({
    kind: "constant",
    output: epsilon,
    tensor: scalar(valueOf(normalization, "epsilon") as number),
  });
  const inverse = vector("Rsqrt", vector("AddV2", variance, epsilon.id));
  const factor = vector("Mul", scale, inverse);
  const bias = vector("Sub", shift, vector("Mul", mean, factor));
  const scaled = add("Mul", [weight, factor], unnamed(windowShape));
  const convolved = add("Conv2D", [x, scaled], unnamed(between.shape), convolution.attributes);
  add("BiasAdd", [convolved, bias], output, [float, channelsLast]);
  return nodes;
}

let unnamedCount = 0;

/** A float32 tensor that the step did not make: the numbers of those that it made are not negative. */
export function unnamed(shape: number[]): TensorMetadata {
  return { id: -++unnamedCount, shape, dtype: DataType.float32 };
}
