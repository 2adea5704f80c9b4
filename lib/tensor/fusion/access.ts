/** How a tensor is read by a kernel: broadcasting, as strides over rows and columns. */
import type { Access, RowTerm } from "./kernel_form.ts";

export interface Domain {
  rows: number;
  width: number;
}

export const sizeOf = (shape: readonly number[]) =>
  shape.reduce((product, length) => product * length, 1);

interface Axis {
  length: number;
  stride: number;
}

/** The axes of `outer` from the innermost, with how a tensor broadcast to it goes along each; neighbours joined. */
function axesOf(shape: readonly number[], outer: readonly number[]): Axis[] | undefined {
  if (shape.length > outer.length) return undefined;
  const axes: Axis[] = [];
  let contiguous = 1;
  for (let back = 1; back <= outer.length; back++) {
    const length = outer[outer.length - back];
    const own = back <= shape.length ? shape[shape.length - back] : 1;
    if (own !== length && own !== 1) return undefined;
    const stride = own === 1 ? 0 : contiguous;
    contiguous *= own;
    if (length === 1) continue;
    const inner = axes.at(-1);
    if (inner && stride === inner.stride * inner.length) inner.length *= length;
    else axes.push({ length, stride });
  }
  return axes;
}

/**
 * How a tensor of `shape`, broadcast to `outer`, is read over a domain of as many places as `outer` has.
 * Undefined where a row is no single walk of even steps, or the shapes do not broadcast.
 */
export function accessOf(
  shape: readonly number[],
  outer: readonly number[],
  { width }: Domain,
): Access | undefined {
  const axes = axesOf(shape, outer);
  if (axes === undefined) return undefined;
  let inner: number | undefined;
  let covered = 1;
  const rest: Axis[] = [];
  for (const { length, stride } of axes) {
    if (covered === width) {
      rest.push({ length, stride });
      continue;
    }
    const missing = width / covered;
    const part = Math.min(length, missing);
    if (inner !== undefined || !Number.isInteger(missing) || length % part !== 0) return undefined;
    inner = stride;
    covered *= part;
    if (part < length) rest.push({ length: length / part, stride: stride * part });
  }
  if (covered !== width) return undefined;
  return { terms: termsOf(rest), inner: inner ?? 0 };
}

/** Where a number of a list lies that runs over the axes, of which the innermost is the first. */
export function termsOf(axes: readonly Axis[]): RowTerm[] {
  const terms: RowTerm[] = [];
  let divide = 1;
  axes.forEach(({ length, stride }, at) => {
    const modulo = at === axes.length - 1 ? {} : { modulo: length };
    if (stride !== 0) terms.push({ divide, ...modulo, stride });
    divide *= length;
  });
  return terms;
}

const isWalk = ({ terms }: Access, rows: number, stride: number) =>
  rows === 1
    ? terms.length === 0
    : terms.length === 1 && terms[0].divide === 1 && terms[0].modulo === undefined &&
      terms[0].stride === stride;

/** Whether each place reads the number of its own. */
export function isOwnPlace(access: Access, { rows, width }: Domain): boolean {
  return (width === 1 || access.inner === 1) && isWalk(access, rows, width);
}

/** Whether each place reads the number of its row. */
export function isOwnRow(access: Access, { rows, width }: Domain): boolean {
  return (width === 1 || access.inner === 0) && isWalk(access, rows, 1);
}
