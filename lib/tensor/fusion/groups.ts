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
import { type Group, type Member, Membership } from "./membership.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import { type Context, type MatrixRole, type Op, productOf, type Role, roleOf } from "./roles.ts";
import { scaleOf } from "./views.ts";

/** No more ops, and so no more tensors, than a kernel should keep in mind. */
const MOST_MEMBERS = 64;
/** Wider rows, whose intermediate numbers would not stay in the cache, are reduced by TensorFlow. */
const WIDEST_REDUCED = 4096;
/** Sums over rows take so much memory for every block of rows. */
const WIDEST_SUMMED = 32_768;

export class Grouping {
  readonly #graph: RecordingGraph;
  readonly #context: Context;
  readonly #decisions: ReadonlyMap<number, Decision>;
  /** The smallest number of places that is worth a kernel. */
  readonly #leastPlaces: number;
  /** Tensors that the step returns or assigns. */
  readonly #kept: ReadonlySet<number>;
  readonly #membership: Membership;
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
    const membership = this.#membership = new Membership(graph);
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
    each((index, node) => membership.isAlone(index) && this.#apply(index, node));
    each((index, node) => membership.isAlone(index) && this.#rearrange(index, node));
  }

  get groups(): ReadonlySet<Group> {
    return this.#membership.groups;
  }

  groupOf(node: number): Group | undefined {
    return this.#membership.groupOf(node);
  }

  /** Takes a group apart. */
  dissolve(group: Group): void {
    for (const { node } of group.members) this.#membership.leave(node);
  }

  /** Leaves a group's products to TensorFlow; says whether there were any. */
  withoutProducts(group: Group): boolean {
    const products = group.members.filter(({ role }) => isOfMatrices(role));
    for (const { node } of products) this.#membership.leave(node);
    group.height = undefined;
    return products.length > 0;
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
    return this.groupOf(this.#graph.producer(id) ?? -1);
  }

  #start(index: number, role: Role): Group | undefined {
    const outer = this.outerShape(index, role);
    const places = sizeOf(outer);
    const width = "width" in role ? role.width : outer.at(-1) ?? 1;
    if (places < this.#leastPlaces) return undefined;
    const group: Group = { rows: places / width, width, members: [] };
    const member = this.#asMember(index, role, group);
    if (member === undefined) return undefined;
    this.#join(member, group);
    return group;
  }

  #join(member: Member, group: Group): void {
    group.height ??= this.#heightOf(member.role);
    this.#membership.join(member, group);
  }

  /** The shape over which a role's inputs are read. */
  outerShape(index: number, role: Role): readonly number[] {
    if (role.kind === "applied") return this.#shape(role.inputs[role.matrix]);
    return "width" in role
      ? this.#shape(role.inputs[0])
      : (this.#graph.nodes[index] as Op).outputs[0].shape;
  }

  // ---- Products of matrices -----------------------------------------------------------------

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
    if (this.groupOf(index) === group) return false;
    const member = this.#asMember(index, role, group);
    if (member === undefined || this.#membership.isAwaited(index, group)) return false;
    this.#membership.leave(index);
    this.#join(member, group);
    return true;
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
    const outside = this.#graph.before[index].filter((other) => this.groupOf(other) !== group);
    return this.#membership.waitFor(outside, group) ? undefined : { node: index, role, per };
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
      const isInside = this.groupOf(maker) === group;
      if (role.kind === "rearranged") {
        return isInside && this.#membership.memberOf(maker)!.per === "matrix" && this.#isMade(id);
      }
      if (takesMatrices(role, at)) return !isInside;
      const access = accessOf(this.#shape(id), outer, reads.domain);
      if (access === undefined) return false;
      const root = this.#graph.root(id);
      if (this.#decisions.has(root)) return !reads.perRow && isOwnPlace(access, group);
      if (isInside) return this.#isAtHand(this.#membership.memberOf(maker)!, access, reads);
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

  // ---- Merging ------------------------------------------------------------------------------

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
        if (producer === undefined || this.groupOf(producer) !== into) continue;
        if (takesMatrices(role, at)) return false;
        const access = accessOf(this.#shape(id), outer, reads.domain)!;
        if (!this.#isAtHand(this.#membership.memberOf(producer)!, access, reads)) return false;
      }
    }
    const outside = this.#membership.before(from)
      .filter((node) => this.groupOf(node) !== into);
    return !this.#membership.waitFor(outside, into);
  }

  #merge(group: Group, other: Group): void {
    this.#membership.merge(group, other);
    for (const readers of this.#readers.values()) if (readers.delete(other)) readers.add(group);
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
