/**
 * A few threads that share out the blocks of one job. They sleep when there is none: threads that wait by
 * spinning would take the processor from TensorFlow's own, and from everybody else's.
 *
 * All state is guarded by one mutex; a job has few blocks, each far longer than taking it. One job at a time:
 * whoever comes while another is under way does all its blocks by itself.
 */
import type { Imports } from "./imports.ts";
import { Body, functionText } from "./text.ts";

export const START_POOL = "tessera_start_pool";

export const poolImports: Imports = {
  pthread_create: ["i32", "ptr, ptr, ptr, ptr"],
  pthread_detach: ["i32", "ptr"],
  pthread_mutex_init: ["i32", "ptr, ptr"],
  pthread_mutex_lock: ["i32", "ptr"],
  pthread_mutex_unlock: ["i32", "ptr"],
  pthread_cond_init: ["i32", "ptr, ptr"],
  pthread_cond_wait: ["i32", "ptr, ptr"],
  pthread_cond_signal: ["i32", "ptr"],
  pthread_cond_broadcast: ["i32", "ptr"],
};

/** More than any system's mutex or condition takes. */
const SYNCHRONISER_BYTES = 128;

const state = [
  ...["mutex", "work", "done"].map((name) =>
    `@pool.${name} = internal global [${SYNCHRONISER_BYTES} x i8] zeroinitializer, align 16`
  ),
  ...["next", "finished", "blocks", "busy"].map((name) => `@pool.${name} = internal global i64 0`),
  ...["function", "context"].map((name) => `@pool.${name} = internal global ptr null`),
].join("\n");

const lock = (body: Body) => body.value("call i32 @pthread_mutex_lock(ptr @pool.mutex)");
const unlock = (body: Body) => body.value("call i32 @pthread_mutex_unlock(ptr @pool.mutex)");
const wait = (body: Body, condition: string) =>
  body.value(`call i32 @pthread_cond_wait(ptr @pool.${condition}, ptr @pool.mutex)`);
const jump = (body: Body, label: string) => body.do(`br label %${label}`);
const branch = (body: Body, condition: string, yes: string, no: string) =>
  body.do(`br i1 ${condition}, label %${yes}, label %${no}`);

/** Holding the lock: takes a block if there is one and does it without the lock, else goes on at `none`. */
function takeBlock(body: Body, again: string, none: string): void {
  body.label(again);
  const next = body.load("i64", "@pool.next");
  const isSome = body.value(`icmp slt i64 ${next}, ${body.load("i64", "@pool.blocks")}`);
  branch(body, isSome, `${again}.take`, none);
  body.label(`${again}.take`);
  body.store("i64", body.value(`add i64 ${next}, 1`), "@pool.next");
  const run = body.load("ptr", "@pool.function"), context = body.load("ptr", "@pool.context");
  unlock(body);
  body.do(`call void ${run}(ptr ${context}, i64 ${next})`);
  lock(body);
  const finished = body.value(`add i64 ${body.load("i64", "@pool.finished")}, 1`);
  body.store("i64", finished, "@pool.finished");
  const isLast = body.value(`icmp eq i64 ${finished}, ${body.load("i64", "@pool.blocks")}`);
  branch(body, isLast, `${again}.last`, again);
  body.label(`${again}.last`);
  body.value("call i32 @pthread_cond_signal(ptr @pool.done)");
  jump(body, again);
}

/** What a thread of the pool does, for ever. */
function worker(): string {
  const body = new Body();
  lock(body);
  jump(body, "look");
  takeBlock(body, "look", "sleep");
  body.label("sleep");
  wait(body, "work");
  jump(body, "look");
  return functionText("internal ptr @pool.worker(ptr %unused) #0", body);
}

/** `tessera_start_pool(threads)`: to be called once. */
function start(): string {
  const body = new Body();
  body.do("%thread = alloca ptr");
  body.value("call i32 @pthread_mutex_init(ptr @pool.mutex, ptr null)");
  body.value("call i32 @pthread_cond_init(ptr @pool.work, ptr null)");
  body.value("call i32 @pthread_cond_init(ptr @pool.done, ptr null)");
  body.loop("threads", [0, "%count"], () => {
    const failed = body.value(
      "call i32 @pthread_create(ptr %thread, ptr null, ptr @pool.worker, ptr null)",
    );
    // With fewer threads, or none, whoever brings a job does more of it.
    branch(body, body.value(`icmp eq i32 ${failed}, 0`), "started", "next");
    body.label("started");
    body.value(`call i32 @pthread_detach(ptr ${body.load("ptr", "%thread")})`);
    jump(body, "next");
    body.label("next");
  });
  body.do("ret void");
  return functionText(`void @${START_POOL}(i64 %count) #0`, body);
}

/** `pool.run(blocks, function, context)`: returns when all blocks are done. */
function run(): string {
  const body = new Body();
  lock(body);
  const busy = body.load("i64", "@pool.busy");
  branch(body, body.value(`icmp eq i64 ${busy}, 0`), "post", "alone");
  body.label("post");
  body.store("i64", 1, "@pool.busy");
  body.store("ptr", "%function", "@pool.function");
  body.store("ptr", "%context", "@pool.context");
  body.store("i64", "%blocks", "@pool.blocks");
  body.store("i64", 0, "@pool.next");
  body.store("i64", 0, "@pool.finished");
  body.value("call i32 @pthread_cond_broadcast(ptr @pool.work)");
  jump(body, "look");
  takeBlock(body, "look", "check");
  body.label("check");
  const finished = body.load("i64", "@pool.finished");
  const isDone = body.value(`icmp eq i64 ${finished}, ${body.load("i64", "@pool.blocks")}`);
  branch(body, isDone, "end", "sleep");
  body.label("sleep");
  wait(body, "done");
  jump(body, "check");
  body.label("end");
  body.store("i64", 0, "@pool.busy");
  unlock(body);
  body.do("ret void");
  body.label("alone");
  unlock(body);
  body.loop("each", [0, "%blocks"], (block) => {
    body.do(`call void %function(ptr %context, i64 ${block})`);
  });
  body.do("ret void");
  return functionText("internal void @pool.run(i64 %blocks, ptr %function, ptr %context) #0", body);
}

export const poolText: string = [state, worker(), start(), run()].join("\n");
