import { WaitForParent } from '../../errors.ts';
import type { MatrixEvent, PinsRead, SlackEvent } from '../../events.ts';
import type { EventId, MatrixUserId, SlackUserId, Ts } from '../../ids.ts';
import { eventId, InvalidId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { isGone, mainEvent } from '../from-slack/thread.ts';
import { ownAccount, unlessOutside } from '../own-account.ts';
import type { MessageLink, Pin } from '../ports.ts';
import { changeRoom, refusalOf } from './left-out.ts';

type State = Extract<MatrixEvent, { readonly type: 'state' }>;
type PinEvent = Extract<SlackEvent, { readonly type: 'pin' }>;

const pinnedEvents = 'm.room.pinned_events';
/** Slack's refusals of which the next message gets the same. */
const concernsAll: ReadonlySet<string> = new Set([
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'permission_denied',
  'too_many_pins',
]);
/** More items than are ever under way. */
const remembered = 10_000;

/**
 * A pin of Slack's, or its end, in the room: the others that are pinned there stay, in their order. A message that isn't
 * in the room yet is waited for; one from before the link never comes.
 */
export async function pinToMatrix(work: Work, { change, ts, by }: PinEvent): Promise<void> {
  const { context, portal, turn } = work;
  if (!goesToMatrix(work)) return context.metrics.ignored('slack', 'policy');
  const pinned = change === 'added';
  const known = (await context.shown.pins(portal.id)).find((pin) => pin.ts === ts);
  if (known && known.changedTs > turn.item.srcTs) return context.metrics.ignored('slack', 'old-pin');
  if (known?.pinned === pinned || (!known && !pinned && !(await isMapped(work, ts)))) {
    await context.shown.setPin(portal.id, { ts, pinned, changedTs: turn.item.srcTs });
    return context.metrics.ignored('slack', 'repeated-pin');
  }
  const links = await linksOf(work, ts, pinned);
  if (links.length === 0) return context.metrics.ignored('slack', 'unmapped-pin');
  const done = await changePinned(work, pinned ? [links] : [], pinned ? [] : [links], by);
  if (!done) return;
  await context.shown.setPin(portal.id, { ts, pinned, changedTs: turn.item.srcTs });
  context.metrics.bridged('slack', pinned ? 'pin' : 'pin-removed');
}

async function isMapped({ context, portal }: Work, ts: Ts): Promise<boolean> {
  return (await context.links.byTs(portal.id, ts)).length > 0;
}

async function linksOf(work: Work, ts: Ts, wait: boolean): Promise<readonly MessageLink[]> {
  const { context, portal, turn } = work;
  const known = await context.links.byTs(portal.id, ts);
  const comes = wait && known.length === 0 && ts >= portal.since && !turn.item.waited;
  if (comes && !(await isGone(work, ts))) throw new WaitForParent(`ts:${portal.id}:${ts}`);
  return known;
}

/** What was pinned when the channel was looked at; of what changed since then events tell. */
export async function pinsToMatrix(work: Work, { pinned, at }: PinsRead): Promise<void> {
  const { context, portal } = work;
  if (!goesToMatrix(work)) return context.metrics.ignored('slack', 'policy');
  const known = new Map((await context.shown.pins(portal.id)).map((pin) => [pin.ts, pin]));
  const isOld = (ts: Ts): boolean => (known.get(ts)?.changedAt ?? 0) >= at;
  const there = new Set(pinned);
  const more = pinned.filter((ts) => known.get(ts)?.pinned !== true && !isOld(ts));
  const less = [...known.values()].filter((pin) => pin.pinned && !there.has(pin.ts) && !isOld(pin.ts));
  const linked = async (ts: Ts) => ({ ts, links: await context.links.byTs(portal.id, ts) });
  const added = (await Promise.all(more.map(linked))).filter(({ links }) => links.length > 0);
  const removed = await Promise.all(less.map(({ ts }) => linked(ts)));
  if (added.length + removed.length === 0) return;
  const linksIn = (each: { readonly links: readonly MessageLink[] }) => each.links;
  if (!(await changePinned(work, added.map(linksIn), removed.map(linksIn)))) return;
  for (const { ts } of added) await context.shown.setPin(portal.id, { ts, pinned: true, changedTs: '' });
  for (const { ts } of removed) await context.shown.setPin(portal.id, { ts, pinned: false, changedTs: '' });
}

function goesToMatrix({ portal }: Work): boolean {
  return portal.policy.pins && portal.policy.direction !== 'to-slack';
}

/** Each message is all links of it. False where the room doesn't let the bot. */
async function changePinned(
  work: Work,
  added: readonly (readonly MessageLink[])[],
  removed: readonly (readonly MessageLink[])[],
  by?: SlackUserId,
): Promise<boolean> {
  const { context, portal } = work;
  const content = await context.matrix.state(portal.room, pinnedEvents, '');
  const before = listed(content);
  const gone = new Set(removed.flatMap((links) => links.map(({ event }) => event)));
  const after = before.filter((event) => !gone.has(event));
  for (const links of added) {
    const event = mainEvent(links);
    const isThere = links.some((link) => link.event !== undefined && after.includes(link.event));
    if (event !== undefined && !isThere) after.push(event);
  }
  if (after.length === before.length && after.every((event, index) => event === before[index])) return true;
  const pinned = { ...content, pinned: after };
  const change = (as?: MatrixUserId) => context.matrix.setState(portal.room, pinnedEvents, '', pinned, as);
  return changeRoom(work, 'pin', change, by);
}

/** A message that is pinned in the room, and the Slack messages that it is. */
interface PinnedEvent {
  readonly event: EventId;
  readonly messages: readonly Ts[];
}

/**
 * The channel's pins follow the room's: what was added or taken away there since both were last in step. A message that
 * isn't in Slack yet is waited for.
 */
export async function pinsToSlack(work: Work, change: State): Promise<void> {
  const { context, portal, turn } = work;
  const { pins: allowed, direction } = portal.policy;
  if (!allowed || direction === 'to-matrix' || context.permissionOf(change.sender) === 'none')
    return context.metrics.ignored('matrix', 'policy');
  const found = await pinnedNow(work);
  const known = (await context.shown.pins(portal.id)).filter(({ pinned }) => pinned);
  await bringInStep(work, change, found, known);
  const unmapped = found.findLast(({ messages }) => messages.length === 0);
  if (unmapped && !turn.item.waited && !(await context.links.isDeletedEvent(unmapped.event)))
    throw new WaitForParent(`event:${unmapped.event}`);
}

async function bringInStep(
  work: Work,
  change: State,
  found: readonly PinnedEvent[],
  known: readonly Pin[],
): Promise<void> {
  const before = new Set(known.map(({ ts }) => ts));
  const stands = new Set(found.flatMap(({ messages }) => messages));
  const isNew = ({ messages }: PinnedEvent) => !messages.some((each) => before.has(each));
  const added = found.filter(isNew).flatMap(({ messages }) => messages.slice(0, 1));
  const removed = known.flatMap(({ ts }) => (stands.has(ts) ? [] : [ts]));
  await changeInSlack(work, change, 'pin', added);
  await changeInSlack(work, change, 'unpin', removed);
  work.memory.refusedPins.delete(work.turn.item.seq);
}

/** Slack's limits make an item begin again: what was refused to it is not asked for again, so that it gets to its end. */
async function changeInSlack(
  work: Work,
  { event, sender }: State,
  how: 'pin' | 'unpin',
  messages: readonly Ts[],
): Promise<void> {
  const { context, portal } = work;
  const refused = refusedTo(work);
  for (const ts of messages) {
    if (refused.has(how)) return;
    if (refused.has(ts)) continue;
    const by = ownAccount(work, sender, 'pins:write');
    const change = () => context.slack[how](portal.channels[0], ts, by);
    const reason = await unlessOutside(work, { by, sender, event }, () =>
      refusalOf(work, { part: 'pin', event }, change),
    );
    if (reason !== undefined) {
      refused.add(concernsAll.has(reason) ? how : ts);
      continue;
    }
    await context.shown.setPin(portal.id, { ts, pinned: how === 'pin', changedTs: '' });
    context.metrics.bridged('matrix', how === 'pin' ? 'pin' : 'pin-removed');
  }
}

function refusedTo({ memory: { refusedPins }, turn: { item } }: Work): Set<string> {
  const known = refusedPins.get(item.seq);
  if (known) return known;
  if (refusedPins.size >= remembered) refusedPins.clear();
  const refused = new Set<string>();
  refusedPins.set(item.seq, refused);
  return refused;
}

async function pinnedNow({ context, portal }: Work): Promise<readonly PinnedEvent[]> {
  const content = await context.matrix.state(portal.room, pinnedEvents, '');
  return Promise.all(
    listed(content).map(async (event) => {
      const links = (await context.links.byEvent(event)).filter((link) => link.portal === portal.id);
      return { event, messages: [...new Set(links.map(({ ts }) => ts))] };
    }),
  );
}

/** Anybody with the power may put anything into a room's state. */
function listed(content: Readonly<Record<string, unknown>> | undefined): readonly EventId[] {
  const pinned = content?.['pinned'];
  if (!Array.isArray(pinned)) return [];
  return pinned.flatMap((each: unknown) => asEvent(each) ?? []);
}

function asEvent(value: unknown): EventId | undefined {
  try {
    return eventId(value);
  } catch (error) {
    if (error instanceof InvalidId) return undefined;
    throw error;
  }
}
