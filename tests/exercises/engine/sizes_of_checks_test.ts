/** Each check of a task tries the learner's part in several sizes, so that none can be fixed in its code. */
import { assert } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Module } from "../../../lib/nn/module.ts";
import { runCheck, type Task, tasks } from "../../../tools/mutation/tasks.ts";

type Class = new (options: Record<string, unknown>) => Module;

/** What a check has tried a part with: the numbers of its options, and the shapes of its inputs. */
interface Tried {
  options: Map<string, Set<number>>;
  shapes: Set<string>;
}

/** A part that behaves as the given one, and notes down what it gets. */
function watched(part: unknown, tried: Tried): unknown {
  const noteShapes = (inputs: readonly unknown[]) => {
    for (const each of inputs.flat()) {
      if (each instanceof tf.Tensor && each.rank > 0) tried.shapes.add(each.shape.join());
      else if (typeof each === "number") note(tried.options, "a number", each);
    }
  };
  if (typeof part !== "function") return part;
  return new Proxy(part as Class & ((...inputs: unknown[]) => unknown), {
    construct(target, [options, ...rest]: [Record<string, unknown>, ...unknown[]], as) {
      noteOptions(tried.options, options);
      const made = Reflect.construct(target, [options, ...rest], as) as Module;
      const { forward } = made;
      made.forward = (...inputs) => {
        noteShapes(inputs);
        return forward.apply(made, inputs);
      };
      return made;
    },
    apply(target, self, inputs: unknown[]) {
      noteShapes(inputs);
      const [first] = inputs;
      if (typeof first === "object" && !(first instanceof tf.Tensor)) {
        noteOptions(tried.options, first as Record<string, unknown>);
      }
      return Reflect.apply(target, self, inputs);
    },
  });
}

function noteOptions(options: Tried["options"], given: object, path = ""): void {
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "number") note(options, path + key, value);
    else if (value?.constructor === Object) noteOptions(options, value, `${path}${key}.`);
  }
}

function note(options: Tried["options"], key: string, value: number): void {
  options.set(key, (options.get(key) ?? new Set()).add(value));
}

// What a check is of is its first argument; of variants and of a part among parts, the others stay as they are.
const call = /(await check\w+\()([\w]+)/;

/** Numbers that a text fixes. */
const fixed: Record<string, readonly string[]> = { "unit3 checkSelfAttention2d 1": ["heads"] };

// Of variants, trainings and a measured network a check gets more than one part.
const ofOnePart = (name: string) => !/Variants|TrainEpoch|Augmentation|ReceptiveField/.test(name);

Deno.test("each check tries several sizes, a batch of one among them", async (t) => {
  for (const task of await tasks(ofOnePart)) await t.step(task.name, () => assertSeveral(task));
});

async function assertSeveral(task: Task): Promise<void> {
  const tried: Tried = { options: new Map(), shapes: new Set() };
  Object.assign(globalThis, { watchedPart: (part: unknown) => watched(part, tried) });
  try {
    const check = task.check.replace(call, "$1watchedPart($2)");
    const error = await runCheck({ ...task, check }, task.cell);
    assert(!error, error?.message);
  } finally {
    Reflect.deleteProperty(globalThis, "watchedPart");
  }
  const alone = [...tried.options].filter(([, values]) => values.size < 2).map(([key]) => key)
    .filter((key) => !fixed[task.name]?.includes(key));
  assert(alone.length === 0, `tried with one value alone: ${alone.join(", ")}`);
  if (tried.shapes.size === 0) return;
  assert(tried.shapes.size >= 2, `one shape alone: ${[...tried.shapes]}`);
  const batches = [...tried.shapes].filter((shape) => shape.split(",").length > 2);
  const hasOne = batches.length === 0 || batches.some((shape) => shape.startsWith("1,"));
  assert(hasOne, `no batch of one: ${batches.join(" ")}`);
}
