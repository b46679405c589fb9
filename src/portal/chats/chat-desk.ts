import { CannotBridge } from '../../errors.ts';
import { collectMentions } from '../../format/doc.ts';
import type { Doc, Mention } from '../../format/doc.ts';
import type { SlackUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { Portal, Puppet } from '../ports.ts';
import { nowTs } from '../since.ts';
import { makeChat, openChat } from './make-chat.ts';

/** Chats for the commands. */
export interface ChatDesk {
  /** The chat of this person with others in Slack, in a room: it is made where there is none. May be repeated. */
  open(asker: Puppet, others: readonly SlackUserId[]): Promise<Portal>;
  /** People of Slack whom a text mentions, as its pills say. */
  mentioned(text: Doc): readonly SlackUserId[];
}

export function createChatDesk(context: PortalContext): ChatDesk {
  return {
    open: (asker, others) => open(context, asker, others),
    mentioned: (text) => [...new Set(collectMentions(text).flatMap((each) => personOf(context, each) ?? []))],
  };
}

function personOf({ matrix }: PortalContext, mention: Mention): SlackUserId | undefined {
  if (mention.type === 'slack-user') return mention.user;
  const author = mention.type === 'matrix-user' ? matrix.authorOf(mention.user)?.author : undefined;
  return author !== undefined && isPerson(author) ? author : undefined;
}

function isPerson(author: string): author is SlackUserId {
  return /^[UW]/.test(author);
}

async function open(context: PortalContext, asker: Puppet, others: readonly SlackUserId[]): Promise<Portal> {
  const { team, slackUser, matrixUser } = asker;
  const place = { team, channel: await context.slack.openChat(team, others, slackUser) };
  const known = context.portals.byChannel(team, place.channel);
  if (known?.status === 'live' || known?.status === 'paused') {
    await context.matrix.invite(known.room, matrixUser);
    return known;
  }
  const chat = await context.slack.chat(place, slackUser);
  if (!chat) throw new CannotBridge('no-chat', 'Slack doesn’t show this chat. Try again in a moment.');
  const since = nowTs(context.clock);
  const portal = await makeChat(context, { place, chat, since, mayWrite: () => undefined });
  return openChat(context, portal);
}
