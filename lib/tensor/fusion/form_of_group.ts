/** Writes a group of ops as a kernel's form: what it reads, computes and gives. */
import type { TensorMetadata } from "../binding.ts";
import { DataType } from "../c_api.ts";
import { accessOf, type Domain, isOwnPlace, termsOf } from "./access.ts";
import { type Grouping, type Reads, readsOf } from "./groups.ts";
import type { Group, Member } from "./membership.ts";
import type {
  AppliedProduct,
  ElementType,
  KernelForm,
  MapOperation,
  Matrices,
  MatrixAccess,
  Value,
} from "./kernel_form.ts";
import type { Decision } from "./random_decisions.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import type { Context, MatrixRole, Op, Role } from "./roles.ts";
import { destinationOf } from "./destination.ts";
import { type View, viewOf } from "./views.ts";

export interface FusedOp {
  form: KernelForm;
  domain: Domain;
  /** The tensors that it takes and gives, by their numbers in the recording. */
  inputs: number[];
  /** Their `TF_DataType`s. */
  inputTypes: number[];
  outputs: TensorMetadata[];
}

const elementTypes = new Map<number, ElementType>([
  [DataType.float32, "float"],
  [DataType.bool, "bool"],
  [DataType.int32, "int32"],
]);

/** Rows of a kernel without rows of its own: long enough for vectors, short enough to be shared out. */
const FLAT_WIDTH = 4096;
const FLAT_ROWS = 64;

export interface FormContext extends Context {
  graph: RecordingGraph;
  grouping: Grouping;
  decisions: ReadonlyMap<number, Decision>;
}

/** The op that a group becomes; `needed` says which tensors are used outside of it. */
export function fusedOp(
  group: Group,
  context: FormContext,
  needed: (id: number) => boolean,
): FusedOp {
  return new FormWriter(group, context).write(needed);
}

class FormWriter {
  readonly #group: Group;
  readonly #context: FormContext;
  readonly #values: Value[] = [];
  readonly #inputs: number[] = [];
  /** Values by what they are, and by the tensors that they are. */
  readonly #known = new Map<string, number>();
  readonly #made = new Map<number, number>();
  readonly #products: AppliedProduct[] = [];
  /** The tensors that products are written to. */
  readonly #productTensors: TensorMetadata[] = [];

  constructor(group: Group, context: FormContext) {
    this.#group = group;
    this.#context = context;
  }

  write(needed: (id: number) => boolean): FusedOp {
    const { nodes } = this.#context.graph;
    const outputs: { value: number; tensor: TensorMetadata }[] = [];
    for (const member of this.#liveMembers(needed)) {
      const [tensor] = (nodes[member.node] as Op).outputs;
      if (member.role.kind === "rearranged") continue;
      if (member.role.kind === "applied") {
        this.#apply(member.role, member.node);
        continue;
      }
      const value = this.#member(member);
      this.#made.set(tensor.id, value);
      if (needed(tensor.id)) outputs.push({ value, tensor });
    }
    const form: KernelForm = {
      width: this.#group.width,
      inputs: this.#inputs.length,
      values: this.#values,
      outputs: outputs.map(({ value, tensor }) => ({
        value,
        type: tensor.dtype === DataType.bool ? "bool" : "float",
      })),
    };
    const { rows, width, height } = this.#group;
    const domain = { rows, width };
    const products = this.#products.map((product) => ({
      ...product,
      output: outputs.length + product.output,
    }));
    return {
      ...height === undefined
        ? flattened(form, domain)
        : { form: { ...form, height, products }, domain },
      inputs: this.#inputs,
      inputTypes: this.#inputs.map((id) => this.#context.metadata(id).dtype),
      outputs: [...outputs.map(({ tensor }) => tensor), ...this.#productTensors],
    };
  }

  /** Members that something needed depends on. */
  #liveMembers(needed: (id: number) => boolean): Member[] {
    const { graph } = this.#context;
    const used = new Set<number>();
    const live: Member[] = [];
    for (const member of [...this.#group.members].reverse()) {
      const [{ id }] = (graph.nodes[member.node] as Op).outputs;
      if (!used.has(id) && !needed(id)) continue;
      member.role.inputs.forEach((id) => used.add(graph.root(id)));
      live.push(member);
    }
    return live.reverse();
  }

  // ---- Values -------------------------------------------------------------------------------

  /** The place of a value in the list; equal ones are one. */
  #value(value: Value): number {
    const key = keyOf(value);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const place = this.#values.push(value) - 1;
    this.#known.set(key, place);
    return place;
  }

  #map(operation: MapOperation, per: "place" | "row", ...operands: number[]): number {
    return this.#value({ kind: "map", operation, arguments: operands, per });
  }

  #constant(value: number): number {
    return this.#value({ kind: "constant", value: Math.fround(value), per: "row" });
  }

  #member({ node, role, per }: Member): number {
    if (role.kind === "product") return this.#product(role);
    const outer = this.#context.grouping.outerShape(node, role);
    const reads = readsOf(role, per, this.#group);
    const operands = role.inputs.map((id) => this.#operand(id, outer, reads));
    switch (role.kind) {
      case "map": {
        const constants = role.constants.map((value) => this.#constant(value));
        return this.#map(role.operation, per as "place", ...operands, ...constants);
      }
      case "sumOfInputs":
        return operands.reduce((sum, each) => this.#map("add", per as "place", sum, each));
      case "reduce":
        return this.#reduce(role, operands[0]);
      case "softmax":
        return this.#softmax(operands[0], role.logarithm);
      case "total": {
        const factor = role.mean ? 1 / this.#group.rows : 1;
        return this.#value({ kind: "total", argument: operands[0], factor, per: "column" });
      }
      default:
        throw new TypeError(`${role.kind} is no number of a place`);
    }
  }

  #reduce({ operation }: Role & { kind: "reduce" }, argument: number): number {
    const reduced = this.#value({
      ...{ kind: "reduce", operation: operation === "mean" ? "sum" : operation, argument },
      per: "row",
    });
    if (operation !== "mean") return reduced;
    return this.#map("divide", "row", reduced, this.#constant(this.#group.width));
  }

  /** The greatest is taken off first, as TensorFlow does, so that no exponential overflows. */
  #softmax(x: number, logarithm: boolean): number {
    const greatest = this.#value({
      ...{ kind: "reduce", operation: "maximum", argument: x, per: "row" },
    });
    const shifted = this.#map("subtract", "place", x, greatest);
    const exponential = this.#map("exp", "place", shifted);
    const sum = this.#value({
      ...{ kind: "reduce", operation: "sum", argument: exponential, per: "row" },
    });
    return logarithm
      ? this.#map("subtract", "place", shifted, this.#map("log", "row", sum))
      : this.#map("multiply", "place", exponential, this.#map("reciprocal", "row", sum));
  }

  // ---- Matrices -----------------------------------------------------------------------------

  #matrices(id: number, isTransposed: boolean): Matrices {
    const isFused = (node: number) =>
      (this.#context.grouping.groupOf(node)?.members.length ?? 0) > 1;
    const view = viewOf(id, { ...this.#context, isFused });
    const access = matrixAccess(view);
    const { row, column } = access;
    const turned = isTransposed ? { row: column, column: row } : {};
    return { ...access, ...turned, input: this.#input(view.root), factor: view.factor };
  }

  #product(
    { inputs: [a, b], transposed: [first, second] }: MatrixRole & { kind: "product" },
  ): number {
    const depth = this.#context.metadata(a).shape.at(first ? -2 : -1)!;
    const left = this.#matrices(a, first), right = this.#matrices(b, second);
    return this.#value({ kind: "product", left, right, depth, per: "place" });
  }

  #apply(role: MatrixRole & { kind: "applied" }, node: number): void {
    const { graph, metadata, grouping } = this.#context;
    const [tensor] = (graph.nodes[node] as Op).outputs;
    const { matrix, inputs, transposed } = role;
    const reads = readsOf(role, "matrix", this.#group);
    const factor = this.#operand(inputs[matrix], grouping.outerShape(node, role), reads);
    // Of matrices of one column a place is a row; what is multiplied is written place by place.
    const isRow = this.#values[factor].per === "row";
    const value = isRow ? this.#map("copy", "place", factor) : factor;
    const other = inputs[1 - matrix], isOtherTransposed = transposed[1 - matrix];
    const { view, written } = destinationOf(tensor, this.#group, this.#context);
    const to = matrixAccess(view);
    const known = this.#productTensors.indexOf(written);
    const output = known >= 0 ? known : this.#productTensors.push(written) - 1;
    const otherShape = metadata(other).shape;
    if (matrix === 0) {
      const columns = otherShape.at(isOtherTransposed ? -2 : -1)!;
      const right = this.#matrices(other, isOtherTransposed);
      this.#products.push({
        ...{ value, transposed: transposed[0], right, columns },
        ...{ output, to, factor: view.factor },
      });
    } else {
      // A · M is the transposed of Mᵀ · Aᵀ.
      this.#products.push({
        ...{ value, transposed: !transposed[1], right: this.#matrices(other, !isOtherTransposed) },
        columns: otherShape.at(isOtherTransposed ? -1 : -2)!,
        ...{ output, to: { ...to, row: to.column, column: to.row }, factor: view.factor },
      });
    }
  }

  #operand(id: number, outer: readonly number[], { domain, perRow }: Reads): number {
    const { graph, decisions, metadata, constant } = this.#context;
    const root = graph.root(id);
    const made = this.#made.get(root);
    if (made !== undefined) return made;
    const decision = decisions.get(root);
    if (decision) {
      const input = this.#input(decision.seed);
      return this.#value({ kind: "chance", input, limit: decision.limit, per: "place" });
    }
    const { shape, dtype } = metadata(id);
    const type = elementTypes.get(dtype)!;
    const given = type === "float" ? constant(root) : undefined;
    if (given?.length === 1) return this.#constant(given[0]);
    const { terms, inner } = accessOf(shape, outer, domain)!;
    const per = perRow || inner === 0 ? "row" : "place";
    const input = this.#input(root);
    return this.#value({ kind: "load", input, type, access: { terms, inner }, per });
  }

  #input(id: number): number {
    const known = this.#inputs.indexOf(id);
    return known >= 0 ? known : this.#inputs.push(id) - 1;
  }
}

/** JSON has one word for NaN and both infinities, and one for both zeros: a kernel may need several of them. */
const keyOf = (value: Value) =>
  JSON.stringify(value, (_, part) => {
    if (typeof part !== "number") return part;
    return Object.is(part, -0) ? "-0" : Number.isFinite(part) ? part : `${part}`;
  });

function matrixAccess({ offset, axes }: View): MatrixAccess {
  const outer = axes.slice(0, -2).filter(({ length }) => length > 1).reverse();
  const [row, column] = axes.slice(-2).map(({ stride }) => stride);
  return { offset, terms: termsOf(outer), row, column };
}

/** A form in which rows mean nothing, as one of rows that suit the cache and are many enough to be shared out. */
function flattened(form: KernelForm, domain: Domain): { form: KernelForm; domain: Domain } {
  const isFlat = form.values.every((value) => {
    if (value.kind === "constant") return true;
    if (value.kind === "load") {
      return isOwnPlace(value.access, domain) && value.per === "place" ||
        value.access.terms.length === 0 && value.access.inner === 0;
    }
    return (value.kind === "map" || value.kind === "chance") && value.per === "place";
  });
  if (!isFlat) return { form, domain };
  const places = domain.rows * domain.width;
  const width = divisorUpTo(places, Math.min(FLAT_WIDTH, Math.ceil(places / FLAT_ROWS)));
  if (width <= domain.width && domain.width <= FLAT_WIDTH) return { form, domain };
  const rows = places / width;
  const own = { terms: rows === 1 ? [] : [{ divide: 1, stride: width }], inner: 1 };
  const values = form.values.map((value) =>
    value.kind === "load" && value.per === "place" ? { ...value, access: own } : value
  );
  return { form: { ...form, width, values }, domain: { rows, width } };
}

function divisorUpTo(number: number, limit: number): number {
  let divisor = Math.max(1, limit);
  while (number % divisor !== 0) divisor--;
  return divisor;
}
