/** All recipes by the name that `./tessera train` takes. */
import { mnistVit } from "./mnist_vit.ts";
import type { Recipe } from "./recipe.ts";

export const recipes: Record<string, Recipe> = {
  "mnist-vit": mnistVit,
};
