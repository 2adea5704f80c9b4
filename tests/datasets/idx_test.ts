import { assertEquals, assertThrows } from "@std/assert";
import { parseIdx } from "../../lib/datasets/idx.ts";

const twoByThree = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60);

Deno.test("parseIdx reads sizes and values", () => {
  const { shape, values } = parseIdx(twoByThree, "tiny");
  assertEquals(shape, [2, 3]);
  assertEquals([...values], [10, 20, 30, 40, 50, 60]);
});

Deno.test("parseIdx reads a view that does not start at its buffer's start", () => {
  const padded = Uint8Array.of(1, 2, 3, ...twoByThree);
  assertEquals(parseIdx(padded.subarray(3), "tiny").shape, [2, 3]);
});

Deno.test("parseIdx names what is not an IDX file", () => {
  const page = new TextEncoder().encode("<html>") as Uint8Array<ArrayBuffer>;
  assertThrows(
    () => parseIdx(page, "page"),
    TypeError,
    "page is not an IDX file of bytes: it starts with 3c 68 74 6d",
  );
  const floats = twoByThree.with(2, 0x0d);
  assertThrows(() => parseIdx(floats, "floats"), TypeError, "it starts with 00 00 0d 02");
});

Deno.test("parseIdx refuses too few and too many values", () => {
  assertThrows(
    () => parseIdx(twoByThree.slice(0, 17), "cut"),
    TypeError,
    "cut should hold 2×3 = 6 values, but has 5",
  );
  assertThrows(() => parseIdx(Uint8Array.of(...twoByThree, 7), "long"), TypeError, "but has 7");
  assertThrows(
    () => parseIdx(twoByThree.slice(0, 9), "stub"),
    TypeError,
    "stub ends within its header",
  );
});
