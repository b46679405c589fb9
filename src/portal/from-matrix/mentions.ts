import type { MatrixMessage } from '../../events.ts';
import type { Doc, Inline, Mention } from '../../format/doc.ts';
import {
  collectMentions,
  link,
  mapMentions,
  mention,
  mentionText,
  text,
  withRoomCalls,
} from '../../format/doc.ts';
import { slackUserId } from '../../ids.ts';
import type { AuthorId, MatrixUserId, RoomId } from '../../ids.ts';
import type { Work } from '../context.ts';
import { mayShow } from '../may-show.ts';
import { linksToSlack } from './links.ts';

/** Each is a question to the homeserver. */
const mostAliases = 10;

/**
 * Matrix's mentions as Slack's.
 *
 * | Matrix                                    | Slack                                            |
 * | ----------------------------------------- | ------------------------------------------------ |
 * | a ghost, a linked person, a matched one   | the person                                       |
 * | anybody else, an app's ghost              | `@name`                                          |
 * | a room with a portal in this workspace    | its channel, if that is public or the portal's   |
 * | any other room                            | a link to it                                     |
 * | an event of such a room, by its address   | its message's address                            |
 * | `@room`, asked for and allowed            | `@channel`, which reaches everybody              |
 * | `@room` otherwise                         | the word                                         |
 */
export async function mentionsToSlack(work: Work, message: MatrixMessage): Promise<Doc> {
  const doc = (await mayCallAll(work, message))
    ? withRoomCalls(wordsOnly(message.text))
    : wordsOnly(message.text);
  const found = new Map<string, Inline>();
  let aliases = 0;
  for (const target of collectMentions(doc)) {
    const key = JSON.stringify(target);
    if (found.has(key)) continue;
    if (target.type === 'matrix-alias') aliases += 1;
    const isAsked = target.type !== 'matrix-alias' || aliases <= mostAliases;
    found.set(key, isAsked ? await counterpart(work, target) : linkTo(target.alias, target));
  }
  const addressed = mapMentions(
    doc,
    (target) => found.get(JSON.stringify(target)) ?? text(mentionText(target)),
  );
  return linksToSlack(work, addressed);
}

/** Only Matrix's own kinds of mention come from Matrix: Slack's would be live without anybody's leave. */
function wordsOnly(doc: Doc): Doc {
  return mapMentions(doc, (target) =>
    target.type.startsWith('matrix-') ? mention(target) : text(mentionText(target)),
  );
}

/** By the portal's policy, the sender's power in the room, and `m.mentions.room`: clever text calls nobody. */
async function mayCallAll({ context, portal }: Work, message: MatrixMessage): Promise<boolean> {
  if (!message.mentionsRoom || !portal.policy.everyone) return false;
  const needed = await context.matrix.powerNeeded(portal.room, { notification: 'room' });
  return (await context.matrix.powerOf(portal.room, message.sender)) >= needed;
}

async function counterpart({ context, portal }: Work, target: Mention): Promise<Inline> {
  switch (target.type) {
    case 'matrix-user': {
      const author = authorOf({ context, portal }, target.user);
      if (author === undefined || author.startsWith('B')) return text(mentionText(target));
      const label = target.label === undefined ? {} : { label: target.label };
      return mention({ type: 'slack-user', user: slackUserId(author), ...label });
    }
    case 'matrix-room':
      return roomCounterpart({ context, portal }, target.room, target);
    case 'matrix-alias': {
      const room = await context.matrix.resolveAlias(target.alias);
      return room ? roomCounterpart({ context, portal }, room, target) : linkTo(target.alias, target);
    }
    case 'everyone':
      return mention(target);
    case 'slack-user':
    case 'slack-channel':
    case 'usergroup':
      return text(mentionText(target));
  }
}

/** Whether or not a linked person's token can be used now: they are the same. */
function authorOf(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  user: MatrixUserId,
): AuthorId | undefined {
  const { team } = portal.channels[0];
  const linked = context.puppets.all().find((each) => each.matrixUser === user && each.team === team);
  const own = linked?.slackUser ?? context.matches.ofMatrixUser(user, team);
  return own ?? context.matrix.authorOf(user)?.author;
}

async function roomCounterpart(
  { context, portal }: Pick<Work, 'context' | 'portal'>,
  room: RoomId,
  target: Mention,
): Promise<Inline> {
  const { team } = portal.channels[0];
  const linked = context.portals.byRoom(room);
  const other = linked?.channels.find((channel) => channel.team === team);
  if (!linked || !other || !(await mayShow(context, portal, linked))) return linkTo(room, target);
  return mention({ type: 'slack-channel', channel: other.channel, label: other.name });
}

function linkTo(address: string, target: Mention): Inline {
  return link(`https://matrix.to/#/${encodeURIComponent(address)}`, [text(mentionText(target))]);
}
