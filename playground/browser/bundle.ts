/** Stands in the browser where `playground/bundle.ts` stands elsewhere: the site brings the page's script. */
import { readFile, readText } from "../../lib/platform/disk.ts";
import { packageFile } from "../../lib/platform/package_files.ts";

export function bundlePage(): Promise<string> {
  return readText(packageFile("playground/page.js"));
}

export function wasmProgram(): Promise<Uint8Array> {
  return readFile(packageFile("tfjs-wasm/dist/tfjs-backend-wasm-simd.wasm"));
}

export function pageFile(name: string): Promise<string> {
  return readText(packageFile(`playground/${name}`));
}
