/** Makes a unit's hand-in in the page: the archive that `./tessera hand-in` makes elsewhere, but for the PDF. */
import { BlobReader, TextReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import type { HandInMaker } from "../../../jupyterlab/hand_in.ts";
import { sha256 } from "../../../lib/platform/digests.ts";
import { hintsIn, type Manifest, manifestName } from "../../../marking/handing_in/manifest.ts";
import {
  foreignOutputs,
  howMuchIsMissing,
  isWholeRun,
  lineOf,
  missingIn,
  pointsInWords,
} from "../../../marking/handing_in/missing.ts";
import { type Owner, ownerFrom } from "../../../marking/handing_in/owner.ts";
import { wantsWeights, weightsName } from "../../../marking/handing_in/wanted_weights.ts";
import type { Notebook } from "../../../tools/notebook.ts";
import type { HomeFiles } from "../home_files.ts";
import type { OwnFiles } from "./own_files.ts";

/** Who handed in last from this browser. */
const ownerKey = "tessera:handed-in-as";

interface Read {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  notebook: Notebook;
  handedOut: Notebook;
}

export class BrowserHandIn implements HandInMaker {
  readonly before = "";
  readonly #files: HomeFiles;
  readonly #own: OwnFiles;

  constructor(files: HomeFiles, own: OwnFiles) {
    this.#files = files;
    this.#own = own;
  }

  async handInOf(path: string): Promise<{ unit: string; last: string }> {
    const unit = path.replace(/^.*:/, "").split("/")[0];
    if ((await this.#handedOut(unit)).length === 0) {
      throw new Error("Open a notebook of the unit that you hand in.");
    }
    return { unit, last: localStorage.getItem(ownerKey) ?? "" };
  }

  async makeHandIn(
    path: string,
    owner: string,
  ): Promise<{ code: number; lines: string[]; archive: string | null }> {
    const { unit } = await this.handInOf(path);
    const isGroup = /^group/i.test(owner);
    let whose: Owner;
    try {
      whose = ownerFrom(isGroup ? { group: owner } : { as: owner });
    } catch (error) {
      return { code: 2, lines: [(error as Error).message], archive: null };
    }
    localStorage.setItem(ownerKey, owner);
    const { archive, missing, points } = await this.#make(unit, whose);
    const lines = [
      ...missing.map((line) => `– ${line}`),
      howMuchIsMissing(missing),
      points,
      "The PDF is made where hand-ins are collected.",
      `To hand in, as ${whose.title}: ${archive}`,
    ];
    return { code: 0, lines, archive };
  }

  /** The unit's notebooks as the site brings them. */
  async #handedOut(unit: string): Promise<string[]> {
    const { files } = await this.#own.course();
    return files.filter((each) => each.startsWith(`${unit}/`) && each.endsWith(".ipynb"));
  }

  async #make(
    unit: string,
    owner: Owner,
  ): Promise<{ archive: string; missing: string[]; points: string }> {
    const missing: string[] = [];
    const read: Read[] = [];
    for (const path of await this.#handedOut(unit)) {
      const name = path.slice(unit.length + 1);
      const bytes = await this.#files.read(path);
      const [notebook, handedOut] = [bytes, (await this.#own.given(path))!].map(parsed);
      if (!isWholeRun(notebook)) {
        missing.push(`${name}: not all of it was run: Run → Run All Cells, and hand in anew.`);
      }
      const foreign = foreignOutputs(notebook);
      if (foreign) missing.push(`${name}: ${foreign}`);
      missing.push(...missingIn(notebook, handedOut).map((each) => lineOf(name, each)));
      read.push({ name, bytes, notebook, handedOut });
    }
    const weights = wantsWeights(read.map(({ handedOut }) => handedOut))
      ? await this.#ownWeights(unit)
      : undefined;
    const parts = [...read, ...weights ? [{ name: weightsName, bytes: weights }] : []];
    const files: Manifest["files"] = {};
    for (const { name, bytes } of parts) {
      files[name] = { sha256: await sha256(bytes), bytes: bytes.length };
    }
    const manifest: Manifest = {
      ...{ format: 1, unit, owner: owner.id, madeAt: new Date().toISOString() },
      ...owner.kind === "group" ? { group: owner.id } : {},
      course: (await this.#own.course()).version,
      notebooks: read.map(({ name }) => name),
      files,
      hints: hintsIn(await this.#takenHints(), read.map(({ notebook }) => notebook)),
      missing,
    };
    const writer = new ZipWriter(new Uint8ArrayWriter(), { extendedTimestamp: true });
    for (const { name, bytes } of parts) {
      await writer.add(name, new BlobReader(new Blob([bytes])));
    }
    await writer.add(manifestName, new TextReader(`${JSON.stringify(manifest, null, 2)}\n`));
    const archive = `out/hand-in/${unit}/${owner.id}.zip`;
    await this.#files.makeFolders(archive);
    await this.#files.write(archive, await writer.close());
    return { archive, missing, points: pointsInWords(read) };
  }

  /** The weights beside the notebook, else those of the learner's own training where it is complete. */
  async #ownWeights(unit: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const beside = `${unit}/${weightsName}`;
    if (await this.#files.exists(beside)) return await this.#files.read(beside);
    const { recipes } = await this.#own.course();
    for (const [recipe, epochs] of Object.entries(recipes)) {
      const run = `runs/${unit}/${recipe}`;
      if (!await this.#files.exists(`${run}/${weightsName}`)) continue;
      const log = await this.#json(`${run}/log.json`) as { log?: unknown[] };
      if ((log.log?.length ?? 0) >= epochs) return await this.#files.read(`${run}/${weightsName}`);
    }
  }

  async #takenHints(): Promise<Record<string, number>> {
    return await this.#json("hints.json") as Record<string, number>;
  }

  /** A file's value; an empty object where there is none, or it is damaged. */
  async #json(path: string): Promise<object> {
    try {
      return JSON.parse(new TextDecoder().decode(await this.#files.read(path)));
    } catch {
      return {};
    }
  }
}

function parsed(bytes: Uint8Array): Notebook {
  const notebook: Notebook = JSON.parse(new TextDecoder().decode(bytes));
  for (const cell of notebook.cells) cell.metadata ??= {};
  return notebook;
}
