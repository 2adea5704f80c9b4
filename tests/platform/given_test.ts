import { assertEquals, assertThrows } from "@std/assert";
import { given, requireFields } from "../../lib/platform/given.ts";
import { Random } from "../../lib/random.ts";

Deno.test("given: a string is in quotes, and what is no number is called what it is", () => {
  class Net {}
  const values = [2, "2", NaN, null, undefined, true, [2], () => 2, {}, new Net()];
  assertEquals(
    values.map(given).join("; "),
    [
      ...["2", '"2"', "NaN", "null", "undefined", "true", "an array", "a function", "an object"],
      "an object of class Net",
    ].join("; "),
  );
});

Deno.test("given: of a Promise it says what is missing, and its error is nobody's", async () => {
  assertEquals(given(Promise.reject(new Error("no"))), "a Promise (is `await` missing?)");
  await new Promise((resolve) => setTimeout(resolve)); // unheard, it would have failed this test
});

Deno.test("a number that is given as text is shown as text", () => {
  assertThrows(() => new Random("42" as unknown as number), RangeError, 'the seed is "42"; it');
});

Deno.test("requireFields names a field that there is not, and what is no object", () => {
  const require = (value: unknown) => () => requireFields("exchange", value, ["type", "parts"]);
  require({})();
  require({ parts: 3 })();
  assertThrows(require({ part: 3 }), TypeError, "exchange has no part, but type, parts");
  assertThrows(require(null), TypeError, "exchange is null, must be an object with some of type");
  assertThrows(require("bfloat16"), TypeError, 'exchange is "bfloat16", must be an object');
});
