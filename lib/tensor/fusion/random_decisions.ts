/** Finds `Random.chance` in a recording: 16 random bits below a limit, which kernels can draw themselves. */
import { DataType } from "../c_api.ts";
import { attributeOf, type Context, type Op } from "./roles.ts";
import type { RecordingGraph } from "./recording_graph.ts";

export interface Decision {
  /** The tensor of two int32 that seeds the stream. */
  seed: number;
  limit: number;
}

/**
 * What is decided by the bits of TensorFlow's stateless generator, by the number of the tensor of decisions:
 * `Less(Bitcast(StatelessRandomUniformFullInt(length, seed)), Cast(limit))`.
 */
export function randomDecisions(
  graph: RecordingGraph,
  { constant, metadata }: Context,
): Map<number, Decision> {
  const made = (id: number, name: string): Op | undefined => {
    const node = graph.nodes[graph.producer(id) ?? -1];
    return node?.kind === "op" && node.name === name ? node : undefined;
  };
  const decisions = new Map<number, Decision>();
  for (const node of graph.nodes) {
    if (node.kind !== "op" || node.name !== "Less") continue;
    const [bits, given] = node.inputs;
    if (metadata(bits).dtype !== DataType.int16) continue;
    const draw = made(made(bits, "Bitcast")?.inputs[0] ?? NaN, "StatelessRandomUniformFullInt");
    const limit = constant(made(given, "Cast")?.inputs[0] ?? NaN);
    if (draw === undefined || limit?.length !== 1) continue;
    if (attributeOf(draw, "dtype") !== DataType.int32) continue;
    if (metadata(draw.inputs[1]).dtype !== DataType.int32) continue;
    decisions.set(node.outputs[0].id, { seed: draw.inputs[1], limit: limit[0] });
  }
  return decisions;
}
