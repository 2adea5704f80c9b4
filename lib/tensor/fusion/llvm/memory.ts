/** Where a kernel's numbers lie: in tensors, and in memory of its own. */
import type { RowTerm } from "../kernel_form.ts";
import type { Body } from "./text.ts";

const bytesOf = { i8: 1, i16: 2, float: 4 };

/** Intermediate numbers, on the stack of the thread that runs the kernel. */
export class Scratch {
  readonly #rooms = new Map<string, { type: keyof typeof bytesOf; count: number }>();

  /** Room by a name for so many numbers; the largest that is asked for by it. */
  room(name: string, type: keyof typeof bytesOf, count: number): string {
    const known = this.#rooms.get(name)?.count ?? 0;
    this.#rooms.set(name, { type, count: Math.max(count, known) });
    return `%${name}`;
  }

  get bytes(): number {
    return [...this.#rooms.values()].reduce(
      (sum, { type, count }) => sum + count * bytesOf[type],
      0,
    );
  }

  /** Instructions for the beginning of a function. */
  toString(): string {
    return [...this.#rooms].map(([name, { type, count }]) =>
      `%${name} = alloca [${count} x ${type}], align 64`
    ).join("\n  ");
  }
}

/** The parts of an offset that a row, or a matrix, has by its place among all. */
export function offsetParts(body: Body, terms: readonly RowTerm[], place: string): string[] {
  return terms.map(({ divide, modulo, stride }) => {
    let axis = place;
    if (divide > 1) axis = body.value(`udiv i64 ${axis}, ${divide}`);
    if (modulo !== undefined) axis = body.value(`urem i64 ${axis}, ${modulo}`);
    return body.value(`mul nuw nsw i64 ${axis}, ${stride}`);
  });
}
