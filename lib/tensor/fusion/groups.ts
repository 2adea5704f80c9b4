/**
 * Puts ops over the same rows and columns together, so that one kernel can run them.
 *
 * Ops are taken in the order in which they ran. Each joins the group of one that it takes something from, or
 * that reads the same large tensor; groups that an op connects become one. Two things are never put together:
 * ops of which one waits for the other by way of something outside of the group, and ops of which one needs
 * another's number of another place, which is written to memory first.
 */
import { DataType } from "../c_api.ts";
import { accessOf, type Domain, isOwnPlace, isOwnRow, sizeOf } from "./access.ts";
import type { Access, Per } from "./kernel_form.ts";
import type { Decision } from "./random_decisions.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import { type Context, type MatrixRole, type Op, productOf, type Role, roleOf } from "./roles.ts";
import { scaleOf } from "./views.ts";

/** An op in a group. */
export interface Member {
  node: number;
  role: Role;
  /** What it gives: a number for each place, each row or each column, or another matrix for each one. */
  per: Per;
}

export interface Group extends Domain {
  /** How many rows make a matrix, where matrices are multiplied. */
  height?: number;
  /** In the order in which they ran. */
  members: Member[];
}

/** No more ops, and so no more tensors, than a kernel should keep in mind. */
const MOST_MEMBERS = 64;
/** Wider rows, whose intermediate numbers would not stay in the cache, are reduced by TensorFlow. */
const WIDEST_REDUCED = 4096;
/** Sums over rows take so much memory for every block of rows. */
const WIDEST_SUMMED = 32_768;

export class Grouping {
  readonly groups = new Set<Group>();
  readonly #graph: RecordingGraph;
  readonly #context: Context;
  readonly #decisions: ReadonlyMap<number, Decision>;
  /** The smallest number of places that is worth a kernel. */
  readonly #leastPlaces: number;
  /** Tensors that the step returns or assigns. */
  readonly #kept: ReadonlySet<number>;
  readonly #groupOf = new Map<number, Group>();
  readonly #members = new Map<number, Member>();
  /** Groups by the large tensors that they read. */
  readonly #readers = new Map<number, Set<Group>>();

  constructor(
    graph: RecordingGraph,
    context: Context,
    { decisions, leastPlaces, kept }: {
      decisions: ReadonlyMap<number, Decision>;
      leastPlaces: number;
      kept: ReadonlySet<number>;
    },
  ) {
    this.#graph = graph;
    this.#context = context;
    this.#decisions = decisions;
    this.#leastPlaces = leastPlaces;
    this.#kept = kept;
    const each = (place: (index: number, node: Op) => void) =>
      graph.nodes.forEach((node, index) => {
        if (node.kind !== "op" || graph.isView(node) || isUnnamed(node)) return;
        if (!decisions.has(node.outputs[0]?.id)) place(index, node);
      });
    each((index, node) => {
      const role = roleOf(node, context), product = productOf(node, context);
      if (role) this.#place(index, role);
      else if (product && !this.#apply(index, node)) {
        this.#place(index, { kind: "product", ...product });
      }
    });
    each((index, node) => this.#isAlone(index) && this.#apply(index, node));
    each((index, node) => this.#isAlone(index) && this.#rearrange(index, node));
  }

  groupOf(node: number): Group | undefined {
    return this.#groupOf.get(node);
  }

  /** Takes a group apart. */
  dissolve(group: Group): void {
    for (const { node } of group.members) this.#forget(node);
    this.groups.delete(group);
  }

  /** Leaves a group's products to TensorFlow; says whether there were any. */
  withoutProducts(group: Group): boolean {
    const others = group.members.filter(({ role }) => !isOfMatrices(role));
    if (others.length === group.members.length) return false;
    const products = group.members.filter(({ role }) => isOfMatrices(role));
    for (const { node } of products) this.#forget(node);
    group.members = others;
    group.height = undefined;
    return true;
  }

  #forget(node: number): void {
    this.#groupOf.delete(node);
    this.#members.delete(node);
  }

  #shape = (id: number) => this.#context.metadata(id).shape;

  #place(index: number, role: Role): void {
    const inputs = role.inputs.map((id) => this.#graph.root(id));
    const large = inputs.filter((id) => sizeOf(this.#shape(id)) >= this.#leastPlaces);
    const candidates = new Set([
      ...inputs.flatMap((id) => this.#producerGroup(id) ?? []),
      ...large.flatMap((id) => [...this.#readers.get(id) ?? []]),
    ]);
    let home: Group | undefined;
    for (const group of candidates) {
      if (home === undefined) {
        const member = this.#asMember(index, role, group);
        if (member) this.#join(member, home = group);
      } else if (this.#areOne(home, group)) this.#merge(home, group);
    }
    home ??= this.#start(index, role);
    if (home === undefined) return;
    for (const id of large) {
      const readers = this.#readers.get(id);
      if (readers) readers.add(home);
      else this.#readers.set(id, new Set([home]));
    }
  }

  #producerGroup(id: number): Group | undefined {
    return this.#groupOf.get(this.#graph.producer(id) ?? -1);
  }

  #start(index: number, role: Role): Group | undefined {
    const outer = this.outerShape(index, role);
    const places = sizeOf(outer);
    const width = "width" in role ? role.width : outer.at(-1) ?? 1;
    if (places < this.#leastPlaces) return undefined;
    const group: Group = { rows: places / width, width, members: [] };
    const member = this.#asMember(index, role, group);
    if (member === undefined) return undefined;
    this.groups.add(group);
    this.#join(member, group);
    return group;
  }

  #join(member: Member, group: Group): void {
    group.members.push(member);
    group.height ??= this.#heightOf(member.role);
    this.#groupOf.set(member.node, group);
    this.#members.set(member.node, member);
  }

  /** The shape over which a role's inputs are read. */
  outerShape(index: number, role: Role): readonly number[] {
    if (role.kind === "applied") return this.#shape(role.inputs[role.matrix]);
    return "width" in role
      ? this.#shape(role.inputs[0])
      : (this.#graph.nodes[index] as Op).outputs[0].shape;
  }

  // ---- Products of matrices -----------------------------------------------------------------

  #isAlone(index: number): boolean {
    return (this.#groupOf.get(index)?.members.length ?? 1) === 1;
  }

  /** Has a product join a group that has one, and makes or reads one of its factors. */
  #apply(index: number, node: Op): boolean {
    const product = productOf(node, this.#context);
    if (product === undefined) return false;
    const roots = product.inputs.map((id) => this.#graph.root(id));
    const candidates = new Set([
      ...roots.flatMap((root) => this.#producerGroup(root) ?? []),
      ...roots.flatMap((root) => [...this.#readers.get(root) ?? []]),
    ]);
    for (const group of candidates) {
      if (group.height === undefined) continue;
      for (const matrix of [0, 1] as const) {
        if (this.#joinLate(index, { kind: "applied", matrix, ...product }, group)) return true;
      }
    }
    return false;
  }

  /** Has what only moves or scales a group's products join it: the kernel then writes them so. */
  #rearrange(index: number, node: Op): boolean {
    const large = scaleOf(node, this.#graph, this.#context)?.input;
    const inputs = node.name === "Transpose"
      ? [node.inputs[0]]
      : node.name === "Pack"
      ? node.inputs
      : large === undefined
      ? []
      : [large];
    const group = this.#producerGroup(inputs[0] ?? NaN);
    if (group === undefined || new Set(inputs).size < inputs.length) return false;
    if (node.name === "Transpose" && !this.#context.constant(node.inputs[1])) return false;
    const isOnlyHere = inputs.every((id) =>
      !this.#kept.has(id) && this.#graph.usersOf(id).length === 1
    );
    return isOnlyHere && this.#joinLate(index, { kind: "rearranged", inputs }, group);
  }

  /** Has an op join a group after all were placed; says whether it could. */
  #joinLate(index: number, role: MatrixRole, group: Group): boolean {
    const before = this.#groupOf.get(index);
    if (before === group) return false;
    const member = this.#asMember(index, role, group);
    if (member === undefined || this.#isAwaited(index, group)) return false;
    if (before) this.dissolve(before);
    this.#join(member, group);
    group.members.sort((one, other) => one.node - other.node);
    return true;
  }

  /** Whether a member of the group comes after a node that is outside of it. */
  #isAwaited(index: number, group: Group): boolean {
    const outside = group.members.flatMap(({ node }) => this.#graph.before[node])
      .filter((node) => this.#groupOf.get(node) !== group);
    return this.#reach(outside, (node) => node === index);
  }

  /** How many rows make a matrix, for a role that multiplies matrices. */
  #heightOf(role: Role): number | undefined {
    if (role.kind === "applied") return this.#shape(role.inputs[role.matrix]).at(-2);
    if (role.kind !== "product") return undefined;
    return this.#shape(role.inputs[0]).at(role.transposed[0] ? -1 : -2);
  }

  // ---- Fitting ------------------------------------------------------------------------------

  /** The op as a member of the group; undefined where it cannot be one. */
  #asMember(index: number, role: Role, group: Group): Member | undefined {
    if (group.members.length >= MOST_MEMBERS) return undefined;
    const per = this.#per(index, role, group);
    if (per === undefined || !this.#readsFit(index, role, { group, per })) return undefined;
    const height = this.#heightOf(role);
    if (height !== undefined && (group.height ?? height) !== height) return undefined;
    const outside = this.#graph.before[index]
      .filter((other) => this.#groupOf.get(other) !== group);
    return this.#waitFor(outside, group) ? undefined : { node: index, role, per };
  }

  #per(index: number, role: Role, { rows, width }: Group): Per | undefined {
    if (role.kind === "rearranged") return "matrix";
    const outer = this.outerShape(index, role), places = sizeOf(outer);
    if (role.kind === "product" || role.kind === "applied") {
      if (outer.at(-1) !== width || places !== rows * width) return undefined;
      return role.kind === "product" ? "place" : "matrix";
    }
    if ("width" in role) {
      if (role.width !== width || places !== rows * width) return undefined;
      if (role.kind === "total") return width > WIDEST_SUMMED ? undefined : "column";
      if (width > WIDEST_REDUCED) return undefined;
      return role.kind === "softmax" ? "place" : "row";
    }
    if (places === rows * width) return "place";
    return places === rows ? "row" : undefined;
  }

  /** Whether the group's kernel can read all that the op takes. */
  #readsFit(index: number, role: Role, { group, per }: { group: Group; per: Per }): boolean {
    const outer = this.outerShape(index, role);
    const reads = readsOf(role, per, group);
    return role.inputs.every((id, at) => {
      const maker = this.#graph.producer(this.#graph.root(id)) ?? -1;
      const isInside = this.#groupOf.get(maker) === group;
      if (role.kind === "rearranged") {
        return isInside && this.#members.get(maker)!.per === "matrix" && this.#isMade(id);
      }
      if (takesMatrices(role, at)) return !isInside;
      const access = accessOf(this.#shape(id), outer, reads.domain);
      if (access === undefined) return false;
      const root = this.#graph.root(id);
      if (this.#decisions.has(root)) return !reads.perRow && isOwnPlace(access, group);
      if (isInside) return this.#isAtHand(this.#members.get(maker)!, access, reads);
      const { dtype } = this.#context.metadata(root);
      return dtype === this.#context.metadata(id).dtype &&
        [DataType.float32, DataType.bool, DataType.int32].includes(dtype as 1);
    });
  }

  /** Whether a tensor is as it was made, and not of another shape. */
  #isMade = (id: number) => this.#graph.root(id) === id;

  /** Whether what a member gives can be read within the kernel, at the place where it is. */
  #isAtHand({ per: made }: Member, access: Access, reads: Reads): boolean {
    if (reads.perRow) return made === "row" && isOwnPlace(access, reads.domain);
    if (made === "column" || made === "matrix") return false;
    return made === "row" ? isOwnRow(access, reads.domain) : isOwnPlace(access, reads.domain);
  }

  // ---- Waiting ------------------------------------------------------------------------------

  /** Whether one of the nodes comes after a member of the group, by whatever way. */
  #waitFor(nodes: readonly number[], group: Group): boolean {
    return this.#reach(nodes, (node) => this.#groupOf.get(node) === group);
  }

  /** Whether one of the nodes is such a one or comes after it, by whatever way. */
  #reach(nodes: readonly number[], isOne: (node: number) => boolean): boolean {
    const seen = new Set<number>();
    const stack = [...nodes];
    while (stack.length > 0) {
      const node = stack.pop()!;
      if (seen.has(node)) continue;
      if (isOne(node)) return true;
      for (const each of this.#groupOf.get(node)?.members.map((member) => member.node) ?? [node]) {
        seen.add(each);
        stack.push(...this.#graph.before[each]);
      }
    }
    return false;
  }

  #areOne(a: Group, b: Group): boolean {
    if (a === b || a.rows !== b.rows || a.width !== b.width) return false;
    if (a.members.length + b.members.length > MOST_MEMBERS) return false;
    if ((a.height ?? b.height) !== (b.height ?? a.height)) return false;
    return this.#fitsInto(a, b) && this.#fitsInto(b, a);
  }

  /** Whether what one group takes of the other is at hand in a common kernel, and it waits for nothing else. */
  #fitsInto(from: Group, into: Group): boolean {
    for (const { node, role, per } of from.members) {
      const outer = this.outerShape(node, role);
      const reads = readsOf(role, per, from);
      for (const [at, id] of role.inputs.entries()) {
        const producer = this.#graph.producer(this.#graph.root(id));
        if (producer === undefined || this.#groupOf.get(producer) !== into) continue;
        if (takesMatrices(role, at)) return false;
        const access = accessOf(this.#shape(id), outer, reads.domain)!;
        if (!this.#isAtHand(this.#members.get(producer)!, access, reads)) return false;
      }
    }
    const outside = from.members.flatMap(({ node }) => this.#graph.before[node]).filter((node) => {
      const owner = this.#groupOf.get(node);
      return owner !== from && owner !== into;
    });
    return !this.#waitFor(outside, into);
  }

  #merge(a: Group, b: Group): void {
    for (const { node } of b.members) this.#groupOf.set(node, a);
    a.height ??= b.height;
    a.members = [...a.members, ...b.members].sort((one, other) => one.node - other.node);
    this.groups.delete(b);
    for (const readers of this.#readers.values()) if (readers.delete(b)) readers.add(a);
  }
}

/** Over which domain a member reads what it takes. */
export interface Reads {
  domain: Domain;
  /** Whether it is computed once for each row, whose rows are the places. */
  perRow: boolean;
}

export function readsOf(role: Role, per: Per, { rows, width }: Domain): Reads {
  const perRow = per === "row" && !("width" in role);
  return { domain: { rows, width: perRow ? 1 : width }, perRow };
}

const isOfMatrices = ({ kind }: Role) =>
  kind === "product" || kind === "applied" || kind === "rearranged";

/** Whether a role takes whole matrices of an input, which must be there before the kernel starts. */
const takesMatrices = (role: Role, input: number) =>
  role.kind === "product" || role.kind === "applied" && input !== role.matrix;

/** What the engine itself added to a recording has no shape that is stated. */
const isUnnamed = (node: Op) => node.outputs.some(({ id }) => id < 0);
