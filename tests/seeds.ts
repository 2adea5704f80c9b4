/** Seeds of tests that train: what they say must hold for any. */

/** The test's own seed, or another one where `TESSERA_TEST_SEED` counts on from it. */
export function seedFrom(own: number): number {
  return own + Number(Deno.env.get("TESSERA_TEST_SEED") ?? 0);
}
