import { CannotBridge } from '../../errors.ts';
import type { RoomId } from '../../ids.ts';
import type { PortalContext, Work } from '../context.ts';
import type { Portal, PortalChannel, SlackChannel } from '../ports.ts';
import { changeRoom } from './left-out.ts';
import type { RoomWork } from './left-out.ts';

/** More portals than any process meets; past it all may be looked at anew. */
const remembered = 10_000;
/** So many aliases of former names still lead to a room. */
const mostFormer = 10;

/**
 * A room that the bridge made for a public channel, and that shares its name, has an alias made of that name: its main
 * address, unless people chose another. After a rename the former aliases go on leading there, until another channel is
 * called so. A channel that became private has none.
 */
export async function aliasToMatrix(work: RoomWork): Promise<boolean> {
  const { context, portal } = work;
  if (portal.kind !== 'channel') return true;
  const place = portal.channels[0];
  const channel = await context.slack.channel(place.team, place.channel);
  if (!channel) return false;
  if (!channel.private && !sharesName(portal)) return true; // what was given stays
  let there = true;
  const change = async (): Promise<void> => {
    if (!(await context.matrix.isOwnRoom(portal.room))) return;
    there = await follow(context, portal.room, channel);
  };
  return (await changeRoom(work, 'alias', change)) && there;
}

/** The same where nothing says that the name changed: once in a process for each name. */
export async function lookAtAlias(work: Work): Promise<void> {
  const { context, memory, portal } = work;
  const place = portal.channels[0];
  const channel = await context.slack.channel(place.team, place.channel);
  const known = channel && !channel.private ? channel.name : '';
  if (memory.shownAliases.get(portal.id) === known || !(await aliasToMatrix(work))) return;
  if (memory.shownAliases.size >= remembered) memory.shownAliases.clear();
  memory.shownAliases.set(portal.id, known);
}

/** For a portal that was just linked, or shares its name from now on. */
export function giveAlias(context: PortalContext, portal: Portal): Promise<boolean> {
  return aliasToMatrix({ context, portal, turn: { mayWrite: () => undefined } });
}

/** What we made goes: the room isn't the channel's any more. */
export async function withdrawAliases(context: PortalContext, portal: Portal): Promise<void> {
  const { matrix, slack } = context;
  if (portal.kind !== 'channel') return;
  try {
    const own = (await matrix.isOwnRoom(portal.room)) ? await matrix.ownAliases(portal.room) : [];
    await matrix.showAliases(portal.room, []);
    for (const alias of own) await matrix.removeAlias(alias);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    // the bot isn't in the room, or may not change it: what it is called now at least leads nowhere
    const names = namesOf(slack, matrix, portal.channels[0]);
    for (const alias of names.valid) {
      if ((await matrix.resolveAlias(alias)) === portal.room) await matrix.removeAlias(alias);
    }
  }
}

/** The alias that a room should have. */
export interface RoomAlias {
  readonly alias: string;
  /** It leads to the room. */
  readonly there: boolean;
  /** It leads to another one. */
  readonly taken: boolean;
}

/** `undefined` where the room should have none. */
export async function aliasOfRoom(context: PortalContext, portal: Portal): Promise<RoomAlias | undefined> {
  const { matrix, slack } = context;
  const place = portal.channels[0];
  if (portal.kind !== 'channel' || !sharesName(portal)) return undefined;
  const channel = await slack.channel(place.team, place.channel);
  if (!channel || channel.private || !(await matrix.isOwnRoom(portal.room))) return undefined;
  const { wanted, valid } = namesOf(slack, matrix, channel);
  const own = await matrix.ownAliases(portal.room);
  const there = valid.find((alias) => own.includes(alias));
  if (there !== undefined) return { alias: there, there: true, taken: false };
  const [alias] = wanted;
  if (alias === undefined) return undefined;
  return { alias, there: false, taken: (await matrix.resolveAlias(alias)) !== undefined };
}

function sharesName({ policy }: Portal): boolean {
  return policy.name && policy.direction !== 'to-slack';
}

/** Resolves with whether the room has the alias that it should have. */
async function follow(context: PortalContext, room: RoomId, channel: SlackChannel): Promise<boolean> {
  const { matrix, slack } = context;
  const own = await matrix.ownAliases(room);
  const { wanted, valid } = namesOf(slack, matrix, channel);
  if (channel.private || valid.length === 0) {
    await keepOnly(context, room, own, []);
    return true;
  }
  const alias = valid.find((each) => own.includes(each)) ?? (await firstFree(context, room, wanted));
  const former = own.filter((each) => each !== alias);
  const kept = former.slice(-mostFormer);
  await keepOnly(context, room, former, alias === undefined ? kept : [alias, ...kept]);
  return alias !== undefined;
}

/** What the room shows goes before what leads there. */
async function keepOnly(
  { matrix }: PortalContext,
  room: RoomId,
  before: readonly string[],
  kept: readonly string[],
): Promise<void> {
  await matrix.showAliases(room, kept);
  for (const alias of before) if (!kept.includes(alias)) await matrix.removeAlias(alias);
}

async function firstFree(
  context: PortalContext,
  room: RoomId,
  wanted: readonly string[],
): Promise<string | undefined> {
  for (const alias of wanted) if (await take(context, room, alias)) return alias;
  return undefined;
}

/** An alias that another of our rooms has of a former name becomes this room's; any other stays where it is. */
async function take(context: PortalContext, room: RoomId, alias: string): Promise<boolean> {
  const { matrix, portals } = context;
  const holder = await matrix.resolveAlias(alias);
  if (holder === undefined) return matrix.addAlias(room, alias);
  if (holder === room) return true;
  const other = portals.byRoom(holder);
  if (!other || !(await isFormer(context, other, alias))) return false;
  await letGo(context, holder, alias);
  await matrix.removeAlias(alias);
  return matrix.addAlias(room, alias);
}

/** Slack is asked how that channel is called now: two may have changed names. */
async function isFormer(context: PortalContext, portal: Portal, alias: string): Promise<boolean> {
  const { matrix, slack } = context;
  const place = portal.channels[0];
  if (portal.kind !== 'channel' || !(await isMadeByUs(context, portal.room))) return false;
  slack.forgetChannel(place);
  const channel = await slack.channel(place.team, place.channel);
  if (channel?.private === true) return true;
  return !namesOf(slack, matrix, channel ?? place).valid.includes(alias);
}

async function letGo({ matrix }: PortalContext, room: RoomId, alias: string): Promise<void> {
  try {
    const kept = (await matrix.ownAliases(room)).filter((each) => each !== alias);
    const main = (await matrix.state(room, 'm.room.canonical_alias', ''))?.['alias'];
    await matrix.showAliases(
      room,
      kept.toSorted((one, other) => Number(other === main) - Number(one === main)),
    );
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error; // it shows an address that leads elsewhere, until it lets us
  }
}

async function isMadeByUs({ matrix }: PortalContext, room: RoomId): Promise<boolean> {
  try {
    return await matrix.isOwnRoom(room);
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    return false;
  }
}

interface Names {
  /** What a room takes that has none of these, the best first. */
  readonly wanted: readonly string[];
  /** What it keeps where it has it. */
  readonly valid: readonly string[];
}

/** Slack's names have no full stop: `acme.general` is no other channel's name. */
function namesOf(
  slack: Pick<PortalContext['slack'], 'team' | 'teams'>,
  matrix: Pick<PortalContext['matrix'], 'aliasOf'>,
  { team, name }: PortalChannel,
): Names {
  const url = slack.team(team)?.url ?? '';
  const domain = /^https:\/\/([a-z0-9-]+)\./.exec(url)?.[1] ?? team.toLowerCase();
  const plain = matrix.aliasOf(name);
  const withTeam = matrix.aliasOf(`${domain}.${name}`);
  const valid = [plain, withTeam].filter((alias) => alias !== undefined);
  const isOnlyTeam = slack.teams().length < 2;
  return { valid, wanted: isOnlyTeam ? valid : valid.filter((alias) => alias === withTeam) };
}
