/**
 * JupyterLab's settings, which hardly anybody changes. JupyterLab compiles each plugin's schema twice to validate them, a
 * tenth of what its start computes; what the site brings is known to be valid. JupyterLite reads those of all plugins,
 * each by a transaction of its own, again for each plugin that is asked for by itself.
 */

/** A JSON schema, as far as it says what stands where nothing is given. */
export interface Schema {
  type?: string | string[];
  default?: unknown;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  items?: Schema | Schema[];
  allOf?: Schema[];
  $ref?: string;
  definitions?: Record<string, Schema>;
}

/** `ISettingRegistry.IPlugin`: a plugin's settings as they are kept, and with what the schema adds. */
export interface SettingsOfPlugin {
  id: string;
  raw: string;
  schema: Schema;
  data: { composite: unknown; user: unknown };
}

/** `DefaultSchemaValidator` of `@jupyterlab/settingregistry`; null where nothing is wrong. */
export interface Validator {
  validateData(plugin: SettingsOfPlugin, populate?: boolean): unknown[] | null;
}

interface KeptSettings {
  keys(): Promise<string[]>;
  getItem(id: string): Promise<string | null>;
}

/** `Settings` of `@jupyterlite/services`. */
export interface SettingsOfSite {
  readonly storage: Promise<KeptSettings>;
  list(query?: string): Promise<{ ids: string[]; values: SettingsOfPlugin[] }>;
  fetch(id: string): Promise<SettingsOfPlugin>;
}

/** What is used of a storage to list settings: nothing is asked for that was never kept. */
const onlyKept = (storage: KeptSettings, kept: ReadonlySet<string>) =>
  Promise.resolve({
    getItem: (id: string) => kept.has(id) ? storage.getItem(id) : Promise.resolve(null),
  });

/** Settings that nobody has changed, as they are kept. */
const unchanged = "{}";

/** Lets the site's settings be read once, and those that somebody has changed when they are asked for. */
export function readSettingsOnce({ prototype }: { prototype: SettingsOfSite }): void {
  const { list, fetch } = prototype;
  const known = new WeakMap<SettingsOfSite, Promise<SettingsOfPlugin[]>>();
  prototype.list = async function (query) {
    const storage = await this.storage;
    const kept = onlyKept(storage, new Set(await storage.keys()));
    const reading = list.call(Object.create(this, { storage: { value: kept } }));
    // Who lists them may change them.
    if (!known.has(this)) {
      const values = reading.then(({ values }) => structuredClone(values));
      known.set(this, values);
      values.catch(() => known.delete(this)); // the next one asks again
    }
    const { ids, values } = await reading;
    return { ids, values: query ? [] : values };
  };
  prototype.fetch = async function (id) {
    if (!known.has(this)) await this.list();
    const found = (await known.get(this)!).find((each) => each.id === id);
    const kept = await (await this.storage).getItem(id);
    return found?.raw === (kept ?? unchanged) ? structuredClone(found) : await fetch.call(this, id);
  };
}

/** Lets validators take settings that nobody has changed for valid. */
export function trustUnchangedSettings({ prototype }: { prototype: Validator }): void {
  const { validateData } = prototype;
  prototype.validateData = function (plugin, populate = true) {
    const isKnown = plugin.raw === unchanged && plugin.schema.type === "object";
    if (!isKnown) return validateData.call(this, plugin, populate);
    if (populate) plugin.data = { composite: withDefaults({}, plugin.schema), user: {} };
    return null;
  };
}

/** A value in which there stands what the schema has for it, as Ajv's `useDefaults` puts it in; it is changed. */
export function withDefaults<Value>(value: Value, schema: Schema, root = schema): Value {
  const parts = [...schema.allOf ?? [], ...schema.$ref ? [referred(schema.$ref, root)] : []];
  for (const part of parts) withDefaults(value, part, root);
  if (Array.isArray(value)) withDefaultsOfItems(value, schema, root);
  else if (typeof value === "object" && value !== null) {
    withDefaultsOfProperties(value as Record<string, unknown>, schema, root);
  }
  return value;
}

function withDefaultsOfItems(items: unknown[], schema: Schema, root: Schema): void {
  if (!schema.items) return;
  for (const [at, item] of items.entries()) {
    const its = Array.isArray(schema.items) ? schema.items[at] : schema.items;
    if (its) withDefaults(item, its, root);
  }
}

function withDefaultsOfProperties(
  object: Record<string, unknown>,
  { properties = {}, patternProperties = {}, additionalProperties }: Schema,
  root: Schema,
): void {
  for (const [name, its] of Object.entries(properties)) {
    if (object[name] === undefined && its.default !== undefined) {
      object[name] = structuredClone(its.default);
    }
  }
  const patterns = Object.entries(patternProperties)
    .map(([pattern, its]) => [new RegExp(pattern, "u"), its] as const);
  for (const [name, value] of Object.entries(object)) {
    const matching = patterns.filter(([pattern]) => pattern.test(name)).map(([, its]) => its);
    const isNamed = Object.hasOwn(properties, name);
    const all = [...isNamed ? [properties[name]] : [], ...matching];
    if (all.length === 0 && typeof additionalProperties === "object") {
      all.push(additionalProperties);
    }
    for (const its of all) withDefaults(value, its, root);
  }
}

/** Throws an Error for a reference that leads out of the schema. */
function referred(reference: string, root: Schema): Schema {
  if (reference === "#") return root;
  const name = /^#\/definitions\/([^/]+)$/.exec(reference)?.[1];
  const found = name === undefined ? undefined : root.definitions?.[name];
  if (!found) throw new Error(`The schema has no ${reference}.`);
  return found;
}
