import fc from 'fast-check';
import { changeText, textChanges } from './change-text.ts';
import type { TextChange } from './change-text.ts';
import { strangeKeys, strangeValues } from './specials.ts';

/** One change of a JSON value. Places count its nodes in reading order, modulo how many there are. */
export type JsonChange =
  | { readonly op: 'drop' | 'duplicate'; readonly at: number }
  | { readonly op: 'retype'; readonly at: number; readonly value: unknown }
  | { readonly op: 'deepen'; readonly at: number; readonly times: number; readonly key: string }
  | { readonly op: 'swap'; readonly at: number; readonly with: number }
  | { readonly op: 'graft'; readonly at: number; readonly other: number; readonly from: number }
  | { readonly op: 'rename'; readonly at: number; readonly key: string }
  | { readonly op: 'text'; readonly at: number; readonly change: TextChange };

const at = fc.nat(2_000);

export const jsonChanges: fc.Arbitrary<JsonChange> = fc.oneof(
  fc.record({ op: fc.constantFrom('drop', 'duplicate'), at }),
  fc.record({
    op: fc.constant('retype' as const),
    at,
    value: fc.oneof(fc.constantFrom(...strangeValues), fc.jsonValue()),
  }),
  fc.record({
    op: fc.constant('deepen' as const),
    at,
    times: fc.constantFrom(1, 3, 99, 101, 400),
    key: fc.constantFrom('elements', 'blocks', 'message', 'content', ''),
  }),
  fc.record({ op: fc.constant('swap' as const), at, with: at }),
  fc.record({ op: fc.constant('graft' as const), at, other: fc.nat(1_000), from: at }),
  fc.record({ op: fc.constant('rename' as const), at, key: fc.constantFrom(...strangeKeys) }),
  { weight: 3, arbitrary: fc.record({ op: fc.constant('text' as const), at, change: textChanges }) },
);

/** The place of a node in what holds it. */
interface Place {
  readonly holder: unknown[] | Record<string, unknown>;
  readonly key: string;
}

const mostPlaces = 20_000;
/** Deeper than any limit of the bridge, not as deep as what copies and prints an input can go. */
const mostDepth = 1_000;

/** @param others values that `graft` and splices take from. Leaves `value` as it is. */
export function changeJson(value: unknown, change: JsonChange, others: readonly unknown[]): unknown {
  const root: Record<string, unknown> = { value: copyOf(value) };
  const places = placesIn(root);
  const place = places[change.at % places.length];
  if (place) apply(place, places, change, others);
  return root['value'] ?? null;
}

/** Each node without one of the others, or with its text shorter: candidates for a smaller input that still fails. */
export function* smallerJson(value: unknown): Generator {
  for (let at = 1; at < placesIn({ value }).length; at += 1) yield changeJson(value, { op: 'drop', at }, []);
  for (let at = 0; at < placesIn({ value }).length; at += 1) {
    for (const length of [1_000, 100, 10, 1]) {
      yield changeJson(value, { op: 'text', at, change: { op: 'remove', at: 0, length } }, []);
    }
  }
}

function apply(place: Place, places: readonly Place[], change: JsonChange, others: readonly unknown[]): void {
  const node = read(place);
  switch (change.op) {
    case 'drop':
      return remove(place);
    case 'duplicate':
      return Array.isArray(place.holder)
        ? void place.holder.push(copyOf(node))
        : write({ ...place, key: `${place.key}_2` }, copyOf(node));
    case 'retype':
      return write(place, copyOf(change.value));
    case 'deepen':
      return write(place, deepened(node, change.times, change.key));
    case 'swap': {
      const other = places[change.with % places.length] ?? place;
      const copy = copyOf(read(other));
      write(other, copyOf(node));
      return write(place, copy);
    }
    case 'graft':
      return write(place, copyOf(part(others[change.other % others.length], change.from)));
    case 'rename':
      if (Array.isArray(place.holder)) return undefined;
      remove(place);
      return write({ ...place, key: change.key }, node);
    case 'text':
      if (typeof node !== 'string') return undefined;
      return write(place, changeText(node, change.change, others.flatMap(textsOf)));
  }
}

function textsOf(value: unknown): readonly string[] {
  return placesIn({ value }).flatMap((place) => {
    const node = read(place);
    return typeof node === 'string' && node.length > 10 ? node : [];
  });
}

/** A node around itself, many times: with its own fields where it is an object, so that it looks like the real thing. */
function deepened(node: unknown, times: number, key: string): unknown {
  if (depthOf(node) + times > mostDepth / 2) return node; // two values for each time
  const isObject = typeof node === 'object' && node !== null && !Array.isArray(node);
  const own = Object.entries(isObject ? node : {}).filter(([, field]) => typeof field !== 'object');
  const shell = (inner: unknown): unknown =>
    key === '' ? [inner] : { ...Object.fromEntries(own), [key]: key === 'message' ? inner : [inner] };
  let deep = node;
  for (let depth = 0; depth < times; depth += 1) deep = shell(deep);
  return deep;
}

function copyOf(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown); // parse gives `any`
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let level: readonly unknown[] = [value]; level.length > 0; depth += 1) {
    level = level.flatMap((node): readonly unknown[] =>
      typeof node === 'object' && node !== null ? Object.values(node) : [],
    );
  }
  return depth;
}

function part(value: unknown, at: number): unknown {
  const places = placesIn({ value });
  const place = places[at % places.length];
  return place ? read(place) : null;
}

function placesIn(root: Record<string, unknown>): readonly Place[] {
  const found: Place[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      if (found.length >= mostPlaces) return;
      const place: Place = { holder: holder as Place['holder'], key }; // JSON has no other objects
      found.push(place);
      visit(read(place));
    }
  };
  visit(root);
  return found;
}

function read({ holder, key }: Place): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value as unknown; // a descriptor's value is `any`
}

/** Also fields named `__proto__`, as JSON may have them. */
function write({ holder, key }: Place, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else Reflect.deleteProperty(holder, key);
}
