import { fileName } from '../format/file-name.ts';
import type { MatrixFile, MatrixMessage } from '../events.ts';
import { tsToMillis } from '../ids.ts';
import type { EventId, FileId, MatrixUserId, SlackUserId, Ts } from '../ids.ts';
import { withoutMark } from '../portal/from-matrix/identity.ts';
import { sourcesOf } from '../portal/from-matrix/sent-files.ts';
import { firstShare, mostShared } from '../portal/from-matrix/with-files.ts';
import type { LinkStore, Portal } from '../portal/ports.ts';

/** A message of ours in Slack that shows files which somebody sent. */
export interface SharedPost {
  readonly ts: Ts;
  readonly threadTs?: Ts;
  /** The first of its files. */
  readonly part: `file:${string}`;
  /** Under whose name. */
  readonly username: string;
  readonly names: readonly string[];
  readonly ids: readonly FileId[];
  /** Whose own account shared it; absent: the bot's. */
  readonly account?: SlackUserId;
  readonly person?: MatrixUserId;
}

/** A message with files as people wrote it, or changed it. */
export interface WrittenFiles {
  readonly event: EventId;
  /** The message that people see. */
  readonly target: EventId;
  readonly sender: MatrixUserId;
  readonly speaker?: NonNullable<MatrixMessage['speaker']>;
  readonly at: number;
  readonly files: readonly MatrixFile[];
}

export interface ShareOptions {
  readonly portal: Portal;
  readonly links: Pick<LinkStore, 'byTs'>;
  /** Under which name Slack shows what somebody wrote; its mark may have been another one then. */
  readonly nameOf: (event: WrittenFiles) => Promise<string>;
}

/** Which share is which message: of its first files piece `firstShare`, of the next ones the pieces after it. */
export interface FoundShare extends Pick<SharedPost, 'ts' | 'threadTs' | 'part' | 'account'> {
  readonly piece: number;
  readonly written: WrittenFiles;
  readonly brought: readonly BroughtFile[];
}

/** Which file in Slack is which of the message, and by what name its transfer is known. */
export interface BroughtFile {
  readonly file: MatrixFile;
  readonly source: string;
  readonly id: FileId;
}

/** Any server's clock may be so far from Slack's, in milliseconds. */
const clocksDiffer = 600_000;

/**
 * A message that shares files carries no key, and the database that knew its file is gone: it is known by whose name it
 * stands under and what its files are called, the first one for the first message. Each is that of one message at most.
 */
export async function matchShares(
  { portal, links, nameOf }: ShareOptions,
  shares: readonly SharedPost[],
  written: readonly WrittenFiles[],
): Promise<readonly FoundShare[]> {
  const free = new Set<SharedPost>();
  for (const share of written.length === 0 ? [] : shares)
    if ((await links.byTs(portal.id, share.ts)).length === 0) free.add(share);
  const ordered = [...free].toSorted((a, b) => (a.ts < b.ts ? -1 : 1));
  const found: FoundShare[] = [];
  for (const forms of formsOf(written)) {
    const [original] = forms;
    if (!original || free.size === 0) continue;
    const username = await nameOf(original);
    const groups = Math.ceil(Math.max(...forms.map(({ files }) => files.length)) / mostShared);
    for (let group = 0; group < groups; group += 1) {
      const share = ordered.find(
        (each) =>
          free.has(each) &&
          isBy(each, original.sender, username) &&
          tsToMillis(each.ts) >= original.at - clocksDiffer &&
          forms.some(({ files }) => shows(each, groupOf(files, group))),
      );
      if (!share) continue;
      free.delete(share);
      const { ts, threadTs, part, account } = share;
      const post = { ts, part, ...(threadTs !== undefined && { threadTs }), ...(account && { account }) };
      const brought = forms.flatMap((form) => broughtBy(share, form, group));
      found.push({
        ...post,
        piece: firstShare + group,
        written: { ...original, event: original.target },
        brought,
      });
    }
  }
  return found;
}

function isBy({ person, username }: SharedPost, sender: MatrixUserId, name: string): boolean {
  return person === undefined ? withoutMark(username) === withoutMark(name) : person === sender;
}

/** Each message as it was first known and as it was changed, the oldest message first. */
function formsOf(written: readonly WrittenFiles[]): readonly (readonly WrittenFiles[])[] {
  const forms = Map.groupBy(written, ({ target }) => target);
  return [...forms.values()]
    .map((each) => each.toSorted((a, b) => Number(b.event === b.target) - Number(a.event === a.target)))
    .toSorted(([a], [b]) => (a?.at ?? 0) - (b?.at ?? 0));
}

function groupOf(files: readonly MatrixFile[], group: number): readonly MatrixFile[] {
  return files.slice(group * mostShared, (group + 1) * mostShared);
}

/** These files, in their order; some may not have come. */
function shows({ names }: SharedPost, files: readonly MatrixFile[]): boolean {
  let at = 0;
  for (const file of files) if (at < names.length && isNamed(file, names[at] ?? '')) at += 1;
  return names.length > 0 && at === names.length;
}

/** The files of a form of the message that the share shows, if it shows that form. */
function broughtBy(
  share: SharedPost,
  { target, files }: WrittenFiles,
  group: number,
): readonly BroughtFile[] {
  if (!shows(share, groupOf(files, group))) return [];
  const by = share.account;
  const sources = sourcesOf({ event: target, ...(by === undefined ? {} : { by }) }, files);
  const found: BroughtFile[] = [];
  for (const [index, file] of groupOf(files, group).entries()) {
    const [name, id] = [share.names[found.length], share.ids[found.length]];
    const source = sources[group * mostShared + index];
    if (name !== undefined && id !== undefined && source !== undefined && isNamed(file, name))
      found.push({ file, source, id });
  }
  return found;
}

/** Where the sender doesn't say of what type a file is, the homeserver did, and its name may have got an ending. */
function isNamed({ name, mimetype }: MatrixFile, inSlack: string): boolean {
  if (mimetype !== undefined) return fileName(name, mimetype) === inSlack;
  const own = fileName(name, undefined);
  return inSlack === own || (inSlack.startsWith(`${own}.`) && !inSlack.slice(own.length + 1).includes('.'));
}
