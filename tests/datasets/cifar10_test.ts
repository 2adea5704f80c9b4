import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { cifar10 } from "../../lib/datasets/cifar10.ts";
import { obtainBatch } from "../../lib/datasets/cifar10_files.ts";
import { dataFolder } from "../../lib/datasets/data_folder.ts";
import { DownloadError } from "../../lib/platform/fetching/download_error.ts";
import * as tf from "../../lib/tensor/tf.ts";

Deno.test("cifar10 holds the 50,000 and 10,000 images with their labels", async () => {
  const { train, test } = await cifar10();
  assertEquals([train.size, test.size], [50_000, 10_000]);
  assertEquals(train.imageShape, [32, 32, 3]);
  const firstNames = Array.from(train.labels.subarray(0, 5), (label) => train.classNames[label]);
  assertEquals(firstNames, ["frog", "truck", "truck", "deer", "automobile"]);
  for (let label = 0; label < 10; label++) {
    assertEquals(train.indicesOfClass(label).length, 5_000);
    assertEquals(test.indicesOfClass(label).length, 1_000);
  }
  const { images } = train.batch([0]);
  const red = [...images.dataSync()].filter((_, i) => i % 3 === 0);
  assertEquals(red.slice(0, 5), [59, 43, 50, 68, 98]);

  // The channel means that the world uses for CIFAR-10.
  const means = [0, 0, 0];
  for (let start = 0; start < train.size; start += 5_000) {
    tf.tidy(() => {
      const { images } = train.batch(Array.from({ length: 5_000 }, (_, i) => start + i));
      // By image first: one float32 sum over so many bytes would not be exact enough.
      const byImage = tf.mean(images, [1, 2]);
      tf.mean(byImage, 0).dataSync().forEach((mean, i) => means[i] += mean / 255 / 10);
    });
  }
  [0.4914, 0.4822, 0.4465].forEach((mean, i) => assertAlmostEquals(means[i], mean, 6e-5));
  train.dispose();
  test.dispose();
});

Deno.test("cifar10 with a limit reads no more files than it needs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const kept = join(folder, "cifar-10-batches-bin");
    await Deno.mkdir(kept);
    for (const name of ["data_batch_1.bin", "test_batch.bin"]) {
      await Deno.copyFile(
        join(dataFolder("cifar10"), "cifar-10-batches-bin", name),
        join(kept, name),
      );
    }
    const { train, test } = await cifar10({ folder, limit: 300 });
    assertEquals([train.size, test.size], [300, 300]);
    assertEquals([...train.labels.subarray(0, 5)], [6, 9, 9, 4, 1]);
    assertEquals([...Deno.readDirSync(kept)].length, 2);
    train.dispose();
    test.dispose();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("obtainBatch takes a file out of the official archive, and goes on from a corrupt one", async () => {
  const folder = await Deno.makeTempDir();
  const expected = Buffer.from(
    await obtainBatch("test_batch", dataFolder("cifar10"), () => {}),
  );
  const archive = join(folder, "cifar-10-binary.tar.gz");
  const file = join(folder, "cifar-10-batches-bin", "test_batch.bin");
  try {
    const { success } = await new Deno.Command("tar", {
      // Not compressed, which tar finds out by itself: compressing would take seconds.
      args: ["-cf", archive, "-C", dataFolder("cifar10"), "cifar-10-batches-bin/test_batch.bin"],
    }).output();
    assert(success);
    const notes: string[] = [];
    const report = ({ note }: { note?: string }) => notes.push(note ?? "");
    assert(expected.equals(await obtainBatch("test_batch", folder, report)));
    assertEquals(notes, [], "nothing was fetched or decoded");

    await Deno.remove(file);
    await Deno.truncate(archive, 1_000_000);
    assert(expected.equals(await obtainBatch("test_batch", folder, report)));
    assert(notes.includes("decoding"), "the corrupt archive was left for the package");
    assertEquals([...Deno.readDirSync(join(folder, "cifar-10-batches-bin"))].length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cifar10 says when its folder is a file", async () => {
  const file = await Deno.makeTempFile();
  await assertRejects(
    () => cifar10({ folder: file, report: () => {} }),
    DownloadError,
    "part of its path is a file, not a folder",
  );
  await Deno.remove(file);
});
