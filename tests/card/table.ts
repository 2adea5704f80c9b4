/** The benchmark's table on the device: `table.ts FOLDER KINDS [quick | others]`. */
import { mainCases as cases } from "../../bench/cases.ts";
import { benchOnGpu } from "../../bench/gpu.ts";
import { requestedDevice } from "../../lib/tensor/requests.ts";

const [folder, kinds, how] = Deno.args;
const isOnCard = requestedDevice() === "gpu";
await benchOnGpu({
  // The smallest one tells whether the program runs.
  cases: isOnCard ? cases : cases.filter(({ name }) => name === "ViT, MNIST"),
  kinds: kinds.split(",") as ("step" | "inference")[],
  ...{ quick: true, others: how === "others", device: isOnCard ? "gpu" : "cpu", folder },
});
Deno.exit(0);
