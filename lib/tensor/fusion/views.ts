/** Tensors as views of others: ops that only move numbers, or scale them, need not run where a kernel reads by a view. */
import { sizeOf } from "./access.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import { attributeOf, type Context, type Op } from "./roles.ts";

export interface Axis {
  length: number;
  stride: number;
}

/** The number at `i, j, …` is `factor` times the root's at `offset + i · stride₀ + j · stride₁ + …`. */
export interface View {
  root: number;
  offset: number;
  axes: readonly Axis[];
  factor: number;
}

/** A tensor's numbers as they lie. */
export function ownView(root: number, shape: readonly number[]): View {
  let stride = 1;
  const axes = [...shape].reverse().map((length) => {
    const axis = { length, stride };
    stride *= length;
    return axis;
  });
  return { root, offset: 0, axes: axes.reverse(), factor: 1 };
}

export interface ViewContext extends Context {
  graph: RecordingGraph;
  /** Whether a node is a part of a kernel, which need not give what the node takes. */
  isFused(node: number): boolean;
}

/** A tensor as a view of the furthest that it is one of; of itself where it is none. */
export function viewOf(id: number, context: ViewContext): View {
  const { shape } = context.metadata(id);
  return viewOfAnother(id, context) ?? ownView(context.graph.root(id), shape);
}

function viewOfAnother(id: number, context: ViewContext): View | undefined {
  const { graph } = context;
  const maker = graph.producer(id) ?? -1;
  const node = graph.nodes[maker];
  if (node?.kind !== "op" || context.isFused(maker)) return undefined;
  const of = (input: number): View | undefined =>
    graph.isState(node.inputs[input]) ? undefined : viewOf(node.inputs[input], context);
  const { shape } = context.metadata(id);
  if (graph.isView(node)) {
    const whole = of(0);
    return whole && reshaped(whole, shape);
  }
  const constant = (input: number) => context.constant(node.inputs[input] ?? -1);
  const part = node.outputs.findIndex((output) => output.id === id);
  switch (node.name) {
    case "Transpose": {
      const order = constant(1), whole = of(0);
      return order && whole && { ...whole, axes: Array.from(order, (axis) => whole.axes[axis]) };
    }
    case "Unpack": {
      const whole = of(0), axis = Number(attributeOf(node, "axis") ?? 0);
      return whole && axis >= 0 ? withoutAxis(whole, axis, part) : undefined;
    }
    case "Slice": {
      const begin = constant(1), whole = of(0);
      return begin && whole && cut(whole, Array.from(begin), shape);
    }
    case "Split": {
      const axis = constant(0)?.[0], whole = of(1);
      if (axis === undefined || whole === undefined || axis < 0) return undefined;
      return cut(whole, shape.map((length, at) => at === axis ? part * length : 0), shape);
    }
    case "Mul":
      return scaled(node, context);
  }
}

/** A product with a constant number. */
function scaled(node: Op, context: ViewContext): View | undefined {
  const scale = scaleOf(node, context.graph, context);
  if (scale === undefined || context.graph.isState(scale.input)) return undefined;
  const view = viewOf(scale.input, context);
  // Two factors would round otherwise than two products.
  return view.factor === 1 ? { ...view, factor: scale.factor } : undefined;
}

/** What an op multiplies by which number, where it does no more. */
export function scaleOf(
  node: Op,
  graph: RecordingGraph,
  { constant, metadata }: Context,
): { input: number; factor: number } | undefined {
  if (node.name !== "Mul") return undefined;
  const [{ id }] = node.outputs;
  for (const [input, other] of [node.inputs, [...node.inputs].reverse()]) {
    const factor = constant(graph.root(other));
    if (factor?.length !== 1) continue;
    if (String(metadata(input).shape) !== String(metadata(id).shape)) continue;
    return { input, factor: factor[0] };
  }
}

export function withoutAxis({ axes, offset, ...view }: View, axis: number, at: number): View {
  return {
    ...view,
    offset: offset + at * axes[axis].stride,
    axes: axes.filter((_, each) => each !== axis),
  };
}

function cut({ axes, offset, ...view }: View, begin: number[], shape: readonly number[]): View {
  return {
    ...view,
    offset: axes.reduce((sum, { stride }, axis) => sum + begin[axis] * stride, offset),
    axes: axes.map(({ stride }, axis) => ({ length: shape[axis], stride })),
  };
}

/** The same numbers in the same order by other axes; undefined where those are no even steps. */
function reshaped(view: View, shape: readonly number[]): View | undefined {
  if (sizeOf(shape) === 0) return undefined;
  // From the innermost axis: each new one takes a part of an old one, or several that follow each other evenly.
  const old = view.axes.filter(({ length }) => length > 1).map((axis) => ({ ...axis }));
  const axes: Axis[] = [];
  for (const length of [...shape].reverse()) {
    if (length === 1) {
      axes.push({ length, stride: 0 });
      continue;
    }
    let inner = old.pop()!;
    while (inner.length < length) {
      const outer = old.pop()!;
      if (outer.stride !== inner.length * inner.stride) return undefined;
      inner = { length: inner.length * outer.length, stride: inner.stride };
    }
    if (inner.length % length !== 0) return undefined;
    axes.push({ length, stride: inner.stride });
    const rest = inner.length / length;
    if (rest > 1) old.push({ length: rest, stride: inner.stride * length });
  }
  return { ...view, axes: axes.reverse() };
}
