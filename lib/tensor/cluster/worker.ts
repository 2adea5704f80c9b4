/**
 * A worker: a program that runs recorded steps for the process that started it. It takes requests from its standard
 * input, answers on its standard output, and ends when its input does, which is when that process is gone.
 */
import { Binding } from "../binding.ts";
import { kernelHost } from "../fusion/fusion.ts";
import { leaveWithoutTearDown } from "../leave.ts";
import { loadTensorFlow } from "../load_tensorflow.ts";
import { quietly } from "../quiet_load.ts";
import { requestedDevice } from "../requests.ts";
import { findRuntime, prepareEnvironment } from "../runtime.ts";
import { TensorFlowError } from "../tensorflow_error.ts";
import { frames, FrameWriter } from "./frames.ts";
import { bringLoopbackUp } from "./loopback.ts";
import { Member, type Outcome } from "./member.ts";
import type { Answer, Greeting, Request } from "./messages.ts";

/** Given as argument to a worker in a network namespace of its own. */
const isApart = Deno.args.includes("--apart");

/** What ends all programs of a terminal: the process that started this one decides what then happens. */
const ofTheTerminal = ["SIGINT", "SIGHUP", "SIGUSR1"] as const;
for (const signal of ofTheTerminal) Deno.addSignalListener(signal, () => {});

const writer = new FrameWriter(Deno.stdout.writable);
const say = (header: Greeting | Answer, payloads: Outcome["payloads"] = []) =>
  writer.write({ header: { ...header }, payloads }).catch(() => Deno.exit(1));

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

if (isApart) bringLoopbackUp();
/** What the process that started this one has chosen. */
const device = requestedDevice() ?? "cpu";
prepareEnvironment(device);
const { api, notLoaded } = quietly(() =>
  loadTensorFlow(findRuntime(), { onCard: device === "gpu" })
);
let member: Member | undefined;

function join({ membership }: Request & { kind: "join" }): Outcome {
  const { threads } = membership;
  const settings = { threadsWithinOps: threads, threadsAcrossOps: threads };
  member = quietly(() => {
    const binding = new Binding(api, settings);
    if (binding.device !== device) throw new Error(`TensorFlow finds no graphics card${whyNone()}`);
    return new Member(binding, membership);
  });
  leaveWithoutTearDown();
  return {};
}

/** What may be why there is no card. */
function whyNone(): string {
  const seen = ` (CUDA_VISIBLE_DEVICES is ${Deno.env.get("CUDA_VISIBLE_DEVICES")})`;
  return seen + (notLoaded.length > 0 ? `; these did not load: ${notLoaded.join(", ")}` : "");
}

async function answer(
  { id, ...request }: Request & { id: number },
  payloads: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
  try {
    if (request.kind !== "join" && member === undefined) {
      throw new Error(`a worker was asked to "${request.kind}" before it joined a group`);
    }
    const { payloads: values, ...outcome } = request.kind === "join"
      ? join(request)
      : await member!.answer(request, payloads);
    await say({ kind: "done", id, ...outcome }, values);
  } catch (error) {
    const { message } = error as Error;
    const code = error instanceof TensorFlowError ? error.code : undefined;
    await say({ kind: "failed", id, message, code });
  }
}

const tensorflow = Deno.UnsafePointerView.getCString(api.TF_Version()!);
await say({
  kind: "ready",
  tensorflow,
  device,
  kernelHost: kernelHost(tensorflow),
  port: freePort(),
});
let turn = Promise.resolve();
for await (const { header, payloads } of frames(Deno.stdin.readable)) {
  const request = header as unknown as Request & { id: number };
  if (request.kind === "ping") say({ kind: "done", id: request.id });
  else turn = turn.then(() => answer(request, payloads));
}
Deno.exit(0);
