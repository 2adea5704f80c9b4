/** Files of packages that the import map names, such as fonts. Something of a package is to be imported first. */
import { fileURLToPath } from "node:url";

/** The address of a package's file: `dejavu-fonts-ttf/ttf/DejaVuSans.ttf`. */
export function packageFile(specifier: string): URL {
  return new URL(import.meta.resolve(specifier));
}

/** The folder of a package's file, with a slash at its end, as other programs are told of it. */
export function packageFolder(specifier: string): string {
  return fileURLToPath(new URL(".", packageFile(specifier)));
}
