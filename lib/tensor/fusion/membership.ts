/** Which op is in which group, and which of them wait for which. */
import type { Domain } from "./access.ts";
import type { Per } from "./kernel_form.ts";
import type { RecordingGraph } from "./recording_graph.ts";
import type { Role } from "./roles.ts";

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

export class Membership {
  readonly groups = new Set<Group>();
  readonly #graph: RecordingGraph;
  readonly #groupOf = new Map<number, Group>();
  readonly #members = new Map<number, Member>();

  constructor(graph: RecordingGraph) {
    this.#graph = graph;
  }

  groupOf(node: number): Group | undefined {
    return this.#groupOf.get(node);
  }

  memberOf(node: number): Member | undefined {
    return this.#members.get(node);
  }

  /** Whether no other op is with one. */
  isAlone(node: number): boolean {
    return (this.#groupOf.get(node)?.members.length ?? 1) === 1;
  }

  join(member: Member, group: Group): void {
    this.groups.add(group);
    group.members.push(member);
    group.members.sort((one, other) => one.node - other.node);
    this.#groupOf.set(member.node, group);
    this.#members.set(member.node, member);
  }

  leave(node: number): void {
    const group = this.#groupOf.get(node);
    if (group) group.members = group.members.filter((member) => member.node !== node);
    if (group?.members.length === 0) this.groups.delete(group);
    this.#groupOf.delete(node);
    this.#members.delete(node);
  }

  /** Puts all of the second group into the first one. */
  merge(group: Group, other: Group): void {
    const joining = other.members;
    for (const { node } of joining) this.leave(node);
    for (const member of joining) this.join(member, group);
    group.height ??= other.height;
  }

  /** The nodes outside of a group for which its members wait. */
  before(group: Group): number[] {
    return group.members.flatMap(({ node }) => this.#graph.before[node])
      .filter((node) => this.#groupOf.get(node) !== group);
  }

  /** Whether one of the nodes comes after a member of the group, by whatever way. */
  waitFor(nodes: readonly number[], group: Group): boolean {
    return this.#reach(nodes, (node) => this.#groupOf.get(node) === group);
  }

  /** Whether a member of the group comes after a node that is outside of it. */
  isAwaited(node: number, group: Group): boolean {
    return this.#reach(this.before(group), (other) => other === node);
  }

  /** Whether one of the nodes is such a one or comes after it. Groups wait as wholes. */
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
}
