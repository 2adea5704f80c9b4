/** The table of gradients: each op that can be differentiated, in families. */
import { elementwise } from "./elementwise.ts";
import { images } from "./images.ts";
import type { Entry } from "./judge.ts";
import { movement } from "./movement.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";

export const families: Record<string, Record<string, Entry>> = {
  "Value by value": elementwise,
  "Sums, extremes, norms and losses": reductions,
  "Moving values": movement,
  "Products, recurrent cells, spectra": products,
  "Convolution, pooling, normalisation, images": images,
};

/** All entries by name. */
export const table: Record<string, Entry> = Object.assign({}, ...Object.values(families));
