/**
 * `./tessera site`: makes the course as a static site in `out/site`, which any web host can serve: it runs in
 * a browser's tab, with nothing installed. `--units unit0,unit1` makes a smaller one, `--serve` shows it on
 * this machine.
 */
import { parseArgs } from "node:util";
import { join, resolve } from "node:path";
import { courseVersion } from "../marking/handing_in/course_version.ts";
import { missingDataSets } from "../site/contents.ts";
import { serveSite } from "../site/serve.ts";
import {
  callerFolder,
  CommandError,
  foreground,
  needWritableInstallation,
  root,
  runCommand,
  shown,
} from "./command.ts";
import { exercisesFolder } from "./homes.ts";

const usage = `usage: ./tessera site [--units UNIT,…] [--output FOLDER] [--serve [--port PORT]]

Makes the course as a static site in out/site, or in the folder that --output names: it runs in a
browser's tab, with nothing installed, and any web host can serve it. --units unit0,unit1 makes a
smaller one; --serve shows it on this machine, at port 8000 or the one given.`;

interface Settings {
  units: string[];
  output: string;
  serve: boolean;
  port: number;
}

function readSettings(args: string[]): Settings {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        units: { type: "string" },
        output: { type: "string", short: "o" },
        serve: { type: "boolean", default: false },
        port: { type: "string", default: "8000" },
      },
    }));
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${usage.split("\n")[0]}`, 2);
  }
  const all = [...Deno.readDirSync(exercisesFolder)].filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => name).sort();
  const units = values.units?.split(",").filter(Boolean) ?? all;
  const unknown = units.find((unit) => !all.includes(unit));
  if (unknown !== undefined || units.length === 0) {
    throw new CommandError(
      `there is no unit "${unknown ?? ""}": it is one of ${all.join(", ")}.`,
      2,
    );
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65535) {
    throw new CommandError(`--port is "${values.port}", must be a number up to 65535.`, 2);
  }
  const output = values.output === undefined
    ? join(root, "out", "site")
    : resolve(callerFolder, values.output);
  return { units, output, serve: values.serve, port };
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(usage);
    return 0;
  }
  const { units, output, serve, port } = readSettings(args);
  await requireOwnFolder(output);
  needWritableInstallation(); // where what makes a site is fetched to
  const missing = missingDataSets(units);
  if (missing.length > 0) {
    throw new CommandError(
      `the site needs ${missing.join(" and ")}, not here yet: ./tessera data ${missing.join(" ")}`,
    );
  }
  console.error(`Making the site of ${units.join(", ")} …`);
  const folder = join(root, "site");
  const code = await foreground("deno", [
    ...["run", "--quiet", "--allow-all", "--no-check", "--frozen"],
    ...["--config", join(folder, "deno.json"), join(folder, "make.ts")],
    ...[output, await courseVersion(), ...units],
  ]);
  if (code !== 0) return code;
  console.log(`${shown(output)} (${await megabytesOf(output)} MB): copy it to a web host.`);
  if (serve) await show(output, port);
  return 0;
}

/** Throws where a folder holds something else than a site: it would be lost. */
async function requireOwnFolder(folder: string): Promise<void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new CommandError(`${shown(folder)} is no folder.`);
  }
  if (names.length === 0 || names.includes("course") && names.includes("jupyter-lite.json")) return;
  throw new CommandError(
    `${shown(folder)} holds other things, which would be lost: name a folder that is empty.`,
  );
}

async function show(folder: string, port: number): Promise<void> {
  let server;
  try {
    server = serveSite(folder, port);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new CommandError(
      `port ${port} is in use: ./tessera site --serve --port 0 takes another.`,
    );
  }
  console.log(
    `http://127.0.0.1:${server.addr.port}/lab/index.html (Ctrl-C ends it)`,
  );
  await server.finished;
}

async function megabytesOf(folder: string): Promise<string> {
  const sizeOf = async (path: string): Promise<number> => {
    let size = 0;
    for await (const { name, isDirectory } of Deno.readDir(path)) {
      const inside = join(path, name);
      size += isDirectory ? await sizeOf(inside) : (await Deno.stat(inside)).size;
    }
    return size;
  };
  return (await sizeOf(folder) / 1e6).toFixed(0);
}

if (import.meta.main) await runCommand(main);
