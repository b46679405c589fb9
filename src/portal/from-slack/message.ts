import type { SlackMessage, SlackProfile } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { editMarkOf } from '../../format/edits.ts';
import type { EventId, MatrixUserId } from '../../ids.ts';
import { tsToMillis } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { EffectKey, MessageLink, PartName } from '../ports.ts';
import { asAuthor } from './account.ts';
import { profileOf } from './author.ts';
import { callRoom } from './call-room.ts';
import { recogniseEcho } from './echo.ts';
import { emojiToMatrix } from './emoji.ts';
import { filesOf, forgetFiles } from './forget-files.ts';
import { mentionsToMatrix } from './mentions.ts';
import {
  allArrived,
  captionsInTime,
  carryFiles,
  saysTooLittle,
  shownPart,
  withFileInfo,
} from './carry-files.ts';
import type { ShownPart } from './carry-files.ts';
import type { Part } from './parts.ts';
import { captionPiece, captionsOf, fileOfPart, isText, partsOf } from './parts.ts';
import { speakerOf } from './speaker.ts';
import type { Placement } from './thread.ts';
import { isGone, placementOf, placementOfPart } from './thread.ts';
import { unwelcome } from './unwelcome.ts';
import { pauseBesideBridge } from './watch-bridges.ts';

/**
 * Slack to Matrix: as the sender or their ghost, in the thread where it belongs, one event for each part (text, then files); a text
 * with one file is its caption.
 * Parts that are linked already aren't sent again; our own posts, and messages deleted before they came, aren't at all.
 */
export async function messageToMatrix(
  work: Work,
  message: SlackMessage,
  source: MessageLink['source'] = 'live',
  whole = false,
): Promise<void> {
  const { context, portal } = work;
  const links = await context.links.byTs(portal.id, message.ts);
  if (await recogniseEcho(work, message, links)) return context.metrics.ignored('slack', 'echo');
  if (links.length === 0 && (await isGone(work, message.ts))) {
    await forgetFiles(work, filesOf(message));
    return context.metrics.ignored('slack', 'deleted');
  }
  if (portal.policy.direction === 'to-slack') return leaveOut(work, message, 'direction');
  const profile = await profileOf(context, message);
  if (profile.bot) {
    if (!portal.policy.bots) return leaveOut(work, message, 'bots');
    await pauseBesideBridge(work, message);
  }
  const placement = await placementOf(work, message, neededToMatrix);
  await sendParts(work, message, { profile, placement, source, whole, known: links });
}

/**
 * A message that another item needs, or stands for. It has no item of its own to come back to: nothing of it is shown before
 * all of its files are here.
 */
export function neededToMatrix(work: Work, message: SlackMessage): Promise<void> {
  return messageToMatrix(work, message, 'catch-up', true);
}

interface Sending {
  readonly whole: boolean;
  readonly profile: SlackProfile;
  readonly placement: Placement;
  readonly source: MessageLink['source'];
  readonly known: readonly MessageLink[];
}

const noCaptions: ReadonlyMap<PartName, Part> = new Map();

async function sendParts(work: Work, original: SlackMessage, sending: Sending): Promise<void> {
  const message = saysTooLittle(original) ? await withFileInfo(work, original, sending.known) : original;
  const known = new Set(sending.known.map((link) => link.part));
  const parts = partsOf(message, await bodyToMatrix(work, message));
  if (parts.length === 0) return leaveOut(work, message, 'empty');
  const missing = parts.filter(({ name }) => !known.has(name));
  const carried = await carryFiles(work, message, missing);
  if (sending.whole) await allArrived(carried, missing);
  const wanted = captionsOf(work.portal, message, missing);
  const captions = wanted.size === 0 ? noCaptions : await captionsInTime(carried, wanted);
  const besideFiles = new Set(captions.values());
  for (const part of missing) {
    const placement = placementOfPart(part.name, sending.placement);
    if (!placement || besideFiles.has(part)) continue;
    const caption = captions.get(part.name);
    const shown = part.file ? await shownPart(carried, part, caption) : part;
    const copy = await showPart(work, message, shown, { ...sending, placement });
    if (copy === 'banned') return leaveOut(work, message, 'banned');
    rememberPart(work, message, { ...copy, part, caption, source: sending.source });
    const said = caption ?? part;
    if (work.portal.policy.everyone && said.name === 'text' && sending.source === 'live')
      await callRoom(work, message, { ...copy, text: said.text, placement });
  }
  work.context.metrics.bridged('slack', 'message');
}

/** As the sender, or their ghost; where people don't want that in the room, the bot says it, or nobody does. */
export async function showPart(
  work: Work,
  message: SlackMessage,
  part: ShownPart,
  { profile, placement }: Pick<Sending, 'profile' | 'placement'>,
): Promise<Copy | 'banned'> {
  const { bot } = work.context.matrix;
  const effect = effectOf(work, message, part);
  const send = (as: MatrixUserId, key: EffectKey): Promise<EventId> =>
    sendPart(work, message, { as, key, part, profile, placement });
  try {
    const { done: event, as } = await asAuthor(work, profile, effect, send);
    return { event, postedAs: as };
  } catch (error) {
    const why = unwelcome(error);
    if (why === undefined) throw error;
    if (why === 'banned') return why;
    return { event: await send(bot, effect), postedAs: bot };
  }
}

export interface Copy {
  readonly event: EventId;
  readonly postedAs: MatrixUserId;
}

/** Sends one part of a message, the same effect however often it is repeated. */
async function sendPart(
  work: Work,
  message: SlackMessage,
  sending: Pick<Sending, 'profile' | 'placement'> & {
    readonly as: MatrixUserId;
    readonly key: EffectKey;
    readonly part: ShownPart;
  },
): Promise<EventId> {
  const { context, portal, turn } = work;
  const { as, key, part, profile, placement } = sending;
  const content = { ...(await contentOf(work, message, { as, part, profile })), ...placement };
  turn.mayWrite();
  return context.matrix.send(as, portal.room, content, key);
}

function effectOf({ portal }: Work, { ts }: SlackMessage, { name }: ShownPart): EffectKey {
  return { fact: `slack:${portal.id}:message:${ts}`, part: name, at: tsToMillis(ts) };
}

export async function contentOf(
  work: Work,
  message: SlackMessage,
  {
    as,
    part,
    profile,
  }: { readonly as: MatrixUserId; readonly part: ShownPart; readonly profile: SlackProfile },
) {
  const emote = message.emote && isText(part);
  const speaker = await speakerOf(work.context, message, { as, profile });
  const slackFile = fileOfPart(part.name);
  return {
    kind: emote ? ('emote' as const) : ('text' as const),
    text: part.text,
    ...(part.media && { file: part.media }),
    ...(slackFile !== undefined && { slackFile }),
    ...(speaker && { speaker }),
    externalUrl: work.context.slack.permalink(message, message.ts, message.threadTs),
  };
}

/** The text with its mentions and emoji as Matrix knows them. */
export async function bodyToMatrix({ context, portal }: Work, message: SlackMessage): Promise<Doc> {
  const body = await mentionsToMatrix(context, portal, message, message.text);
  return emojiToMatrix(context, message.team, body);
}

/** A caption is a part as well, in the event of its file. */
export function rememberPart(
  { portal, turn }: Work,
  message: SlackMessage,
  shown: Copy & {
    readonly part: Part;
    readonly caption: Part | undefined;
    readonly source: MessageLink['source'];
  },
): void {
  const { caption, event, part, postedAs, source } = shown;
  const copy = { event, postedAs, source };
  turn.remember({ type: 'link', link: linkOf({ portal }, message, { ...copy, part: part.name }) });
  if (!caption) return;
  const link = linkOf({ portal }, message, { ...copy, part: caption.name, piece: captionPiece });
  turn.remember({ type: 'link', link });
}

export function linkOf(
  { portal }: Pick<Work, 'portal'>,
  message: SlackMessage,
  copy: {
    readonly part: PartName;
    readonly event?: EventId;
    readonly piece?: number;
    readonly postedAs: string;
    readonly source: MessageLink['source'];
  },
): MessageLink {
  const lastEdit = lastEditOf(message);
  return {
    portal: portal.id,
    ts: message.ts,
    piece: 0,
    ...copy,
    room: portal.room,
    ...(message.threadTs !== undefined && { threadTs: message.threadTs }),
    origin: 'slack',
    sender: message.author.id,
    sentAt: tsToMillis(message.ts),
    ...(lastEdit !== undefined && { lastEdit }),
  };
}

/** The mark of the edit that a message shows. */
export function lastEditOf({ editTs, editHash }: SlackMessage): string | undefined {
  return editTs && editMarkOf({ editTs, ...(editHash !== undefined && { editHash }) });
}

/** Remembers that nothing was sent, so that later changes of the message don't wait for it and no sweep brings it. */
function leaveOut(work: Work, message: SlackMessage, reason: string): void {
  work.context.metrics.ignored('slack', reason);
  const link = linkOf(work, message, { part: 'none', postedAs: '', source: 'live' });
  work.turn.remember({ type: 'link', link });
}
