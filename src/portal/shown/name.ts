import type { MatrixEvent, SlackEvent } from '../../events.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import type { PortalContext, Work } from '../context.ts';
import { ownAccount, unlessOutside } from '../own-account.ts';
import type { Portal } from '../ports.ts';
import { changeChannel, changeRoom, tellOnce } from './left-out.ts';
import type { RoomWork } from './left-out.ts';

type State = Extract<MatrixEvent, { readonly type: 'state' }>;

/** Slack's limit. */
const longestName = 80;

interface Names {
  /** The channel's, without its sign. */
  readonly slack: string;
  /** The room's; empty where it has none. */
  readonly matrix: string;
  readonly unchanged: { readonly slack: boolean; readonly matrix: boolean } | undefined;
}

/** The room takes the channel's name, if that has changed since both were last in step. */
export async function nameToMatrix(work: Work, { by, name }: Renaming = {}): Promise<void> {
  const { context, portal } = work;
  if (!portal.policy.name || portal.policy.direction === 'to-slack')
    return context.metrics.ignored('slack', 'policy');
  const names = await namesNow(work);
  if (!names) return context.metrics.ignored('slack', 'no-channel');
  return followSlack(work, names, name === names.slack ? by : undefined);
}

/** Who changed it, and to what. */
type Renaming = Pick<Extract<SlackEvent, { readonly type: 'shown' }>, 'by' | 'name'>;

async function followSlack(
  work: RoomWork,
  { slack, matrix, unchanged }: Names,
  by?: SlackUserId,
): Promise<void> {
  const { context, portal } = work;
  if (unchanged?.slack === true) return context.metrics.ignored('slack', 'repeated-name');
  const name = roomName(slack);
  if (name !== matrix) {
    const change = (as?: MatrixUserId) =>
      context.matrix.setState(portal.room, 'm.room.name', '', { name }, as);
    if (!(await changeRoom(work, 'name', change, by))) return;
    context.metrics.bridged('slack', 'name');
  }
  await context.shown.agree(portal.id, 'name', { slack, matrix: name });
}

/** The two share their name from now on: the room takes the channel's, whatever it was called. */
export async function shareName(context: PortalContext, portal: Portal): Promise<void> {
  context.slack.forgetChannel(portal.channels[0]);
  const names = await namesNow({ context, portal });
  if (!names) return;
  const work = { context, portal, turn: { mayWrite: () => undefined } };
  await followSlack(work, { slack: names.slack, matrix: names.matrix, unchanged: undefined });
}

/**
 * The channel takes the room's name; where both have changed, Slack's stands. Slack lets an app rename few channels: where
 * it refuses, people are told, and the room keeps the name that they gave it.
 */
export async function nameToSlack(work: Work, { event, sender }: State): Promise<void> {
  const { context, portal } = work;
  const { name: allowed, direction } = portal.policy;
  if (!allowed || direction === 'to-matrix') return context.metrics.ignored('matrix', 'policy');
  const names = await namesNow(work);
  if (!names) return context.metrics.ignored('matrix', 'no-channel');
  const { slack, matrix, unchanged } = names;
  if (unchanged?.matrix === true) return context.metrics.ignored('matrix', 'repeated-name');
  if (unchanged?.slack === false && direction === 'both') return followSlack(work, names);
  const agree = (name: string) => context.shown.agree(portal.id, 'name', { slack: name, matrix });
  const wanted = channelName(matrix);
  if (context.permissionOf(sender) === 'none' || wanted === slack) return agree(slack);
  if (wanted === '') {
    const words =
      'The channel was not renamed in Slack: names there need a letter or digit, and have no spaces.';
    await tellOnce(work, { part: 'name', event, reason: 'no-name' }, words);
    return agree(slack);
  }
  const place = portal.channels[0];
  const by = ownAccount(work, sender, 'channels:write', 'groups:write');
  const rename = () => context.slack.rename(place, wanted, by);
  const renamed = await unlessOutside(work, { by, sender, event }, () =>
    changeChannel(work, { part: 'name', event }, rename),
  );
  if (renamed) context.metrics.bridged('matrix', 'name');
  return agree(renamed ? wanted : slack);
}

async function namesNow({ context, portal }: Pick<Work, 'context' | 'portal'>): Promise<Names | undefined> {
  const place = portal.channels[0];
  const channel = await context.slack.channel(place.team, place.channel);
  if (!channel) return undefined;
  const said = (await context.matrix.state(portal.room, 'm.room.name', ''))?.['name'];
  const both = { slack: channel.name, matrix: typeof said === 'string' ? said : '' };
  return { ...both, unchanged: await context.shown.unchanged(portal.id, 'name', both) };
}

/** As rooms that the bridge makes are named. */
function roomName(channel: string): string {
  return `#${channel}`;
}

/** What Slack takes for a channel's name: lower case, no spaces, few signs. Empty where nothing is left. */
export function channelName(room: string): string {
  const plain = room.normalize('NFC').trim().replace(/^#+/, '').toLowerCase();
  const joined = plain
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^-+|-+$/g, '');
  return Array.from(joined).slice(0, longestName).join('');
}
