/** Reading fields of payloads that may hold anything. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function asObject(value: unknown): JsonObject | undefined {
  // an object that isn't a list has string keys: the type says no more than that
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text that says something; undefined for an empty one as well. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The objects of a list; what else is in it is left out. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return asArray(value)
    .map(asObject)
    .filter((each) => each !== undefined);
}
