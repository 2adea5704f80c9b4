/**
 * Writes into Deno's cache what the registry says of each package of deno.lock, of the locked versions alone:
 * `pin_packages.ts`, which the set-up runs. Homes have no lock, since what a learner imports is not the
 * course's. By these files they get the course's packages in the locked versions too, without a network.
 */
import { join } from "node:path";
import { exists } from "../lib/platform/files.ts";
import { root } from "./command.ts";

/** An entry of deno.lock. */
interface Locked {
  integrity?: string;
  os?: string[];
  cpu?: string[];
}

/** What names other packages in a package.json; those that are not locked were not wanted. */
const needs = ["dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"];
const others = ["bundleDependencies", "bin", "os", "cpu"];

/** `@scope/name@1.2.3_peer@4.5.6` apart. */
function nameAndVersion(key: string): [name: string, version: string] {
  const at = key.indexOf("@", 1);
  return [key.slice(0, at), key.slice(at + 1).split("_")[0]];
}

/** A version as a registry describes it. One for another system is not here, and nobody asks for more. */
function describe(name: string, version: string, { integrity, os, cpu }: Locked, folder: string) {
  const manifest = join(folder, version, "package.json");
  const read = exists(manifest) ? JSON.parse(Deno.readTextFileSync(manifest)) : { os, cpu };
  const needed = needs.map((kind) => [
    kind,
    Object.fromEntries(Object.entries(read[kind] ?? {}).filter(([other]) => isLocked(other))),
  ]);
  const settings = others.filter((each) => read[each] !== undefined).map((
    each,
  ) => [each, read[each]]);
  const file = `${name.split("/").at(-1)}-${version}.tgz`;
  const tarball = `https://${folder.split("/npm/").at(-1)}/-/${file}`;
  return {
    name,
    version,
    dist: { tarball, integrity },
    ...Object.fromEntries([...needed, ...settings]),
  };
}

const { npm } = JSON.parse(Deno.readTextFileSync(join(root, "deno.lock"))) as {
  npm: Record<string, Locked>;
};
const lockedNames = new Set(Object.keys(npm).map((key) => nameAndVersion(key)[0]));
const isLocked = (name: string) => lockedNames.has(name);
const cache = join(Deno.env.get("DENO_DIR")!, "npm");
for (const { name: registry } of Deno.readDirSync(cache)) {
  const packages: Record<string, Record<string, unknown>> = {};
  for (const [key, locked] of Object.entries(npm)) {
    const [name, version] = nameAndVersion(key);
    const folder = join(cache, registry, name);
    (packages[name] ??= {})[version] = describe(name, version, locked, folder);
  }
  for (const [name, versions] of Object.entries(packages)) {
    const folder = join(cache, registry, name);
    Deno.mkdirSync(folder, { recursive: true });
    const latest = Object.keys(versions).at(-1);
    const registered = JSON.stringify({ name, "dist-tags": { latest }, versions });
    Deno.writeTextFileSync(join(folder, "registry.json"), registered);
  }
}
