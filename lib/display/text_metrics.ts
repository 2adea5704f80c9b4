import { readFile } from "../platform/disk.ts";
import { packageFile, packageFolder } from "../platform/package_files.ts";

/**
 * The face of every chart. Set-up brings it as a package, so that charts are laid out with the
 * widths they are drawn with; the PDF uses it too. Verdana, its model, has almost the same widths
 * and stands in where a reader's browser lacks it.
 */
export const fontFamily = "DejaVu Sans, Verdana, sans-serif";
/** The name alone, for whoever sets documents that charts stand in. */
export const fontName = "DejaVu Sans";

/** Heights above and below the baseline, as parts of the font size (the font's `hhea` table). */
export const ascent = 1901 / 2048;
export const descent = 483 / 2048;

interface Face {
  getAdvanceWidth(text: string, fontSize: number): number;
}

let faces: { regular: Face; bold: Face } | undefined;
const widths = new Map<string, number>();

/** The folder of the font files, which typesetters are to be told of. */
export function fontFolder(): string {
  return packageFolder("dejavu-fonts-ttf/ttf/DejaVuSans.ttf");
}

/** Reads the font; `textWidth` needs it. */
export async function loadFont(): Promise<void> {
  if (faces) return;
  const { parse } = (await import("opentype")).default;
  // Importing something of the package makes its other files known (and fetches it if need be).
  await import("dejavu-fonts-ttf/package.json", { with: { type: "json" } });
  const read = async (file: string): Promise<Face> => {
    const bytes = await readFile(packageFile(`dejavu-fonts-ttf/ttf/${file}`));
    return parse(bytes.buffer, { lowMemory: true });
  };
  const [regular, bold] = await Promise.all([read("DejaVuSans.ttf"), read("DejaVuSans-Bold.ttf")]);
  faces = { regular, bold };
}

/** The width of one line of text in pixels: the sum of the advances of its glyphs. */
export function textWidth(text: string, fontSize: number, bold = false): number {
  if (!faces) throw new Error("textWidth: the font is not loaded yet; await loadFont() first");
  const key = `${bold ? "b" : "r"}${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = (bold ? faces.bold : faces.regular).getAdvanceWidth(text, 1);
    widths.set(key, width);
  }
  return width * fontSize;
}
