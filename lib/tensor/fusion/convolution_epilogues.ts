/**
 * What follows a convolution number by number, a bias, a sum with another map of the same shape and a ReLU, is
 * computed within it before it writes a result, which saves a pass over the images for each. Kernels of our own take
 * in all of it, oneDNN all but the ReLU: its one makes zeros of NaN, and a network that diverged would look sound.
 * TensorFlow's graph optimizer knows the rule too, but does not run over a step on the processor (`variant.ts`).
 */
import { attribute } from "../attributes.ts";
import type { TensorMetadata } from "../binding.ts";
import { AttributeType, DataType } from "../c_api.ts";
import { unnamed, useCounts } from "../fold_normalization.ts";
import type { RecordedNode } from "../recorder.ts";
import { metadataIn } from "./recording_graph.ts";
import { attributeOf, type Context, isAlias, type Op, roleOf } from "./roles.ts";

/** A convolution and the ops after it that it can take in, so far. */
interface Chain {
  convolution: Op;
  /** Those ops, the last of which makes what the chain makes. */
  ops: Op[];
  /** TensorFlow's names of what they compute. */
  steps: ("BiasAdd" | "Add" | "Relu")[];
  /** What they take beside the map: a bias, then another map. */
  others: number[];
}

export interface EpiloguePlan {
  /** Tensors that must stay as they are, since the step returns them or assigns them. */
  kept: ReadonlySet<number>;
  metadata(id: number): TensorMetadata;
}

/** The nodes with each such op taken into the convolution before it, and how many were. */
export function fuseEpilogues(
  nodes: readonly RecordedNode[],
  plan: EpiloguePlan,
): { nodes: readonly RecordedNode[]; taken: number } {
  // What an op is among those here, no constant decides.
  const context = { metadata: metadataIn(nodes, plan.metadata), constant: () => undefined };
  const uses = useCounts(nodes);
  /** By the tensor that each makes, which the next op alone uses. */
  const open = new Map<number, Chain>();
  const chains = new Map<Op, Chain>();
  for (const node of nodes) {
    // A convolution moves to where its last op stands: its weights must be the same there.
    if (node.kind === "update") open.clear();
    if (node.kind !== "op" || node.outputs.length === 0) continue;
    const chain = isConvolution(node)
      ? { convolution: node, ops: [], steps: [], others: [] }
      : longer(node, open, context);
    if (!chain) continue;
    const [{ id }] = node.outputs;
    if (uses.get(id) === 1 && !plan.kept.has(id)) open.set(id, chain);
    if (chain.steps.length > 0) {
      chain.ops.forEach((op) => chains.delete(op));
      chains.set(node, chain);
    }
  }
  const gone = new Set<RecordedNode>();
  for (const { convolution, ops } of chains.values()) {
    [convolution, ...ops.slice(0, -1)].forEach((op) => gone.add(op));
  }
  return {
    nodes: nodes.filter((node) => !gone.has(node)).map((node) => {
      const chain = chains.get(node as Op);
      return chain === undefined ? node : fusedConvolution(chain);
    }),
    taken: [...chains.values()].reduce((sum, { steps }) => sum + steps.length, 0),
  };
}

function isConvolution(node: Op): boolean {
  return node.name === "Conv2D" && node.outputs[0].dtype === DataType.float32 &&
    node.attributes.some(({ name, value }) => name === "data_format" && value === "NHWC");
}

/** The chain with one op more; undefined where the op cannot be taken in. */
function longer(
  node: Op,
  open: ReadonlyMap<number, Chain>,
  context: Context,
): Chain | undefined {
  const taking = (chain: Chain, steps: Chain["steps"], ...others: number[]): Chain => ({
    convolution: chain.convolution,
    ops: [...chain.ops, node],
    steps: [...chain.steps, ...steps],
    others: [...chain.others, ...others],
  });
  const [{ shape, dtype }] = node.outputs;
  if (dtype !== DataType.float32 || shape.length !== 4) return undefined;
  const { metadata } = context;
  if (isAlias(node, context)) { // tfjs's, which change nothing
    const chain = open.get(node.inputs[0]);
    return chain && isSame(metadata(node.inputs[0]).shape, shape) ? taking(chain, []) : undefined;
  }
  const role = roleOf(node, context);
  if (role?.kind !== "map") return undefined;
  if (role.operation === "relu") {
    const chain = open.get(node.inputs[0]);
    return chain && chain.steps.length > 0 ? taking(chain, ["Relu"]) : undefined;
  }
  if (role.operation !== "add") return undefined;
  for (const [map, other] of [node.inputs, [...node.inputs].reverse()]) {
    const chain = open.get(map);
    if (chain === undefined || map === other) continue;
    const given = metadata(other).shape;
    const isBias = given.length === 1 && given[0] === shape[3] && given[0] > 1;
    if (chain.steps.length === 0 && isBias) return taking(chain, ["BiasAdd"], other);
    if (chain.steps.join() === "BiasAdd" && isSame(given, shape)) {
      return taking(chain, ["Add"], other);
    }
  }
  return undefined;
}

/** The nodes with each ReLU that is within a convolution of TensorFlow's after it again, and how many are. */
export function withReluApart(
  nodes: readonly RecordedNode[],
): { nodes: readonly RecordedNode[]; apart: number } {
  let apart = 0;
  const all = nodes.flatMap((node): RecordedNode[] => {
    if (node.kind !== "op" || node.name !== "_FusedConv2D") return [node];
    const steps = attributeOf(node, "fused_ops") as Chain["steps"];
    if (!steps.includes("Relu")) return [node];
    apart++;
    const before = unnamed([...node.outputs[0].shape]);
    const attributes = node.attributes.map((each) =>
      each.name === "fused_ops" ? { ...each, value: steps.filter((step) => step !== "Relu") } : each
    );
    return [
      { ...node, attributes, outputs: [before] },
      {
        ...{ kind: "op", name: "Relu", attributes: [attribute.type("T", "float32")] },
        ...{ inputs: [before.id], outputs: node.outputs, site: node.site },
      },
    ];
  });
  return { nodes: all, apart };
}

const isSame = (shape: readonly number[], other: readonly number[]) =>
  shape.length === other.length && shape.every((size, axis) => size === other[axis]);

function fusedConvolution({ convolution, ops, steps, others }: Chain): RecordedNode {
  const last = ops.at(-1)!;
  return {
    kind: "op",
    name: "_FusedConv2D",
    attributes: [
      ...convolution.attributes,
      { name: "fused_ops", type: AttributeType.string, value: steps },
      { name: "TArgs", type: AttributeType.type, value: others.map(() => DataType.float32) },
      attribute.int("num_args", others.length),
      attribute.int("num_host_args", 0),
    ],
    inputs: [...convolution.inputs, ...others],
    outputs: last.outputs,
    site: convolution.site,
  };
}
