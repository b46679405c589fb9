import { WaitForParent } from '../../errors.ts';
import type { SlackMessage } from '../../events.ts';
import type { EventId, Ts } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink, OutgoingEvent, PartName } from '../ports.ts';
import { isCopy } from './parts.ts';

export type Placement = Pick<OutgoingEvent, 'thread' | 'replyTo'>;

/** Bridges a message that was never bridged, before the one that needs it. */
export type BridgeRoot = (work: Work, root: SlackMessage) => Promise<void>;

/**
 * Where a Slack message belongs in the room. A reply to a root that isn't there yet waits for it; one that is older than
 * the portal, or doesn't come, is fetched and bridged first. A root that can't be had leaves the reply in the main
 * timeline: shown in the wrong place rather than not at all.
 */
export async function placementOf(
  work: Work,
  message: SlackMessage,
  bridgeRoot: BridgeRoot,
): Promise<Placement> {
  const root = message.threadTs;
  if (root === undefined) return {};
  const known = await rootLinks(work, root);
  if (known.length > 0) return inThread(work, root, known);
  if (await isGone(work, root)) return afterDeletedRoot(work, root);
  if (root >= work.portal.since && !work.turn.item.waited)
    throw new WaitForParent(`ts:${work.portal.id}:${root}`);
  const found = await work.context.slack.message(message, root);
  if (!found) return afterDeletedRoot(work, root);
  await bridgeRoot(work, found);
  return inThread(work, root, await rootLinks(work, root));
}

function rootLinks(work: Work, root: Ts): Promise<readonly MessageLink[]> {
  return work.context.links.byTs(work.portal.id, root);
}

/** Whether the message was there and was deleted, or was deleted before it came. */
export async function isGone(work: Work, root: Ts): Promise<boolean> {
  const { links } = work.context;
  return (await links.isDeleted(work.portal.id, root)) || links.hasGrave(work.portal.id, root);
}

async function inThread(work: Work, root: Ts, known: readonly MessageLink[]): Promise<Placement> {
  const event = mainEvent(known);
  if (event === undefined) return {}; // the root was left out on purpose
  const latest = await work.context.links.latestInThread(work.portal.id, root);
  return { thread: { root: event, latest: latest?.event ?? event } };
}

/**
 * Where a part stands: a copy in the channel answers the thread's root there, so that people see what it is about. Where
 * the thread can't be had, the reply stands in the channel as it is, and a copy would double it.
 */
export function placementOfPart(name: PartName, placement: Placement): Placement | undefined {
  if (!isCopy(name)) return placement;
  return placement.thread && { replyTo: placement.thread.root };
}

/** The id of a deleted root isn't kept; the newest reply is the next best thing to hold on to. */
async function afterDeletedRoot(work: Work, root: Ts): Promise<Placement> {
  const latest = await work.context.links.latestInThread(work.portal.id, root);
  return latest?.event === undefined ? {} : { replyTo: latest.event };
}

/** The event that stands for the whole message: its text, else its first part. */
export function mainEvent(links: readonly MessageLink[]): EventId | undefined {
  const sent = links.filter((link) => link.event !== undefined);
  return (sent.find((link) => link.part === 'text') ?? sent[0])?.event;
}
