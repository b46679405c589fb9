/** Guards for JSON that came from elsewhere. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `key`, or an empty one where there is none. */
export function objectAt(value: JsonObject, key: string): JsonObject {
  const inner = value[key];
  return isObject(inner) ? inner : {};
}

export function textAt(value: JsonObject, key: string): string | undefined {
  const inner = value[key];
  return typeof inner === 'string' ? inner : undefined;
}

/** A whole number that isn't negative. */
export function countAt(value: JsonObject, key: string): number | undefined {
  const inner = value[key];
  return typeof inner === 'number' && Number.isSafeInteger(inner) && inner >= 0 ? inner : undefined;
}

/** A finite number, also where old servers sent it as a string. */
export function numberAt(value: JsonObject, key: string): number | undefined {
  const inner = value[key];
  const number = typeof inner === 'string' && /^-?\d{1,15}$/.test(inner) ? Number(inner) : inner;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function objectsAt(value: JsonObject, key: string): readonly JsonObject[] {
  const inner = value[key];
  return Array.isArray(inner) ? inner.filter(isObject) : [];
}

export function textsAt(value: JsonObject, key: string): readonly string[] {
  const inner = value[key];
  return Array.isArray(inner) ? inner.filter((entry) => typeof entry === 'string') : [];
}
