import { canonicalName, reactionToSlackName } from '../format/emoji.ts';
import { tsToMillis } from '../ids.ts';
import type { AuthorId, EventId } from '../ids.ts';
import { editMark } from '../portal/edit-mark.ts';
import { relayIdentity } from '../portal/from-matrix/identity.ts';
import { captionPiece } from '../portal/from-slack/parts.ts';
import type {
  LinkStore,
  MatrixPort,
  MessageLink,
  Portal,
  ReactionLink,
  RelatedEvent,
} from '../portal/ports.ts';
import type { FoundAgain } from '../store/restored.ts';
import { filesOfCopies, filesOfShares } from './restore-files.ts';
import type { Post } from './restore-posts.ts';
import { matchShares } from './restore-shares.ts';
import type { FoundShare, SharedPost, WrittenFiles } from './restore-shares.ts';
import type { Trace } from './restore-trace.ts';

/** A long message of Matrix becomes so many posts at most. */
const mostPieces = 40;

export interface LinkOptions {
  readonly portal: Portal;
  readonly trace: Trace;
  readonly posts: ReadonlyMap<string, Post>;
  readonly shares: readonly SharedPost[];
  readonly opKey: (event: EventId, piece: number) => string;
  readonly matrix: Pick<MatrixPort, 'authorOf' | 'bot' | 'member'>;
  readonly links: Pick<LinkStore, 'byEvent' | 'byTs'>;
}

/** What the bridge would remember of all that a trace and its posts show. Throws `TryLater`. */
export async function foundAgain(options: LinkOptions): Promise<FoundAgain> {
  const shares = await sharesOf(options);
  const shared = shares.map(({ written: of, brought: _files, ...post }) => linkOf(options.portal, of, post));
  const links = [...copiesOf(options), ...postsOf(options), ...shared];
  const byEvent = new Map(links.toReversed().map((link) => [link.event, link])); // a file before its caption
  const targetOf = async (event: EventId): Promise<MessageLink | undefined> =>
    byEvent.get(event) ??
    (await options.links.byEvent(event)).find(({ portal }) => portal === options.portal.id);
  return {
    links,
    reactions: await reactionsOf(options, targetOf),
    related: await editsOf(options, targetOf),
    takenBack: options.trace.takenBack,
    files: [...filesOfCopies(options), ...filesOfShares(options.portal.id, shares)],
  };
}

function copiesOf(options: LinkOptions): readonly MessageLink[] {
  return options.trace.copies.flatMap((copy) => {
    const author = copy.author ?? options.matrix.authorOf(copy.sender)?.author;
    if (author === undefined) return [];
    const { part, caption } = copy;
    const whole = copyLink(options.portal, copy, author, { part, piece: 0 });
    if (!caption) return [whole];
    return [whole, copyLink(options.portal, copy, author, { part: caption, piece: captionPiece })];
  });
}

function copyLink(
  portal: Portal,
  { event, sender, ts, threadTs }: Trace['copies'][number],
  author: AuthorId,
  { part, piece }: Pick<MessageLink, 'part' | 'piece'>,
): MessageLink {
  return {
    ...common(portal, event),
    ts,
    part,
    piece,
    ...(threadTs !== undefined && { threadTs }),
    origin: 'slack',
    sender: author,
    postedAs: sender,
    sentAt: tsToMillis(ts),
  };
}

function postsOf(options: LinkOptions): readonly MessageLink[] {
  const { trace, posts, opKey } = options;
  const links: MessageLink[] = [];
  for (const written of posts.size === 0 ? [] : trace.written) {
    for (let piece = 0; piece < mostPieces; piece += 1) {
      const post = posts.get(opKey(written.event, piece));
      if (post) links.push(linkOf(options.portal, written, { ...post, piece }));
    }
  }
  return links;
}

/** Files that people sent: their posts have no key. */
async function sharesOf(options: LinkOptions): Promise<readonly FoundShare[]> {
  const { portal, trace, shares, matrix, links } = options;
  const written = trace.written.flatMap((each) => (each.files ? [{ ...each, files: each.files }] : []));
  const naming = { matrix, slack: { isNameTaken: () => false }, pictureLink: () => undefined };
  const nameOf = async (of: WrittenFiles) => (await relayIdentity(naming, portal, of)).name;
  return matchShares({ portal, links, nameOf }, shares, written);
}

function linkOf(
  portal: Portal,
  { event, sender, target, at }: Trace['written'][number],
  { account, ...post }: Post & { readonly piece: number },
): MessageLink {
  return {
    ...common(portal, target),
    part: 'text',
    ...post,
    origin: 'matrix',
    sender,
    postedAs: account ?? portal.channels[0].team,
    sentAt: at,
    ...(event !== target && { lastEdit: editMark({ at, event }) }),
  };
}

function common(portal: Portal, event: EventId) {
  return { portal: portal.id, event, room: portal.room, source: 'live' } as const;
}

type TargetOf = (event: EventId) => Promise<MessageLink | undefined>;

async function reactionsOf(
  { trace, matrix }: LinkOptions,
  targetOf: TargetOf,
): Promise<readonly ReactionLink[]> {
  const found: ReactionLink[] = [];
  for (const { event, sender, target, key, shortcode, author: marked } of trace.reactions) {
    const author = marked ?? matrix.authorOf(sender)?.author;
    const link = await targetOf(target);
    const name = reactionToSlackName(key, shortcode);
    if (author === undefined || !link || name === undefined) continue;
    const { portal, ts } = link;
    found.push({
      event,
      portal,
      ts,
      name: canonicalName(name),
      sender: author,
      origin: 'slack',
      postedAs: sender,
    });
  }
  return found;
}

async function editsOf({ trace }: LinkOptions, targetOf: TargetOf): Promise<readonly RelatedEvent[]> {
  const found: RelatedEvent[] = [];
  for (const { event, target } of trace.edits) {
    const link = await targetOf(target);
    if (link) found.push({ event, portal: link.portal, ts: link.ts, part: link.part, kind: 'edit' });
  }
  return found;
}
