/**
 * `./tessera home FOLDER`: makes a home, a learner's own folder with the notebooks; alone, it says which
 * home the commands take. What a home lacks is added, and nothing in it is changed.
 */
import { isWritable } from "../lib/platform/files.ts";
import { pathFrom } from "../lib/platform/places.ts";
import { callerFolder, CommandError, root, runCommand, shown } from "./command.ts";
import { findHome, makeHome, workFolder } from "./homes.ts";

function main(args: string[]): Promise<void> {
  const [folder, ...more] = args;
  if (more.length > 0 || folder?.startsWith("-")) {
    throw new CommandError("home takes one folder: ./tessera home FOLDER", 2);
  }
  if (folder === undefined) console.log(describe());
  else for (const line of makeHome(pathFrom(callerFolder, folder))) console.log(line);
  return Promise.resolve();
}

function describe(): string {
  const found = findHome();
  if (found) return `Your home is ${found}; the installation is ${root}.`;
  const instead = isWritable(root) ? `, and ./tessera lab makes ${shown(workFolder)}` : "";
  return `There is no home yet: ./tessera home FOLDER makes one${instead}.`;
}

if (import.meta.main) await runCommand(main);
