/**
 * Whether a group is worth a kernel, by what it saves: passes over memory. A static rule, and no timing, so
 * that a step is the same step everywhere and every time.
 */
import { sizeOf } from "./access.ts";
import type { Group } from "./membership.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import type { Context, Op } from "./roles.ts";
import { scaleOf, viewOf } from "./views.ts";

/** A kernel is made for so many numbers that need not be written or read, and such a share of all. */
const LEAST_SAVED = 16_384;
const LEAST_SHARE = 0.45;
/**
 * What a kernel writes goes to new memory, which the processor reads before it writes there; TensorFlow's own
 * elementwise ops write to where they have read. So a bias with a ReLU, or a sum with one, gains nothing.
 */
const PASSES_OF_OUTPUT = 2;
/** Of TensorFlow's ops these write to new memory too. */
const toNewMemory = /^(BatchMatMul(V2)?|Transpose|Pack)$/;
/** A kernel reads these as strides, where TensorFlow's products would take copies. */
const copies = /^(Transpose|Unpack|Slice|Split)$/;
/** Shorter rows leave most of a vector empty. */
const SHORTEST_ROW = 8;
/** Sums over fewer rows are mostly additions of what the blocks of rows have summed. */
const FEWEST_ROWS_SUMMED = 64;

/** TensorFlow computes these, and draws, without vectors: one pass costs as much as several over memory. */
const slowInTensorFlow = new Set(["Erf", "Exp", "Log", "Softplus", "Elu"]);
const SLOW_PASSES = 4;

export interface Judgement {
  graph: RecordingGraph;
  context: Context;
  /** Random decisions, which a kernel draws itself. */
  decisions: ReadonlyMap<number, unknown>;
  needed: (id: number) => boolean;
}

export function isWorthwhile(
  group: Group,
  { graph, context, decisions, needed }: Judgement,
): boolean {
  const size = (id: number) => sizeOf(context.metadata(id).shape);
  const places = group.rows * group.width;
  const isLaidOutAnew = group.members.every(({ per, role }) =>
    per === "place" && role.inputs.every((id) => [1, places].includes(size(id)))
  );
  if (group.width < SHORTEST_ROW && !isLaidOutAnew) return false;
  const hasTotals = group.members.some(({ per }) => per === "column");
  if (hasTotals && group.rows < FEWEST_ROWS_SUMMED) return false;
  const made = new Set(
    group.members.map(({ node }) => (graph.nodes[node] as Op).outputs[0].id),
  );
  const read = new Set<number>();
  let before = 0, after = 0;
  for (const { node, role } of group.members) {
    const { name, outputs: [{ id }] } = graph.nodes[node] as Op;
    const inputs = role.inputs.map((input) => graph.root(input));
    const written = toNewMemory.test(name) ? PASSES_OF_OUTPUT : 1;
    before += inputs.reduce((sum, input) => sum + size(input), written * size(id));
    if (slowInTensorFlow.has(name)) before += SLOW_PASSES * size(id);
    for (const drawn of inputs.filter((input) => decisions.has(input))) {
      before += SLOW_PASSES * size(drawn) / graph.usersOf(drawn).length;
    }
    if (needed(id)) after += PASSES_OF_OUTPUT * size(id);
    if (role.kind === "product" || role.kind === "applied") {
      role.inputs.filter((input) => !made.has(graph.root(input)))
        .forEach((input) => before += passesOfCopies(input, { graph, context }));
    }
    inputs.filter((input) => !made.has(input) && !decisions.has(input))
      .forEach((input) => read.add(input));
  }
  for (const input of read) after += size(input);
  const saved = before - after;
  return saved >= LEAST_SAVED && saved >= LEAST_SHARE * before;
}

/**
 * What it takes to cut a product's factor out of other tensors and to transpose it, which a kernel leaves out; a
 * part of it where other products take the same factor, such as those of the backward pass.
 */
function passesOfCopies(
  factor: number,
  { graph, context }: Pick<Judgement, "graph" | "context">,
): number {
  const isFused = () => false;
  if (viewOf(factor, { ...context, graph, isFused }).root === graph.root(factor)) return 0;
  let made = 0;
  for (let id = graph.root(factor);;) {
    const node = graph.nodes[graph.producer(id) ?? -1];
    if (node?.kind !== "op") break;
    const isCopy = copies.test(node.name);
    const input = isCopy
      ? node.inputs[node.name === "Split" ? 1 : 0]
      : scaleOf(node, graph, context)?.input;
    if (input === undefined) break;
    if (isCopy) made++;
    id = graph.root(input);
  }
  const passes = made * (1 + PASSES_OF_OUTPUT) * sizeOf(context.metadata(factor).shape);
  return passes / Math.max(1, graph.usersOf(graph.root(factor)).length);
}
