import { hash } from 'node:crypto';

/** A key of `seen`: a name of any length as a uuid, which PostgreSQL keeps in 16 bytes. The stored form is a promise. */
export function seenKey(kind: 'delivery' | 'fact', name: string): string {
  const hex = hash('sha256', `${kind}\n${name}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
