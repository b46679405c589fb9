/** Addresses of people and places on Matrix: matrix.to links and `matrix:` URIs. */
import type { EventId, RoomId } from '../ids.ts';
import { asEvent, asMatrixUser, asRoom } from './safe-id.ts';
import type { Mention } from './tree.ts';
import { safeUrl } from './url.ts';

/**
 * The matrix.to address of a person or place on Matrix; undefined for what lies on Slack.
 *
 * @see https://spec.matrix.org/latest/appendices/#matrixto-navigation
 */
export function matrixTo(target: Mention): string | undefined {
  switch (target.type) {
    case 'matrix-user':
      return `https://matrix.to/#/${encodeId(target.user)}`;
    case 'matrix-alias':
      return `https://matrix.to/#/${encodeId(target.alias)}`;
    case 'matrix-room':
      return `https://matrix.to/#/${encodeId(target.room)}${viaQuery(target.via ?? [])}`;
    default:
      return undefined;
  }
}

/** What an address says: somebody or some place to mention, or an address that may be a link. */
export type MatrixAddress =
  { readonly type: 'mention'; readonly target: Mention } | { readonly type: 'link'; readonly url: string };

const matrixToPrefix = /^https?:\/\/(?:www\.)?matrix\.to\/#\//i;

/**
 * Reads a matrix.to or `matrix:` address. Links to single events stay links, by matrix.to. Undefined for any other
 * address, and for one whose id is none.
 *
 * @see https://spec.matrix.org/latest/appendices/#uris
 */
export function readMatrixAddress(address: string): MatrixAddress | undefined {
  if (!address.isWellFormed()) return undefined;
  const prefix = matrixToPrefix.exec(address)?.[0];
  if (prefix !== undefined) return readPath(address.slice(prefix.length), address);
  if (!/^matrix:/i.test(address)) return undefined;
  const [path = '', query = ''] = address.slice('matrix:'.length).split('?');
  const [kind = '', id = '', eventKind = '', event = ''] = path.split('/');
  const sigil = { u: '@', user: '@', r: '#', room: '#', roomid: '!' }[kind.toLowerCase()];
  if (sigil === undefined || id === '') return undefined;
  const isEvent = (eventKind === 'e' || eventKind === 'event') && event !== '';
  const sigilAndId = encodeId(sigil + decode(id));
  const url = `https://matrix.to/#/${sigilAndId}${isEvent ? `/${encodeId(`$${decode(event)}`)}` : ''}${query && `?${query}`}`;
  return readPath(url.slice('https://matrix.to/#/'.length), url);
}

function readPath(pathAndQuery: string, url: string): MatrixAddress | undefined {
  const [path = '', query = ''] = pathAndQuery.split('?');
  const [encoded = '', event = ''] = path.split('/');
  const target = readTarget(decode(encoded), query);
  if (!target) return undefined;
  if (event === '') return { type: 'mention', target };
  const link = safeUrl(url);
  return link === undefined ? undefined : { type: 'link', url: link };
}

function readTarget(id: string, query: string): Mention | undefined {
  const user = asMatrixUser(id);
  if (user) return { type: 'matrix-user', user };
  if (/^#[^\s:]*:\S+$/.test(id) && id.length <= 255) return { type: 'matrix-alias', alias: id };
  const room = asRoom(id);
  if (!room) return undefined;
  const via = query
    .split('&')
    .filter((part) => part.startsWith('via='))
    .map((part) => decode(part.slice('via='.length)));
  return { type: 'matrix-room', room, ...(via.length > 0 && { via }) };
}

/** The matrix.to address of a single event; `via`: servers that know the room. */
export function matrixToEvent(room: RoomId, event: EventId, via: readonly string[]): string {
  return `https://matrix.to/#/${encodeURIComponent(room)}/${encodeURIComponent(event)}${viaQuery(via)}`;
}

/** Which event a matrix.to address names, and in which room (an id or an alias); undefined for any other address. */
export function readEventAddress(
  address: string,
): { readonly place: string; readonly event: EventId } | undefined {
  const prefix = address.isWellFormed() ? matrixToPrefix.exec(address)?.[0] : undefined;
  if (prefix === undefined) return undefined;
  const [path = ''] = address.slice(prefix.length).split('?');
  const [place = '', named = ''] = path.split('/').map(decode);
  const event = asEvent(named);
  return event === undefined ? undefined : { place, event };
}

function viaQuery(via: readonly string[]): string {
  return via.length === 0
    ? ''
    : `?${via.map((server) => `via=${encodeURIComponent(server.toWellFormed())}`).join('&')}`;
}

/** Percent-encoded but for `@` and `:`, which clients write bare. */
function encodeId(id: string): string {
  return encodeURIComponent(id.toWellFormed()).replace(/%40|%3A/g, decodeURIComponent);
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // a stray percent sign: taken as it stands
  }
}
