import type { SlackEvent, SlackPlace } from '../events.ts';
import type { PortalId, TeamId, Ts } from '../ids.ts';
import { channelId, ts } from '../ids.ts';
import type { Delivery } from '../queue/ports.ts';
import { toldByHistory } from './envelope.ts';
import type { Fields } from './fields.ts';
import { fieldsOf, maybe } from './fields.ts';

/** The type of an event of our own: a channel was looked at. Slack has none of this name. */
export const lookType = 'matrix_slack_bridge_look';

/** What was pinned, oldest pin first, and when that was asked, in milliseconds by the store's clock. */
export interface Look {
  /** Absent where Slack doesn't say. */
  readonly pinned?: readonly Ts[];
  readonly at: number;
}

/** A look as an event: handled in its portal's lane, among the changes that events tell. */
export function lookDelivery(place: SlackPlace, portal: PortalId, { pinned, at }: Look): Delivery {
  const { team, channel } = place;
  const event = { type: lookType, channel, at, ...(pinned && { pinned }) };
  const body = { type: 'event_callback', team_id: team, event, [toldByHistory]: true };
  return {
    from: 'slack',
    route: { team, channel },
    deliveryKey: `look:${portal}:${at}`,
    shown: true,
    srcTs: (at / 1000).toFixed(6),
    payload: Buffer.from(JSON.stringify(body)),
  };
}

/** The type of another one: it is to be found out who is in the channel. */
export const membersType = 'matrix_slack_bridge_members';

/** That as an event: handled in its portal's lane, among those that tell who came and went. */
export function membersDelivery({ team, channel }: SlackPlace, portal: PortalId, at: number): Delivery {
  const event = { type: membersType, channel, at };
  const body = { type: 'event_callback', team_id: team, event, [toldByHistory]: true };
  return {
    from: 'slack',
    route: { team, channel },
    deliveryKey: `members:${portal}:${at}`,
    members: true,
    srcTs: (at / 1000).toFixed(6),
    payload: Buffer.from(JSON.stringify(body)),
  };
}

/** The inverse of `lookDelivery`. */
export function look(team: TeamId, event: Fields): SlackEvent {
  const channel = channelId(event['channel']);
  const { at, pinned } = event;
  if (typeof at !== 'number' || !Array.isArray(pinned)) return { type: 'look', team, channel };
  const found = pinned.flatMap((each: unknown) => maybe(ts, each) ?? []);
  return { type: 'look', team, channel, pins: { pinned: found, at } };
}

/** The messages of a `pins.list`, oldest pin first. */
export function pinnedIn(items: readonly Fields[]): readonly Ts[] {
  const pins = items.flatMap((item) => {
    const at = maybe(ts, fieldsOf(item['message'])['ts']);
    const created = typeof item['created'] === 'number' ? item['created'] : 0;
    return at === undefined ? [] : [{ at, created }];
  });
  return pins.toSorted((a, b) => a.created - b.created).map(({ at }) => at);
}
