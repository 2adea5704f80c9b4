/**
 * An earlier training's files while its folder is trained in anew: they lie in its `before`, until what is
 * new is better or complete. A program may end between any two of these steps.
 */
import { makeFolder, NotFound, remove, rename } from "../platform/disk.ts";
import { exists, syncFolder } from "../platform/files.ts";
import { readCheckpointInfo } from "./checkpoint.ts";
import type { EpochReport } from "./report.ts";

/** What a training leaves in its folder, but for text logs, which are only added to. */
const files = ["best.safetensors", "last.safetensors", "log.json", "result.json"];

/** Where a training that was in a folder before lies. */
export function folderBefore(folder: string): string {
  return `${folder}/before`;
}

const folderOnTheWay = (folder: string) => `${folder}/before.new`;

const isBegun = (folder: string) => files.slice(0, 2).some((file) => exists(`${folder}/${file}`));

/** Makes room for a new training: what is there is set aside. What is set aside already, is better: it stays. */
export async function setAside(folder: string): Promise<void> {
  if (!isBegun(folder)) return;
  if (isBegun(folderBefore(folder))) return await removeFiles(folder);
  await moveFiles(folder, folderOnTheWay(folder));
  await removeFolder(folderBefore(folder));
  await rename(folderOnTheWay(folder), folderBefore(folder));
  await syncFolder(folder);
}

/** Puts back what was set aside for a training that has saved nothing, or whose setting aside was cut short. */
export async function putBack(folder: string): Promise<void> {
  await moveFiles(folderOnTheWay(folder), folder);
  if (!isBegun(folder)) await moveFiles(folderBefore(folder), folder);
}

/** Removes what was set aside. */
export async function removeSetAside(folder: string): Promise<void> {
  await removeFiles(folderBefore(folder));
  await removeFolder(folderBefore(folder));
}

/** The accuracy by which a training's best epoch was chosen. */
export function scoreOf(report: EpochReport): number {
  return (report.validation ?? report.train).accuracy;
}

/** The best accuracy of a training that was set aside; 0 where it had none, undefined where there is no such. */
export async function scoreSetAside(folder: string): Promise<number | undefined> {
  if (!isBegun(folderBefore(folder))) return undefined;
  const { best } = await readCheckpointInfo(`${folderBefore(folder)}/best.safetensors`)
    .catch(() => ({ best: undefined }));
  return best ? scoreOf(best as EpochReport) : 0;
}

async function moveFiles(from: string, to: string): Promise<void> {
  if (!exists(from)) return;
  await makeFolder(to);
  for (const file of files) {
    if (exists(`${from}/${file}`)) await rename(`${from}/${file}`, `${to}/${file}`);
  }
  await syncFolder(to);
  if (from !== to) await removeFolder(from);
}

async function removeFiles(folder: string): Promise<void> {
  for (const file of files) {
    await remove(`${folder}/${file}`).catch((error) => {
      if (!(error instanceof NotFound)) throw error;
    });
  }
}

/** Removes a folder unless there is something in it. */
async function removeFolder(folder: string): Promise<void> {
  await remove(folder).catch(() => {});
}
