import * as tf from "@tensorflow/tfjs";
import { checkReceptiveField } from "../../../lib/exercises/convolution/receptive_field.ts";
import { fails, passes } from "../verdict.ts";

Deno.test("checkReceptiveField: compares an answer with what the network sees", async () => {
  const features = (images: tf.Tensor4D) => tf.avgPool(images, 6, 2, "valid");
  await passes(() => checkReceptiveField(6, features));
  await fails(() => checkReceptiveField(5, features), "does not see 5×5 pixels", "It sees more");
  await fails(() => checkReceptiveField(9, features), "It sees fewer");
  await fails(() => checkReceptiveField(2.5, features), "a whole number of pixels, but is 2.5");
  await fails(
    () =>
      checkReceptiveField(6, () => {
        throw new Error("a mistake");
      }),
    "while its receptive field was measured",
  );
});
