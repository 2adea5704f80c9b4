/** The images of an epoch as raw files, which PyTorch's side reads: both train on the same bytes. */
import { root } from "../tools/command.ts";
import type { Case } from "./cases.ts";

/** Writes the first `images` images and labels of a case's data set; gives the folder. */
export async function writeRawImages(work: Case, images: number): Promise<string> {
  const folder = `${root}/out/bench/${work.name.replace(/\W+/g, "-").toLowerCase()}`;
  await Deno.mkdir(folder, { recursive: true });
  const dataset = await work.dataset(images);
  const pixels: Uint8Array[] = [];
  const labels: number[] = [];
  const chunk = 1024;
  for (let start = 0; start < images; start += chunk) {
    const count = Math.min(chunk, images - start);
    const batch = dataset.batch(Int32Array.from({ length: count }, (_, index) => start + index));
    pixels.push(Uint8Array.from(await batch.images.data()));
    labels.push(...await batch.labels.data());
    batch.images.dispose();
    batch.labels.dispose();
  }
  await Deno.writeFile(`${folder}/images.bin`, concatenated(pixels));
  await Deno.writeFile(`${folder}/labels.bin`, new Uint8Array(Int32Array.from(labels).buffer));
  return folder;
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
