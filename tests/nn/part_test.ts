import { assert, assertEquals, assertThrows } from "@std/assert";
import { Relu } from "../../lib/nn/activation.ts";
import { Module } from "../../lib/nn/module.ts";
import { makePart, type Part } from "../../lib/nn/part.ts";

interface Options {
  width: number;
}

class Own extends Relu {
  constructor(readonly options: Options) {
    super();
  }
}

/** Makes `part` as the block of a model would be made. */
function made(part: unknown): Module {
  return makePart("Model", "block", part as Part<Options>, { width: 3 });
}

Deno.test("makePart makes a part from a class or from a function, with the options", () => {
  const parts = [
    Own,
    (options: Options) => new Own(options),
    function (options: Options) {
      return new Own(options);
    },
  ];
  for (const part of parts) {
    const own = made(part);
    assert(own instanceof Own);
    assertEquals((own as Own).options, { width: 3 });
  }
});

Deno.test("makePart says what is wrong with a part", () => {
  class Forgetful {
    forward() {}
  }
  const forgotten = 'Model: block made no Module; did it forget "extends Module" or return?';
  const cases: [part: unknown, message: string][] = [
    [Forgetful, forgotten],
    [class {}, forgotten],
    [class extends Forgetful {}, forgotten],
    [() => {}, forgotten],
    [function () {}, forgotten],
    [new Relu(), "Model: block is a module already made"],
    ["Relu", "Model: block is string, expected a class or a function"],
  ];
  for (const [part, message] of cases) assertThrows(() => made(part), TypeError, message);
});
