/** Where a product of a group is written. */
import type { TensorMetadata } from "../binding.ts";
import type { Group } from "./membership.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import { attributeOf, type Context, type Op } from "./roles.ts";
import { ownView, scaleOf, type View, withoutAxis } from "./views.ts";

/** To its own tensor, or as a part of what the group makes of it: of which, and how it lies there. */
export function destinationOf(
  tensor: TensorMetadata,
  group: Group,
  context: Context & { graph: RecordingGraph },
): { view: View; written: TensorMetadata } {
  const { graph, constant } = context;
  const taker = group.members.find(({ role }) =>
    role.kind === "rearranged" && role.inputs.includes(tensor.id)
  );
  if (taker === undefined) return { view: ownView(tensor.id, tensor.shape), written: tensor };
  const node = graph.nodes[taker.node] as Op;
  const { view, written } = destinationOf(node.outputs[0], group, context);
  switch (node.name) {
    case "Transpose": {
      const order = Array.from(constant(node.inputs[1])!);
      const axes = order.map((_, axis) => view.axes[order.indexOf(axis)]);
      return { view: { ...view, axes }, written };
    }
    case "Pack": {
      const axis = Number(attributeOf(node, "axis") ?? 0);
      const at = axis < 0 ? axis + view.axes.length : axis;
      return { view: withoutAxis(view, at, node.inputs.indexOf(tensor.id)), written };
    }
    default: {
      const { factor } = scaleOf(node, graph, context)!;
      return { view: { ...view, factor: view.factor * factor }, written };
    }
  }
}
