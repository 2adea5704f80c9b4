/** Remembers what was read of texts: at a key only one cell of a notebook is another than before. */

export function remembered<Read>(
  read: (text: string) => Read,
  most = 1000,
): (text: string) => Read {
  let recent = new Map<string, Read>();
  let before = new Map<string, Read>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const found = before.get(text) ?? read(text);
    if (recent.size >= most) [before, recent] = [recent, new Map()];
    recent.set(text, found);
    return found;
  };
}
