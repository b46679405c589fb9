import { isKnownEdit, isOfSecond, mayBeLast } from '../format/edits.ts';
import { canonicalName } from '../format/emoji.ts';
import type { SlackUserId, Ts } from '../ids.ts';
import { slackUserId, ts as tsId } from '../ids.ts';
import type { SlackMessage, SlackPlace } from '../events.ts';
import type { KnownMessage, KnownReaction } from '../portal/catch-up-ports.ts';
import { editHashOf, editTsOf, isGone } from './facts.ts';
import type { Fields } from './fields.ts';
import { maybe, objectsOf, textOf } from './fields.ts';
import { messageEvent } from './inbound-message.ts';

/** Something that happened in Slack and isn't known here. `at` is its place in the order of what is stored. */
export type Finding =
  | { readonly kind: 'message'; readonly ts: Ts; readonly at: Ts; readonly raw: Fields }
  | {
      readonly kind: 'edit';
      readonly ts: Ts;
      readonly at: Ts;
      readonly raw: Fields;
      /** No other edit was made in its second after it. */
      readonly isLast?: true;
      /** Another edit of its second is bridged, whichever was told first. */
      readonly follows?: true;
      /** It reads as before: the reply was sent to the channel, too; or files of it were deleted. */
      readonly change?: 'sent-to-channel' | 'files-deleted';
    }
  | { readonly kind: 'delete'; readonly ts: Ts; readonly at: Ts; readonly threadTs?: Ts }
  | {
      readonly kind: 'reaction' | 'reaction-removed';
      readonly ts: Ts;
      readonly at: Ts;
      readonly user: SlackUserId;
      readonly name: string;
    };

export interface CompareOptions extends SlackPlace {
  /** What was edited before this isn't edited again in the same second: it's over. */
  readonly overBefore: Ts;
  /** Messages older than this were never bridged. */
  readonly since: Ts;
  /** Whether anything but new messages and deletes goes to Matrix. */
  readonly toMatrix: boolean;
  /** Whether the bridge's own app posted it. */
  readonly isOurs: (message: Pick<SlackMessage, 'author' | 'app'>) => boolean;
  /** The users of our bots: their reactions stand for people in Matrix. */
  readonly bots: ReadonlySet<string>;
}

/**
 * What a message in Slack's history says that isn't known. Pure.
 *
 * | in history             | known                        | found                                            |
 * | ---------------------- | ---------------------------- | ------------------------------------------------ |
 * | a message              | nothing                      | the message, with its reactions                  |
 * | a post of ours         | nothing                      | the message: its echo settles what is open       |
 * | a tombstone            | nothing, or a message        | a delete                                         |
 * | with a newer edit, or  | a message of Slack, waiting or not | the edit                                   |
 * | other words since then |                              |                                                  |
 * | with an edit           | a linked person's post of what came from Matrix | the edit                      |
 * | in the channel, too    | a reply of Slack in its thread alone | an edit that says so                     |
 * | without some files     | a message of Slack with them | an edit that says so                             |
 * | with other reactions   | a message                    | the reactions that differ                        |
 * | anything               | deleted, or left out         | nothing                                          |
 * | one of Slack's notices, older than the portal | nothing | nothing                                        |
 */
export function compareMessage(
  raw: Fields,
  known: KnownMessage | undefined,
  options: CompareOptions,
): readonly Finding[] {
  const at = maybe(tsId, raw['ts']);
  if (at === undefined) return [];
  if (known === undefined) return unknownMessage(raw, at, options);
  if (known.state === 'gone' || known.state === 'left-out') return [];
  if (raw['subtype'] === 'tombstone') return [deleteOf(known)];
  if (!options.toMatrix) return [];
  const edit = editOf(raw, known, options) ?? silentChange(raw, known);
  return [...(edit ? [edit] : []), ...reactionsOf(raw, known, options)];
}

function unknownMessage(raw: Fields, at: Ts, options: CompareOptions): readonly Finding[] {
  if (at < options.since) return [];
  if (raw['subtype'] === 'tombstone') return [{ kind: 'delete', ts: at, at }];
  if (!isBridged(raw, options)) return [];
  const message: Finding = { kind: 'message', ts: at, at, raw };
  if (!options.toMatrix) return [message];
  const nothing = { ts: at, state: 'waiting', origin: 'slack', edits: [], reactions: [] } as const;
  return [message, ...reactionsOf(raw, nothing, options)];
}

/** What the inbound reader would make a message of; posts of ours without a key have nothing to settle. */
function isBridged(raw: Fields, { team, channel, isOurs }: CompareOptions): boolean {
  const event = maybe(() => messageEvent(team, { ...raw, type: 'message', channel }), raw);
  return event?.type === 'message' && !(isOurs(event) && event.opKey === undefined);
}

/** The place of a delete is behind its message: it is right wherever it comes. */
export function deleteOf({ ts, threadTs }: Pick<KnownMessage, 'ts' | 'threadTs'>): Finding {
  return { kind: 'delete', ts, at: afterTs(ts), ...(threadTs !== undefined && { threadTs }) };
}

/** The same rule as for edits that come live: a newer one, or one that isn't on all parts yet. */
function editOf(
  raw: Fields,
  known: KnownMessage,
  { bots, overBefore }: Pick<CompareOptions, 'bots' | 'overBefore'>,
): Finding | undefined {
  const editTs = maybe(tsId, editTsOf(raw));
  if (editTs === undefined || (known.origin === 'matrix' && !isOfPerson(raw, bots))) return undefined;
  const { edits, state } = known;
  const isLast = editTs < overBefore;
  if (state === 'standing' && isKnownEdit({ editTs, editHash: editHashOf(raw) }, edits, isLast))
    return undefined;
  const behind = afterTs(known.ts);
  const at = editTs > behind ? editTs : behind;
  const follows = isLast && edits.some((mark) => isOfSecond(mark, editTs));
  return { kind: 'edit', ts: known.ts, at, raw, ...(isLast && { isLast }), ...(follows && { follows }) };
}

/** Whether more would be found if the second in which the message was edited were over. */
export function isUndecided(raw: Fields, known: KnownMessage | undefined, overBefore: Ts): boolean {
  const editTs = maybe(tsId, editTsOf(raw));
  if (editTs === undefined || editTs < overBefore || known?.origin !== 'slack') return false;
  return mayBeLast({ editTs, editHash: editHashOf(raw) }, known.edits);
}

/** A linked person's own account posted it, and they may have changed it by hand: whoever handles it knows. */
function isOfPerson(raw: Fields, bots: ReadonlySet<string>): boolean {
  const user = textOf(raw['user']);
  return user !== undefined && !bots.has(user) && textOf(raw['username']) === undefined;
}

/** What isn't marked as an edit: a reply that stands in its thread alone by now, or files that are shown still. */
function silentChange(raw: Fields, known: KnownMessage): Finding | undefined {
  const { ts, origin, state, inChannel, files = [], edits } = known;
  if (origin === 'matrix' || state !== 'standing') return undefined;
  const gone = objectsOf(raw['files']).filter((file) => isGone(file));
  const isSent = raw['subtype'] === 'thread_broadcast' && inChannel !== true;
  if (!isSent && !gone.some(({ id }) => typeof id === 'string' && files.includes(id))) return undefined;
  const last = maybe(tsId, edits.toSorted().at(-1));
  const at = afterTs(last !== undefined && last > ts ? last : ts);
  return { kind: 'edit', ts, at, raw, change: isSent ? 'sent-to-channel' : 'files-deleted' };
}

/**
 * Who reacted with what, compared as sets. A difference is placed right behind what is known of that reaction: whatever
 * comes live meanwhile is younger, and has the last word.
 */
function reactionsOf(
  raw: Fields,
  known: Pick<KnownMessage, 'ts' | 'reactions'>,
  { bots }: CompareOptions,
): readonly Finding[] {
  const shown = shownReactions(raw);
  const before = new Map(known.reactions.map((reaction) => [keyOf(reaction), reaction]));
  const found: Finding[] = [];
  for (const reaction of shown.given.values()) {
    const last = before.get(keyOf(reaction));
    if (last?.given === true || bots.has(reaction.user)) continue;
    found.push({ kind: 'reaction', ts: known.ts, at: behind(known.ts, last), ...reaction });
  }
  for (const last of known.reactions) {
    const user = maybe(slackUserId, last.user);
    if (!last.given || user === undefined) continue;
    if (shown.given.has(keyOf(last)) || shown.partly.has(last.name)) continue;
    const { name } = last;
    found.push({ kind: 'reaction-removed', ts: known.ts, at: behind(known.ts, last), user, name });
  }
  return found;
}

function behind(ts: Ts, last: KnownReaction | undefined): Ts {
  const changed = maybe(tsId, last?.changedAt);
  return afterTs(changed !== undefined && changed > ts ? changed : ts);
}

interface Shown {
  readonly given: ReadonlyMap<string, { readonly user: SlackUserId; readonly name: string }>;
  /** Names of which not everybody is listed. */
  readonly partly: ReadonlySet<string>;
}

function shownReactions(raw: Fields): Shown {
  const given = new Map<string, { readonly user: SlackUserId; readonly name: string }>();
  const partly = new Set<string>();
  for (const reaction of objectsOf(raw['reactions'])) {
    const told = textOf(reaction['name']);
    if (told === undefined) continue;
    const name = canonicalName(told);
    if (isPartly(reaction)) partly.add(name);
    for (const id of usersOf(reaction)) {
      const user = maybe(slackUserId, id);
      if (user !== undefined) given.set(keyOf({ user, name }), { user, name });
    }
  }
  return { given, partly };
}

function usersOf(reaction: Fields): readonly unknown[] {
  return Array.isArray(reaction['users']) ? reaction['users'] : [];
}

function isPartly(reaction: Fields): boolean {
  const { count } = reaction;
  return typeof count === 'number' && count > usersOf(reaction).length;
}

/** History may list only some of those who reacted. */
export function listsAllReactions(raw: Fields): boolean {
  return !objectsOf(raw['reactions']).some(isPartly);
}

function keyOf({ user, name }: { readonly user: string; readonly name: string }): string {
  return `${user} ${name}`;
}

/** The next ts after this one. */
function afterTs(ts: Ts): Ts {
  return shifted(ts, 1n);
}

/** The last ts before this one. */
export function beforeTs(ts: Ts): Ts {
  return shifted(ts, -1n);
}

/** So many milliseconds before. */
export function earlier(ts: Ts, milliseconds: number): Ts {
  return shifted(ts, BigInt(Math.round(milliseconds)) * -1000n);
}

function shifted(ts: Ts, micros: bigint): Ts {
  const moved = BigInt(ts.replace('.', '')) + micros;
  const digits = String(moved < 0n ? 0n : moved).padStart(7, '0');
  return tsId(`${digits.slice(0, -6)}.${digits.slice(-6)}`);
}
