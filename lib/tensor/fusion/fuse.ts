/**
 * Puts one op in the place of each group of ops that a kernel of its own can run: between the record of a step
 * and its graph. It works on what was recorded and knows no layers, so that what a learner wrote is fused as
 * well as what the library wrote, forwards and backwards.
 */
import type { OpAttribute } from "../attributes.ts";
import type { TensorMetadata } from "../binding.ts";
import type { RecordedNode } from "../recorder.ts";
import { sizeOf } from "./access.ts";
import { isWorthwhile } from "./cost.ts";
import { type FusedOp, fusedOp } from "./form_of_group.ts";
import { Grouping } from "./groups.ts";
import type { Group } from "./membership.ts";
import { randomDecisions } from "./random_decisions.ts";
import { metadataIn, RecordingGraph } from "./recording_graph.ts";
import type { Context, Op } from "./roles.ts";

/** What makes kernels of forms. */
export interface BackEnd {
  /** TensorFlow's name of the op that runs them. */
  opName: string;
  /** Whether an op is within the limits of this back end. */
  canRun(op: FusedOp): boolean;
  /** Makes what is not made yet of the forms; undefined for one that it cannot make. Called once for a step. */
  attributesOf(ops: readonly FusedOp[]): Promise<(OpAttribute[] | undefined)[]>;
}

export interface FusionPlan {
  /** Tensors that the step returns or assigns. */
  kept: ReadonlySet<number>;
  metadata(id: number): TensorMetadata;
  /** The values of a constant of the recording. */
  valuesOf(node: RecordedNode & { kind: "constant" }): ArrayLike<number>;
  /** Every group of two ops is fused, however small: so that tests try all that can be tried. */
  smallest?: boolean;
}

export interface Fusion {
  nodes: readonly RecordedNode[];
  /** TensorFlow's name of the op that runs the kernels; undefined where nothing is fused. */
  opName?: string;
  /** How many kernels run, and TensorFlow's names of the ops in them, one for each. */
  kernels: number;
  fused: readonly string[];
}

/** Tensors of fewer numbers than this are left to TensorFlow's own ops. */
const LEAST_PLACES = 4096;
/** Constants of no more numbers than this may be axes, or numbers of a kernel. */
const SMALL_CONSTANT = 16;

/** The recording with its groups fused; nodes that nothing needs are left out. */
export async function fuse(
  nodes: readonly RecordedNode[],
  plan: FusionPlan,
  backEnd: BackEnd,
): Promise<Fusion> {
  const metadata = metadataIn(nodes, plan.metadata);
  const constants = new Map(
    nodes.flatMap((node) => node.kind === "constant" ? [[node.output.id, node] as const] : []),
  );
  const context: Context = {
    metadata,
    constant(id) {
      const node = constants.get(id);
      if (node === undefined) return undefined;
      return sizeOf(node.output.shape) <= SMALL_CONSTANT ? plan.valuesOf(node) : undefined;
    },
  };
  const graph = new RecordingGraph(nodes, context);
  const decisions = randomDecisions(graph, context);
  const leastPlaces = plan.smallest ? 1 : LEAST_PLACES;
  const kept = new Set([...plan.kept].map((id) => graph.root(id)));
  const grouping = new Grouping(graph, context, { decisions, leastPlaces, kept });
  const opOf = (group: Group): FusedOp | undefined => {
    const needed = (id: number) =>
      kept.has(id) || graph.usersOf(id).some((user) => grouping.groupOf(user) !== group);
    const isWorth = group.members.length > 1 &&
      (plan.smallest || isWorthwhile(group, { graph, context, decisions, needed }));
    if (!isWorth) return undefined;
    const op = fusedOp(group, { ...context, graph, grouping, decisions }, needed);
    return backEnd.canRun(op) ? op : undefined;
  };
  const written = new Map<Group, FusedOp>();
  for (const group of [...grouping.groups]) {
    const op = opOf(group) ?? (grouping.withoutProducts(group) ? opOf(group) : undefined);
    if (op) written.set(group, op);
    else grouping.dissolve(group);
  }
  const attributes = await backEnd.attributesOf([...written.values()]);
  const fused = new Map<Group, RecordedNode>();
  [...written].forEach(([group, { inputs, outputs }], index) => {
    const made = attributes[index];
    if (made === undefined) {
      written.delete(group);
      return grouping.dissolve(group);
    }
    const node: RecordedNode = {
      ...{ kind: "op", name: backEnd.opName, attributes: made, inputs, outputs },
      site: (nodes[group.members[0].node] as Op).site,
    };
    fused.set(group, node);
  });
  const units = neededUnits(graph, grouping, {
    kept: plan.kept,
    taken: (group) => written.get(group)!.inputs,
  });
  return {
    nodes: units.map(({ group, node }) => group ? fused.get(group)! : nodes[node]),
    opName: backEnd.opName,
    kernels: written.size,
    fused: [...written.keys()].flatMap(({ members }) =>
      members.map(({ node }) => (nodes[node] as Op).name)
    ),
  };
}

/** A node, or a group by its first node. */
interface Unit {
  node: number;
  group?: Group;
}

/** The nodes and groups that something needs, each after all that it must come after. */
function neededUnits(
  graph: RecordingGraph,
  grouping: Grouping,
  { kept, taken }: { kept: ReadonlySet<number>; taken(group: Group): readonly number[] },
): Unit[] {
  const needed = new Set(kept);
  const units: Unit[] = [];
  for (const unit of inOrder(graph, grouping).reverse()) {
    const node = graph.nodes[unit.node];
    const made = unit.group
      ? unit.group.members.map((member) => (graph.nodes[member.node] as Op).outputs[0].id)
      : node.kind === "constant"
      ? [node.output.id]
      : node.kind === "op"
      ? node.outputs.map(({ id }) => id)
      : undefined; // an update is always needed
    if (made && !made.some((id) => needed.has(id))) continue;
    units.push(unit);
    if (unit.group) taken(unit.group).forEach((id) => needed.add(id));
    else if (node.kind !== "constant") node.inputs.forEach((id) => needed.add(id));
  }
  return units.reverse();
}

/** All nodes and groups in an order in which each comes after what it must come after. */
function inOrder(graph: RecordingGraph, grouping: Grouping): Unit[] {
  const order: Unit[] = [];
  const done = new Set<number | Group>();
  const open = new Set<number | Group>();
  const keyOf = (node: number) => grouping.groupOf(node) ?? node;
  const enter = (node: number) => {
    const group = grouping.groupOf(node);
    const key = group ?? node;
    if (open.has(key)) throw new Error("fusion: groups that wait for each other");
    open.add(key);
    const members = group?.members.map((member) => member.node) ?? [node];
    // A kernel reads what a reshaped tensor is a view of; all else takes the reshaped one.
    const before = members.flatMap((member) => graph.before[member])
      .concat(group ? [] : graph.makersOf(node))
      .filter((other) => keyOf(other) !== key);
    return { key, unit: { node: members[0], group }, rest: before.values() };
  };
  for (let start = 0; start < graph.nodes.length; start++) {
    if (done.has(keyOf(start))) continue;
    // With a stack of its own: a chain of nodes can be longer than JavaScript's.
    const stack = [enter(start)];
    while (stack.length > 0) {
      const { key, unit, rest } = stack.at(-1)!;
      const { value: next, done: isLast } = rest.next();
      if (isLast) {
        done.add(key);
        open.delete(key);
        order.push(unit);
        stack.pop();
      } else if (!done.has(keyOf(next))) stack.push(enter(next));
    }
  }
  return order;
}
