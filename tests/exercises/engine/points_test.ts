import { assertEquals } from "@std/assert";
import { basename, dirname } from "node:path";
import { notebooksIn, readNotebook, sourceFolder, textOf } from "../../../tools/notebooks.ts";

/** What each notebook gives in all. */
const totals: Record<string, number> = {
  "unit0/first_steps": 0,
  "unit1/vision_transformer_mnist": 10,
  "unit2/1_convolutional_networks": 13,
  "unit2/2_residual_networks": 8,
  "unit2/3_from_tokens_to_a_vision_transformer": 15,
  "unit3/self_attention_and_vit": 20,
  "unit4/1_convolution_and_attention": 8,
  "unit4/2_residual_network": 6,
  "unit4/3_vision_transformer": 11,
  "unit5/1_resnet18_pipeline": 5,
  "unit5/2_vision_transformer": 4,
  "unit5/3_crossvit": 6,
  "unit5/4_what_the_model_looks_at": 5,
};

interface Graded {
  points?: number;
  grade: boolean;
  solution: boolean;
  locked: boolean;
}

for (const path of notebooksIn(sourceFolder)) {
  const name = `${basename(dirname(path))}/${basename(path, ".ipynb")}`;
  const { cells } = await readNotebook(path);
  const graded = cells.flatMap((cell) => {
    const settings = cell.metadata.nbgrader as Graded | undefined;
    return settings ? [{ cell, ...settings }] : [];
  });

  Deno.test(`${name}: the points sum to ${totals[name]}`, () => {
    const sum = graded.reduce((total, { points = 0 }) => total + points, 0);
    assertEquals(sum, totals[name]);
  });

  Deno.test(`${name}: checks are locked and print the points that their cell gives`, () => {
    for (const { cell, grade, solution, locked, points } of graded) {
      if (!grade || solution) continue;
      assertEquals(locked, true, `${cell.id} is not locked`);
      const printed = /\bpoints: (\d+)/.exec(textOf(cell))?.[1];
      assertEquals(Number(printed ?? 0), points, `the points of ${cell.id}`);
    }
  });

  Deno.test(`${name}: headings announce the points of the cells below them`, () => {
    const announced = cells.flatMap((cell) =>
      cell.cell_type === "markdown"
        ? [...textOf(cell).matchAll(/^## .*\[(\d+) points?\]/gm)].map(([, points]) =>
          Number(points)
        )
        : []
    );
    assertEquals(announced.reduce((sum, points) => sum + points, 0), totals[name]);
  });
}
