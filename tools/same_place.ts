/** Whether two paths lead to the same place, by links or without; false where one leads nowhere. */
export function isSamePlace(one: string, other: string): boolean {
  try {
    return Deno.realPathSync(one) === Deno.realPathSync(other);
  } catch {
    return false;
  }
}
