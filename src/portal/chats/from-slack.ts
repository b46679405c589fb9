import type { SlackEvent } from '../../events.ts';
import type { SlackUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { Portal, SlackChat } from '../ports.ts';
import type { PortalTurn } from '../turn.ts';
import { makeChat, openChat } from './make-chat.ts';

/** What was told of a chat that had no portal when it was stored. */
export interface ToldOfChat {
  readonly event: SlackEvent;
  /** People with a login through whose accounts it came. */
  readonly readers: readonly SlackUserId[];
  /** Stores it once more, for the portal that the chat has by now. Known there already is success. */
  readonly again: () => Promise<void>;
}

/**
 * Somebody writes to a linked person, or they do to somebody: the chat gets its portal, and what was said follows through
 * that, in the order in which it was said.
 */
export async function chatFromSlack(
  context: PortalContext,
  { event, readers, again }: ToldOfChat,
  turn: PortalTurn,
): Promise<void> {
  if (!('channel' in event)) return context.metrics.ignored('slack', 'no-chat');
  const { team, channel } = event;
  const known = context.portals.byChannel(team, channel);
  const portal = known && isMade(known) ? known : await made(context, { event, readers }, turn);
  if (!portal) return context.metrics.ignored('slack', 'no-chat');
  await again();
  await openChat(context, portal, turn.item.seq);
}

function isMade({ status }: Portal): boolean {
  return status !== 'pending' && status !== 'filling';
}

/** Only what somebody writes makes a chat: a reaction to something old has nothing to stand on. */
async function made(
  context: PortalContext,
  { event, readers }: Omit<ToldOfChat, 'again'>,
  turn: PortalTurn,
): Promise<Portal | undefined> {
  if (!('channel' in event)) return undefined;
  const place = { team: event.team, channel: event.channel };
  const known = context.portals.byChannel(place.team, place.channel);
  if (!known && (event.type !== 'message' || context.slack.isOurs(event))) return undefined;
  const chat = await seenBy(context, place, readers);
  if (!chat) return undefined;
  const since = known?.since ?? (event.type === 'message' ? event.ts : undefined);
  if (since === undefined) return undefined;
  return makeChat(context, { place, chat, since, mayWrite: () => turn.mayWrite() });
}

/** The chat, as far as it is one of people: what people and the bot say to each other stays in Slack. */
async function seenBy(
  context: PortalContext,
  place: Parameters<PortalContext['slack']['chat']>[0],
  readers: readonly SlackUserId[],
): Promise<SlackChat | undefined> {
  for (const reader of readers) {
    if (!context.puppets.ofSlackUser(place.team, reader)) continue;
    const chat = await context.slack.chat(place, reader);
    if (!chat) continue;
    const bot = context.slack.team(place.team)?.bot;
    const isOfPeople = chat.kind !== 'channel' && chat.members.every((member) => member !== bot);
    return isOfPeople && chat.members.length > 1 ? chat : undefined;
  }
  return undefined;
}
