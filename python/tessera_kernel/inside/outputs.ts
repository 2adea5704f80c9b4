/** Sends what cells print and show through the pipe, in place of Deno's socket, which loses bursts. */
import { currentCell, inLatestCell } from "./cell.ts";
import { internals } from "./deno.ts";
import { sendFailure } from "./failures.ts";
import { JSON, Object, Promise, Symbol, TextDecoder } from "./language.ts";
import { kind, type Pipe } from "./pipe.ts";
import { stoppable } from "./stopping.ts";

/** The one that Stop does not know. */
const { setTimeout } = globalThis;

const displaySymbol = Symbol.for("Jupyter.display");
type Displayed = { [displaySymbol]?: () => unknown };
type Broadcast = typeof Deno.jupyter.broadcast;

/** A value's output by MIME type. Deno asks objects how they show themselves; functions may know it as well. */
function format(value: unknown, isRaw: boolean): Promise<Record<string, unknown>> {
  const shows = typeof value === "function" && (value as unknown as Displayed)[displaySymbol];
  const asked = shows ? { [displaySymbol]: () => shows.call(value) } : value;
  return internals.jupyter.formatInner(asked, isRaw);
}

/** JSON without halves of characters, with which notebooks could not be saved. */
function json(value: unknown): string {
  const text = JSON.stringify(value);
  if (!/\\ud[89a-f]/.test(text)) return text;
  return JSON.stringify(value, (_, each) => typeof each === "string" ? each.toWellFormed() : each);
}

/** Puts itself in front of the console, standard output, `Deno.jupyter` and a cell's last value. */
export function redirectOutputs(pipe: Pipe): void {
  const print = (text: string, level: number) =>
    pipe.send(level > 1 ? kind.stderr : kind.stdout, currentCell().id, text);
  const ours = new internals.Console(print);
  for (const name of Object.keys(ours) as (keyof Console)[]) {
    if (typeof ours[name] === "function") Object.assign(console, { [name]: ours[name] });
  }
  for (const [stream, level] of [[Deno.stdout, 1], [Deno.stderr, 2]] as const) {
    const decoder = new TextDecoder();
    const writeSync = (bytes: Uint8Array) => {
      print(decoder.decode(bytes, { stream: true }), level);
      return bytes.length;
    };
    Object.assign(stream, {
      writeSync,
      write: (bytes: Uint8Array) => Promise.resolve(writeSync(bytes)),
    });
    const writable = new WritableStream<Uint8Array>({ write: (bytes) => void writeSync(bytes) });
    Object.defineProperty(stream, "writable", { value: writable });
  }

  const original = Deno.jupyter.broadcast;
  const broadcast: Broadcast = (type, content = {}, extra) => {
    // Binary buffers, which widgets send, stay Deno's business.
    if (extra?.buffers?.length) return original(type, content, extra);
    const transient = content.transient as { display_id?: string } | undefined;
    const parts = [extra?.metadata ?? {}, transient?.display_id ?? null, content];
    const lines = [type, ...parts.map(json)];
    pipe.send(kind.message, currentCell().id, lines.join("\n"));
    return Promise.resolve();
  };
  const display: typeof Deno.jupyter.display = async (value, options) => {
    const data = await format(value, options?.raw ?? false);
    const transient = options?.display_id ? { display_id: options.display_id } : {};
    const type = options?.update ? "update_display_data" : "display_data";
    await broadcast(type, { data, metadata: {}, transient });
  };
  Object.assign(Deno.jupyter, { broadcast, display });

  internals.jupyter.broadcastResult = (_count, result) =>
    inLatestCell(async () => {
      if (result === undefined) return;
      try {
        // A turn of the event loop lets Stop reach a loop in what shows the value.
        if (Object(result) === result) await new Promise((resolve) => setTimeout(resolve));
        const data = await stoppable(format(result, false));
        await broadcast("execute_result", { data, metadata: {} }); // the door counts the cells
      } catch (error) {
        sendFailure(pipe, error, "", currentCell().id);
      }
    });
}
