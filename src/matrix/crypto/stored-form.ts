import v8 from 'node:v8';
import type { IndexedDbKey } from './fake-indexeddb.ts';

/** How keys and values of an IndexedDB are kept. The stored forms are promises. */

/** A key as text: JSON, with binary as `{"bytes": base64}` and dates as `{"date": milliseconds}`. */
export function keyText(key: IndexedDbKey): string {
  return JSON.stringify(toJson(key));
}

/** The key of which `keyText` made this. */
export function keyOf(text: string): IndexedDbKey {
  return fromJson(JSON.parse(text));
}

function toJson(key: IndexedDbKey): unknown {
  if (typeof key === 'string') return key;
  if (typeof key === 'number') {
    if (!Number.isFinite(key)) throw new TypeError('a key that is no finite number can’t be kept');
    return key;
  }
  if (key instanceof Date) return { date: key.getTime() };
  if (key instanceof ArrayBuffer) return { bytes: Buffer.from(key).toString('base64') };
  return key.map(toJson);
}

function fromJson(json: unknown): IndexedDbKey {
  if (typeof json === 'string' || typeof json === 'number') return json;
  if (Array.isArray(json)) return json.map(fromJson);
  if (typeof json === 'object' && json !== null) {
    if ('bytes' in json && typeof json.bytes === 'string') return bytesOf(json.bytes);
    if ('date' in json && typeof json.date === 'number') return new Date(json.date);
  }
  throw new TypeError('a stored key is none');
}

function bytesOf(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}

/** Anything that can be cloned. */
export function valueBytes(value: unknown): Buffer {
  return v8.serialize(value);
}

/** The value of which `valueBytes` made this. What is binary in it shares memory with nothing else. */
export function valueOf(bytes: Buffer): unknown {
  const own = Buffer.from(Uint8Array.from(bytes).buffer); // binary values are views of what they are read from
  const value: unknown = v8.deserialize(own);
  return value;
}
