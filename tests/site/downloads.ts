/** What a browser downloads. */
import { join } from "node:path";

/** The file that is downloaded into a folder, by a name of this pattern, once it is there whole. */
export async function arrived(folder: string, named = /^[^.]/): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    const name = names.find((each) => named.test(each));
    // Browsers write to another file, or beside one that is empty.
    if (name && !names.some((each) => /\.(crdownload|part|wkdownload)$/.test(each))) {
      return join(folder, name);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no download came");
}
