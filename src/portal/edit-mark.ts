import type { EventId } from '../ids.ts';

/**
 * The place of a Matrix edit among those of its message; compare as strings. What the sender's server says counts here, as
 * in every client: a room and its channel show the same one, in whatever order edits come.
 *
 * @see https://spec.matrix.org/latest/client-server-api/#server-side-aggregation-of-mreplace-relationships
 */
export function editMark({ at, event }: { readonly at: number; readonly event: EventId }): string {
  const time = Math.min(Math.max(0, Math.trunc(at)), Number.MAX_SAFE_INTEGER);
  return `${String(time).padStart(16, '0')} ${event}`;
}
