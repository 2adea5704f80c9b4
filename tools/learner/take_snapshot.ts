/**
 * Takes a snapshot as Jupyter's server asks for it (`tools/snapshot.sh` has the arguments): of the text
 * on the standard input, or of the notebook's file.
 *
 * Where the state that a save has replaced is given, that one is taken if the history lacks it: what was
 * saved last in an earlier sitting, or by another program. The new state lies on disk, and is taken when
 * it is replaced.
 */
import { join, relative } from "node:path";
import { handedOutFolder } from "./pattern.ts";
import { type Reason, reasons, sameCells, takeSnapshot, withoutOutputs } from "./snapshots.ts";

const [home, notebook, reason, given, replaced] = Deno.args;
if (!(reason in reasons)) throw new Error(`"${reason}" is no reason for a snapshot`);

const text = given === "text"
  ? await new Response(Deno.stdin.readable).text()
  : await Deno.readTextFile(notebook);
const state = { notebook, reason: reason as Reason };
const earlier = replaced ? await Deno.readTextFile(replaced) : undefined;
const date = replaced ? (await Deno.stat(replaced)).mtime ?? undefined : undefined;
const taken = earlier !== undefined && !await isHandedOut(earlier) &&
  await takeSnapshot(home, { ...state, text: earlier, date });
if (!taken) await takeSnapshot(home, { ...state, text });

/** Whether a notebook's text is what the course handed out, and nobody's work. */
async function isHandedOut(text: string): Promise<boolean> {
  try {
    const path = join(handedOutFolder(home), relative(home, notebook));
    const [given, now] = [withoutOutputs(await Deno.readTextFile(path)), withoutOutputs(text)];
    return given !== undefined && now !== undefined && sameCells(given, now);
  } catch {
    return false;
  }
}
