import { CannotBridge } from '../../errors.ts';
import type { SlackMessage, SlackProfile } from '../../events.ts';
import type { Doc } from '../../format/doc.ts';
import { noteOf, readNote } from '../../format/edits.ts';
import type { EventId, RoomId } from '../../ids.ts';
import type { Work } from '../context.ts';
import type { MessageLink, OutgoingEvent, PartName } from '../ports.ts';
import { keyOfMessage, withText } from '../shown-texts.ts';
import { changerOf } from './account.ts';
import { profileOf } from './author.ts';
import type { Carried, ShownPart } from './carry-files.ts';
import { askedFor, carryFiles, saysTooLittle, shownPart, withFileInfo } from './carry-files.ts';
import { redactLinks } from './delete.ts';
import { isBrought } from './file-words.ts';
import {
  bodyToMatrix,
  contentOf,
  lastEditOf,
  linkOf,
  neededToMatrix,
  rememberPart,
  showPart,
} from './message.ts';
import type { Part } from './parts.ts';
import { captionPiece, captionsOf, fileOfPart, isCopy, isText, partsOf } from './parts.ts';
import { placementOf, placementOfPart } from './thread.ts';
import { unwelcome } from './unwelcome.ts';

/** What an edit works with. */
interface Editing {
  readonly message: SlackMessage;
  readonly parts: readonly Part[];
  readonly links: readonly MessageLink[];
  readonly profile: SlackProfile;
  readonly carried: Carried;
}

/** `only`: the files are as the message says, its text isn't looked at. */
export async function applyEdit(
  work: Work,
  original: SlackMessage,
  { links, only }: { readonly links: readonly MessageLink[]; readonly only: 'files' | undefined },
): Promise<void> {
  const { context, portal, turn } = work;
  const profile = await profileOf(context, original);
  const message = saysTooLittle(original) ? await withFileInfo(work, original, links) : original;
  const inChannel = message.broadcast || links.some(({ part }) => isCopy(part));
  const parts = partsOf(message, await bodyToMatrix(work, message), inChannel);
  const isNew = ({ name }: Part) => !links.some(({ part }) => part === name);
  const carried = await carryFiles(work, message, parts.filter(isNew));
  const editing = { message, parts, links, profile, carried };
  const uncovered = await removeParts(work, editing, only);
  for (const part of parts) {
    const link = links.find((known) => known.part === part.name);
    if (!link || uncovered.has(part.name)) {
      if (!isText(part) || only !== 'files' || link) await addPart(work, editing, part);
    } else if (isText(part) && only !== 'files') await replaceText(work, editing, { part, link });
  }
  const edit = lastEditOf(message);
  if (only !== 'files' && edit !== undefined) {
    const { texts } = readNote(links[0]?.lastEdit);
    const now = texts.length === 0 ? texts : withText(texts, { key: keyOfMessage(message) });
    const note = noteOf({ mark: edit, texts: now });
    turn.remember({ type: 'edited', portal: portal.id, ts: message.ts, edit: note });
  }
}

/** Takes away what the message doesn't have any more. Gives the texts that went with their file and are to be said anew. */
async function removeParts(
  work: Work,
  editing: Editing,
  only: 'files' | undefined,
): Promise<ReadonlySet<string>> {
  const { portal, turn } = work;
  const { links, message, parts } = editing;
  const isLost = ({ event, part }: MessageLink) =>
    event !== undefined && !parts.some(({ name }) => name === part);
  const lost = links.filter((link) => isLost(link) && (only !== 'files' || fileOfPart(link.part)));
  const events = new Set(lost.filter((link) => fileOfPart(link.part)).map(({ event }) => event));
  const uncovered = links.filter((link) => !isLost(link) && events.has(link.event));
  for (const link of lost) {
    const carrier = carrierOf(editing, link);
    if (carrier && !lost.includes(carrier)) await clearCaption(work, editing, link, carrier);
  }
  const gone = lost.filter((link) => events.has(link.event) || !carrierOf(editing, link));
  await redactLinks(work, [...gone, ...uncovered], `edit:${message.ts}:${lastEditOf(message) ?? ''}`);
  for (const { part } of lost) turn.remember({ type: 'deleted', portal: portal.id, ts: message.ts, part });
  return new Set(uncovered.map(({ part }) => part));
}

/** The file whose caption a text is. */
function carrierOf({ links }: Editing, { event, part }: MessageLink): MessageLink | undefined {
  if (event === undefined || fileOfPart(part) !== undefined) return undefined;
  return links.find((link) => link.event === event && fileOfPart(link.part) !== undefined);
}

async function clearCaption(
  work: Work,
  editing: Editing,
  { part }: MessageLink,
  carrier: MessageLink,
): Promise<void> {
  const shown = await withCaption(work, editing, carrier, { blocks: [] });
  if (shown) await replace(work, editing, { shown, link: carrier, part });
}

/** The file with another caption; `undefined` where the file can't be had any more. */
async function withCaption(
  work: Work,
  { carried, message }: Editing,
  { part }: MessageLink,
  text: Doc,
): Promise<ShownPart | undefined> {
  const id = fileOfPart(part);
  const told = message.files.find((each) => each.id === id);
  const file = told?.nature === 'unknown' ? await askedFor(work, message, told) : told;
  if (!file || !isBrought(file) || part === 'none') return undefined;
  try {
    return { name: part, text, media: await carried.arrived(file) };
  } catch (error) {
    if (error instanceof CannotBridge) return undefined;
    throw error;
  }
}

async function replaceText(
  work: Work,
  editing: Editing,
  { part, link }: { readonly part: Part; readonly link: MessageLink },
): Promise<void> {
  const carrier = carrierOf(editing, link);
  const shown = carrier ? await withCaption(work, editing, carrier, part.text) : part;
  if (shown) await replace(work, editing, { shown, link, part: part.name });
  else await sayAnew(work, editing, part);
}

interface Replacing {
  readonly shown: ShownPart;
  readonly link: MessageLink;
  /** What of the message is changed by it. */
  readonly part: PartName;
}

async function replace(work: Work, editing: Editing, replacing: Replacing): Promise<void> {
  const { event: target } = replacing.link;
  if (target === undefined) return;
  const { portal, turn } = work;
  const event = await replaced(work, editing, { ...replacing, target });
  if (event === undefined) return;
  const { ts } = editing.message;
  turn.remember({
    type: 'related',
    related: { event, portal: portal.id, ts, part: replacing.part, kind: 'edit' },
  });
}

function replaced(
  work: Work,
  editing: Editing,
  { link, ...replacing }: Replacing & { readonly target: EventId },
): Promise<EventId | undefined> {
  const { message } = editing;
  const fact = `slack:${work.portal.id}:edit:${message.ts}:${lastEditOf(message) ?? ''}`;
  return replaceAs(work, editing, { ...replacing, room: link.room, fact, written: link });
}

/**
 * Shows in the place of an event how it reads now. Only the account that wrote it can change it. Where that is gone from the
 * room, the bot says it. `written`: by whom the event is; absent: nobody can change it.
 */
export async function replaceAs(
  work: Work,
  { message, profile }: Pick<Editing, 'message' | 'profile'>,
  replacing: Omit<Replacing, 'link'> & {
    readonly target: EventId;
    readonly room: RoomId;
    readonly fact: string;
    readonly written?: Pick<MessageLink, 'postedAs' | 'sender'>;
  },
): Promise<EventId | undefined> {
  const { matrix } = work.context;
  const { shown: part, part: name, target, room, fact, written } = replacing;
  const changer = written && changerOf(work, message.team, written);
  const key = { fact, part: name };
  try {
    if (changer) {
      const { as, author } = changer;
      const content = await contentOf(work, message, { as, part, profile });
      work.turn.mayWrite();
      return await matrix.edit(as, room, target, content, { ...key, ...author });
    }
  } catch (error) {
    const why = unwelcome(error);
    if (why === undefined) throw error;
    if (why === 'banned') return undefined;
  }
  const { file: _, ...said } = await contentOf(work, message, { as: matrix.bot, part, profile });
  work.turn.mayWrite();
  return matrix.send(matrix.bot, room, { ...said, ...editedBy(said), replyTo: target }, key);
}

function editedBy({ speaker }: Pick<OutgoingEvent, 'speaker'>): Pick<OutgoingEvent, 'speaker'> {
  return speaker ? { speaker: { ...speaker, name: `${speaker.name} (edited)` } } : {};
}

/** A text that comes to one file is its caption, as if both had come together. */
async function addPart(work: Work, editing: Editing, part: Part): Promise<void> {
  const { links, message, parts } = editing;
  const [name] = [...captionsOf(work.portal, message, parts)].find(([, { text }]) => text === part) ?? [];
  const carrier = links.find((link) => link.part === name && link.event !== undefined);
  const shown = carrier && (await withCaption(work, editing, carrier, part.text));
  if (!shown) return sayAnew(work, editing, part);
  await replace(work, editing, { shown, link: carrier, part: part.name });
  const { event, postedAs } = carrier;
  const copy = { part: part.name, piece: captionPiece, postedAs, source: 'live' } as const;
  work.turn.remember({
    type: 'link',
    link: linkOf(work, message, { ...copy, ...(event !== undefined && { event }) }),
  });
}

async function sayAnew(work: Work, { carried, message, profile }: Editing, part: Part): Promise<void> {
  const inThread = await placementOf(work, message, neededToMatrix);
  const placement = placementOfPart(part.name, inThread);
  if (!placement) return;
  const copy = await showPart(work, message, await shownPart(carried, part), { profile, placement });
  if (copy !== 'banned') rememberPart(work, message, { ...copy, part, caption: undefined, source: 'live' });
}
