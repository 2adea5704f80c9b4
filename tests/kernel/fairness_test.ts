/** Trainings leave cells of other kernels their turn. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { root } from "../../tools/command.ts";
import { cell, drive, kernelProgram, textOf } from "./driver.ts";

const linux = { ignore: Deno.build.os !== "linux" };

/** Each thread's name and how far back it stands (`nice`), by /proc. */
const priorities = String.raw`import * as tf from "@tensorflow/tfjs";
for (const { name } of Deno.readDirSync("/proc/self/task")) {
  const text = Deno.readTextFileSync("/proc/self/task/" + name + "/stat");
  const [, id, thread, fields] = /^(\d+) \((.*)\) (.*)$/s.exec(text)!;
  console.log(id === String(Deno.pid) ? "cells" : thread, fields.split(" ")[16]);
}`;

Deno.test({
  name: "The threads in which TensorFlow computes stand behind the one that runs cells",
  ...linux,
  fn: async () => {
    const { results: [{ cells: [ran] }] } = await drive([cell(priorities)]);
    const told = textOf(ran).trim().split("\n").map((line) => line.split(/ (?=-?\d+$)/));
    const cells = Number(told.find(([name]) => name === "cells")?.[1]);
    const computing = told.filter(([name]) => name === "tf_Compute");
    assert(computing.length > 0, textOf(ran));
    for (const [, nice] of computing) assertEquals(Number(nice), Math.min(19, cells + 10));
  },
});

/** Waits until the kernel's session stands so many steps behind others, and says where it stood before. */
const stands = (steps: number) =>
  `{
  const place = () => Number(Deno.readTextFileSync("/proc/self/autogroup").split(" ").at(-1));
  const first = place(), end = Date.now() + 30_000;
  while (place() !== ${steps} && Date.now() < end) await new Promise((go) => setTimeout(go, 20));
  console.log(first, place());
}`;

/** Whether a session's place can be changed; where it stays as it is nothing is changed by asking. */
function takesPlaces(): boolean {
  const file = "/proc/self/autogroup";
  try {
    const place = Deno.readTextFileSync(file).trim().split(" ").at(-1)!;
    Deno.writeTextFileSync(file, place, { create: false });
    return true;
  } catch (error) {
    return error instanceof Deno.errors.WouldBlock; // too many have asked just now
  }
}

/** Whether these tests run in the class of what is to wait for all else; who runs them so may place sessions as well. */
function isIdleClass(): boolean {
  const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /s, "").split(" ");
  const SCHED_IDLE = "5";
  return fields[38] === SCHED_IDLE;
}

Deno.test({
  name:
    "A kernel whose cell takes long stands behind others, and answers the next one from its own place",
  ignore: !takesPlaces() || isIdleClass(),
  fn: async () => {
    const { results: [{ cells: [long] }, { cells: [next] }] } = await drive([
      cell(stands(5)),
      cell(stands(0)),
    ]);
    assertMatch(textOf(long), /^(0|5) 5\n$/); // it may have gone back before the first look
    assertMatch(textOf(next), /^(0|5) 0\n$/); // it may be there before it is back
  },
});

Deno.test({
  name: "A cell of another kernel answers soon while two train",
  ...linux,
  fn: async () => {
    const program = kernelProgram("fairness.py", {
      args: [`${root}/tests/kernel/fairness.py`, "2", "3"],
    });
    const { success, stdout, stderr } = await program.output();
    assert(success, new TextDecoder().decode(stderr));
    const { cells, steps } = JSON.parse(new TextDecoder().decode(stdout));
    assert(steps.every((made: number) => made > 0), `${steps}`);
    // A second is what is promised for ten trainings on a machine that has nothing else to do.
    for (const times of Object.values<number[]>(cells)) assertLess(Math.min(...times), 10_000);
  },
});
