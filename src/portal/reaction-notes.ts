import { CannotBridge, TryLater, Uncertain } from '../errors.ts';
import type { SlackPlace } from '../events.ts';
import type { Doc, Inline } from '../format/doc.ts';
import { lineBreak, paragraph, text } from '../format/doc.ts';
import { emojiOf } from '../format/emoji.ts';
import { cleanName } from '../format/names.ts';
import { matrixUserId } from '../ids.ts';
import type { PortalId, TeamId, Ts } from '../ids.ts';
import type { PortalContext, Work } from './context.ts';
import { accountIn } from './own-account.ts';
import type { MessageLink, Portal, ReactionLink } from './ports.ts';
import type { ReactionNote, ReactionNoteStore } from './reaction-note-ports.ts';

/** Reactions often come together: a note is written when there were none for so long, in milliseconds. */
const quiet = 1500;
/** So many are named; the others are counted. */
const mostNames = 20;
const mostEmoji = 30;
/** In a post's key: no piece of a message has this number. */
const notePiece = -1;

/** The note of the message is to be brought in step, if the portal's policy wants one and the bot can write there. */
export function outdateNote({ portal, turn }: Pick<Work, 'portal' | 'turn'>, ts: Ts): void {
  if (portal.policy.reactionNames && portal.through === 'bot')
    turn.remember({ type: 'reaction-note', portal: portal.id, ts });
}

/**
 * Brings notes in step with who in Matrix reacts with what: one reply of the bot to each message, changed as that changes,
 * gone with the last reaction. What is interrupted is done by whoever looks next; a post without an answer is looked for
 * before it is made again. One that can't be shown now holds up only those that need the same: the next look goes on.
 * Where the portal's policy wants no notes any more they are removed. Resolves with whether there may be more to do at once.
 * Throws `TryLater` while the database is out of reach.
 */
export async function showReactionNotes(context: PortalContext, store: ReactionNoteStore): Promise<boolean> {
  const busy = new Set<PortalId | TeamId>();
  const notes = await store.outdated(quiet);
  for (const note of notes) {
    const [place] = context.portals.byId(note.portal)?.channels ?? [];
    if (busy.has(note.portal) || (place && busy.has(place.team))) continue;
    try {
      await showNote(context, store, note);
    } catch (error) {
      if (error instanceof TryLater) busy.add(place && ofWorkspace(error, place) ? place.team : note.portal);
      if (error instanceof CannotBridge) await store.forget(note); // the next reaction tries anew
      const isExpected = [TryLater, Uncertain, CannotBridge].some((kind) => error instanceof kind);
      context.log[isExpected ? 'debug' : 'warn']('A note of reactions could not be shown', { error });
    }
  }
  return notes.length > 0;
}

/** Not only the channel can't be written to. */
function ofWorkspace({ target }: TryLater, { channel }: SlackPlace): boolean {
  return target?.startsWith('slack:') === true && !target.endsWith(`:${channel}`);
}

async function showNote(context: PortalContext, store: ReactionNoteStore, note: ReactionNote): Promise<void> {
  const portal = context.portals.byId(note.portal);
  if (!portal) return store.forget(note);
  if (portal.status !== 'live') return undefined; // later
  const links = await context.links.byTs(portal.id, note.ts);
  const message = links.find(({ event }) => event !== undefined);
  const key = message?.event && context.opKey(message.event, notePiece);
  const noteTs = note.noteTs ?? (await earlierPost(context, portal, note, { key, message }));
  const isWanted = message !== undefined && portal.policy.reactionNames;
  const reactions = isWanted ? await reactionsOf(context, portal, note.ts) : [];
  if (!message || key === undefined || reactions.length === 0) {
    if (noteTs !== undefined) await context.slack.remove(portal.channels[0], noteTs, { background: true });
    return store.forget(note);
  }
  const shown = {
    text: await noteDoc(context, portal, reactions),
    key,
    threadTs: message.threadTs ?? note.ts,
  };
  return write(context, store, portal, { ...note, ...(noteTs !== undefined && { noteTs }) }, shown);
}

/** One that was posted without its ts being remembered. */
async function earlierPost(
  { slack, clock }: PortalContext,
  portal: Portal,
  { ts, begunAt }: ReactionNote,
  { key, message }: { readonly key: string | undefined; readonly message: MessageLink | undefined },
): Promise<Ts | undefined> {
  if (begunAt === undefined || key === undefined) return undefined;
  const made = { since: begunAt, until: clock.now() };
  const [first] = await slack.findByOpKey(portal.channels[0], key, made, message?.threadTs ?? ts);
  return first;
}

/** Those of the bot: who reacted by their own account is seen in Slack. */
async function reactionsOf(
  { links }: PortalContext,
  portal: Portal,
  ts: Ts,
): Promise<readonly ReactionLink[]> {
  const all = await links.reactions(portal.id, ts);
  return all.filter(({ origin, postedAs }) => origin === 'matrix' && accountIn(postedAs) === undefined);
}

interface Shown {
  readonly text: Doc;
  readonly key: string;
  readonly threadTs: Ts;
}

async function write(
  context: PortalContext,
  store: ReactionNoteStore,
  { channels: [place] }: Portal,
  note: ReactionNote,
  { text: doc, key, threadTs }: Shown,
): Promise<void> {
  const post = { text: doc, emote: false, opKey: key, threadTs };
  try {
    if (note.noteTs !== undefined) {
      await context.slack.update(place, note.noteTs, post, { background: true });
      await store.posted(note, note.noteTs);
    } else {
      if (!(await store.begin(note))) return undefined; // another process is at it
      await store.posted(note, await context.slack.post(place, post));
    }
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    if (error.reason === 'message_not_found' && note.noteTs !== undefined) return store.lost(note);
    context.log.debug('A note of reactions is not taken', { reason: error.reason });
    return store.forget(note); // the next reaction tries anew
  }
  return store.shown(note);
}

async function noteDoc(
  context: PortalContext,
  { room }: Portal,
  reactions: readonly ReactionLink[],
): Promise<Doc> {
  const lines: Inline[] = [];
  for (const [name, given] of [...Map.groupBy(reactions, (each) => each.name)].slice(0, mostEmoji)) {
    const people = [...new Set(given.map(({ sender }) => sender))];
    const names: string[] = [];
    for (const sender of people.slice(0, mostNames)) {
      const user = matrixUserId(sender);
      names.push(cleanName((await context.matrix.member(room, user)).name) || user);
    }
    const more = people.length > mostNames ? ` and ${people.length - mostNames} more` : '';
    if (lines.length > 0) lines.push(lineBreak());
    lines.push(emojiOf(name), text(` ${names.join(', ')}${more}`));
  }
  return { blocks: [paragraph(text('In Matrix:')), paragraph(...lines)] };
}
