/** How tensors are read over rows and columns, against broadcasting by its definition. */
import { assert, assertEquals } from "@std/assert";
import { accessOf, isOwnPlace, isOwnRow, sizeOf } from "../../../lib/tensor/fusion/access.ts";
import { Choices } from "../../programs/choices.ts";

/** Which number of a tensor each place of `outer` reads. */
function broadcast(shape: readonly number[], outer: readonly number[]): number[] {
  return Array.from({ length: sizeOf(outer) }, (_, place) => {
    let rest = place, offset = 0, stride = 1;
    for (let back = 1; back <= outer.length; back++) {
      const index = rest % outer[outer.length - back];
      rest = Math.floor(rest / outer[outer.length - back]);
      const length = shape[shape.length - back] ?? 1;
      if (length > 1) offset += index * stride;
      stride *= length;
    }
    return offset;
  });
}

Deno.test("accessOf reads what broadcasting says, for any shapes and any rows", () => {
  const choices = new Choices(7);
  let read = 0;
  for (let trial = 0; trial < 3000; trial++) {
    const outer = Array.from({ length: choices.integer(0, 4) }, () => choices.integer(1, 4));
    const shape = outer.slice(choices.integer(0, outer.length))
      .map((length) => choices.chance(0.5) ? 1 : length);
    const widths = Array.from({ length: sizeOf(outer) }, (_, at) => at + 1)
      .filter((width) => sizeOf(outer) % width === 0);
    const width = choices.pick(widths), rows = sizeOf(outer) / width;
    const access = accessOf(shape, outer, { rows, width });
    if (access === undefined) continue;
    read++;
    const expected = broadcast(shape, outer);
    const actual = expected.map((_, place) => {
      const row = Math.floor(place / width), column = place % width;
      return access.terms.reduce(
        (sum, { divide, modulo = Infinity, stride }) =>
          sum + Math.floor(row / divide) % modulo * stride,
        column * access.inner,
      );
    });
    assertEquals(actual, expected, `[${shape}] to [${outer}], rows of ${width}`);
    const isPlace = expected.every((at, place) => at === place);
    const isRow = expected.every((at, place) => at === Math.floor(place / width));
    assertEquals(isOwnPlace(access, { rows, width }), isPlace, `[${shape}] to [${outer}]`);
    assertEquals(isOwnRow(access, { rows, width }), isRow, `[${shape}] to [${outer}]`);
  }
  assert(read > 2000, `${read}`);
});

Deno.test("accessOf takes no shapes that do not broadcast, and no rows that are no even walk", () => {
  assertEquals(accessOf([2], [3], { rows: 1, width: 3 }), undefined);
  assertEquals(accessOf([2, 3], [3], { rows: 1, width: 3 }), undefined);
  assertEquals(accessOf([3, 1], [3, 4], { rows: 1, width: 12 }), undefined);
  assertEquals(accessOf([6], [6], { rows: 1.5, width: 4 }), undefined);
});
