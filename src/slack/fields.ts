/** Reading JSON whose shape nobody vouches for. Each reader gives `undefined` (or nothing) for what isn't there. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object, or an empty one. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** A string that says something. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The objects of a list. */
export function objectsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The value if `make` takes it, for ids in places where a wrong one costs us nothing but that id. */
export function maybe<T>(make: (value: unknown) => T, value: unknown): T | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    return make(value);
  } catch {
    return undefined;
  }
}
