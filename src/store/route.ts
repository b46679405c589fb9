import { hash } from 'node:crypto';
import type { Portal, PortalStore } from '../portal/ports.ts';
import type { Delivery } from '../queue/ports.ts';
import { channelId, InvalidId, roomId, teamId } from '../ids.ts';
import type { PortalId } from '../ids.ts';
import { seenKey } from './keys.ts';
import { storableText } from './turn.ts';
import type { IntakeRow } from './turn.ts';

/** An inbox row before its payload is sealed. */
export type Routed = Omit<IntakeRow, 'sealed' | 'payload' | 'receivedAt'>;

/** The lanes that a portal has: `portal:<id>:<lane>`. */
export const portalLanes = ['slack', 'matrix', 'control', 'shown', 'votes', 'members'] as const;

/**
 * Where a delivery belongs.
 *
 * | from   | and                                     | lane                   |
 * | ------ | --------------------------------------- | ---------------------- |
 * | Slack  | its channel has a portal                | `portal:<id>:slack`    |
 * | Slack  | its channel has none                    | none: only its key     |
 * | Slack  | the same, but it is a chat of people    | `chat:<team>:<channel>` |
 * | Slack  | no channel, but a user or else a team   | `user:…` or `team:…`   |
 * | Matrix | its room has a portal                   | `portal:<id>:matrix`   |
 * | Matrix | its room has none                       | `room:…`               |
 * | Matrix | it is a vote in a poll                  | `portal:<id>:votes`    |
 * | Matrix | it invites a ghost into a chat          | `portal:<id>:matrix`   |
 * | Slack  | it tells who is in its channel          | `portal:<id>:members`  |
 * | either | it steers a portal                      | `portal:<id>:control`  |
 * | either | it changes what a portal shows of itself | `portal:<id>:shown`   |
 * | either | can't be handled, or belongs nowhere    | `malformed`, at once dead |
 */
export function routeDelivery(
  delivery: Delivery,
  portals: Pick<PortalStore, 'byRoom' | 'byChannel'>,
): Routed {
  const { from, deliveryKey, malformed } = delivery;
  const row = {
    delivery: seenKey('delivery', deliveryKey),
    network: from,
    srcTs: /^\d{1,12}\.\d{1,6}$/.test(delivery.srcTs) ? delivery.srcTs : '',
    about: [],
  };
  if (malformed !== undefined) return { ...row, lane: 'malformed', malformed };
  const portal = portalOf(delivery, portals);
  if (portal) return { ...row, ...inPortal(delivery, portal) };
  const lane = laneWithoutPortal(delivery);
  if (lane === undefined)
    return { ...row, lane: 'malformed', malformed: 'it says neither where nor by whom' };
  if (lane === 'none') return row;
  return { ...row, lane, about: from === 'matrix' ? eventKeys(delivery) : [] };
}

function portalOf(
  { from, route }: Delivery,
  portals: Pick<PortalStore, 'byRoom' | 'byChannel'>,
): Portal | undefined {
  try {
    if (from === 'matrix') return route.room === undefined ? undefined : portals.byRoom(roomId(route.room));
    if (route.channel === undefined || route.team === undefined) return undefined;
    return portals.byChannel(teamId(route.team), channelId(route.channel));
  } catch (error) {
    if (error instanceof InvalidId) return undefined; // then nothing is linked to it
    throw error;
  }
}

function laneWithoutPortal({ from, route }: Delivery): string | undefined {
  if (from === 'matrix') return route.room === undefined ? undefined : laneName('room', route.room);
  if (route.channel !== undefined)
    return route.chat === true ? laneName('chat', `${route.team ?? ''}:${route.channel}`) : 'none';
  if (route.user !== undefined) return laneName('user', route.user);
  return route.team === undefined ? undefined : laneName('team', route.team);
}

/** Ids come from outside: a lane's name is never longer than an id may be, and can always be stored. */
function laneName(kind: string, id: string): string {
  const name = storableText(id, 1000);
  return name === id && id.length <= 255 ? `${kind}:${id}` : `${kind}:${hash('sha256', id, 'hex')}`;
}

function laneIn(
  { from, control, growth, members, shown, votes }: Delivery,
  { kind }: Portal,
): (typeof portalLanes)[number] {
  if (growth === true && kind !== 'channel') return from;
  if (control === true) return 'control';
  if (members === true) return 'members';
  if (shown === true) return 'shown';
  return votes === true ? 'votes' : from;
}

function inPortal(delivery: Delivery, portal: Portal): Partial<Routed> {
  const { from, fact } = delivery;
  const lane = `portal:${portal.id}:${laneIn(delivery, portal)}`;
  const key = fact === undefined ? {} : { fact: factKey(portal.id, fact) };
  if (from === 'matrix') return { lane, ...key, about: eventKeys(delivery) };
  const named = fact === undefined ? undefined : tsOfFact.exec(fact);
  const messages = [named?.groups?.['ts'], ...(delivery.about ?? [])].filter((ts) => ts !== undefined);
  const about = [...new Set(messages.filter(isTs))].slice(0, mostAbout);
  const subject = named?.groups?.['kind'] === 'message' ? { subject: named.groups['ts'] ?? '' } : {};
  return { lane, ...key, ...subject, about: about.map((ts) => `ts:${portal.id}:${ts}`) };
}

/** The key in `seen` of what happened in a portal. The stored form is a promise. */
export function factKey(portal: PortalId, fact: string): string {
  return seenKey('fact', `${portal}\n${fact}`);
}

const tsOfFact =
  /^(?:(?<kind>message|edit|change|delete)|reaction:(?:added|removed)):(?<ts>\d{1,12}\.\d{6})(?::|$)/;
const mostAbout = 5;

function isTs(text: string): boolean {
  return /^\d{1,12}\.\d{6}$/.test(text);
}

function eventKeys({ about }: Delivery): readonly string[] {
  const events = (about ?? []).filter((id) => id.startsWith('$') && storableText(id, 255) === id);
  return [...new Set(events)].slice(0, mostAbout).map((id) => `event:${id}`);
}
