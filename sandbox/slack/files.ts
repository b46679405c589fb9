import { publishChanged, publishFile, publishFileDeleted, snapshotMessage } from './events.ts';
import { fileTypeOf, pageTypes } from './file-types.ts';
import type { Page } from './file-types.ts';
import { newId } from './ids.ts';
import { imageSize } from './media/image-size.ts';
import { contentHead } from './media/content.ts';
import type { FileContent, FileMedia, Snippet, StoredFile } from './model.ts';
import type { World } from './world.ts';

export interface NewFile {
  /** Of an upload; else a new one. */
  readonly id?: string;
  readonly teamId: string;
  readonly user: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly mimetype?: string | undefined;
  readonly content: FileContent;
  readonly size: number;
  /** The first bytes of a content that isn't in memory. */
  readonly head?: Buffer | undefined;
  readonly media?: FileMedia | undefined;
  readonly altText?: string | undefined;
  readonly page?: Page | undefined;
  readonly external?: StoredFile['external'];
  readonly asSnippet?: boolean | undefined;
  readonly connect?: boolean | undefined;
}

/** Lines of a snippet that its message shows. */
const PREVIEW_LINES = 5;
const LARGEST_SNIPPET = 1024 * 1024;

/** Keeps a file; it is seen by others once a message shares it. */
export function createFile(world: World, options: NewFile): StoredFile {
  const type = fileTypeOf(options.name);
  const page = options.page && pageTypes[options.page];
  const head = options.head ?? contentHead(options.content);
  const mimetype = page?.mimetype ?? options.mimetype ?? type.mimetype;
  const picture = mimetype.startsWith('image/') ? imageSize(head) : undefined;
  const isText = options.asSnippet ?? (type.text === true && options.size <= LARGEST_SNIPPET);
  const file: StoredFile = {
    id: options.id ?? newId('F'),
    teamId: options.teamId,
    user: options.user,
    created: world.seconds(),
    name: options.name,
    title: options.title ?? options.name,
    altText: options.altText,
    mimetype,
    filetype: page?.filetype ?? type.filetype,
    pretty: page?.pretty ?? type.pretty,
    mode: page?.mode ?? (options.external ? 'external' : isText ? 'snippet' : 'hosted'),
    size: options.size,
    width: picture?.width,
    height: picture?.height,
    media: options.media ?? {},
    external: options.external,
    snippet: isText && !page && !options.external ? snippetOf(head, options.size) : undefined,
    connect: options.connect ?? false,
    content: options.content,
    deleted: false,
    shares: [],
  };
  world.files.set(file.id, file);
  publishFile(world, file, 'file_created');
  world.changed({ what: 'file', teamId: file.teamId, id: file.id });
  return file;
}

function snippetOf(head: Buffer, size: number): Snippet {
  const text = head.toString().replace(/\uFFFD$/u, ''); // the head may end inside a character
  const lines = text.split('\n');
  const shown = lines.slice(0, PREVIEW_LINES).join('\n').slice(0, 2000);
  return {
    preview: shown,
    text,
    lines: lines.length,
    whole: shown.length === text.length && head.length === size,
  };
}

/** Whether an account sees the file: its own, or shared where it is or anybody may be. */
export function mayRead(world: World, userId: string, file: StoredFile): boolean {
  if (file.user === userId) return true;
  return file.shares.some(({ channelId }) => {
    const channel = world.channels.get(channelId);
    return channel !== undefined && (channel.kind === 'public' || channel.members.has(userId));
  });
}

/** Takes a file out of its messages, as "delete file" does: they keep its tombstone. */
export function deleteFile(world: World, file: StoredFile): void {
  const shown = messagesWith(world, file);
  file.deleted = true;
  for (const { channel, message, previous } of shown) {
    publishChanged(world, channel, snapshotMessage(world, channel, message), previous);
    world.changed({ what: 'message', teamId: channel.teamId, channelId: channel.id, id: message.ts });
  }
  if (file.content.type === 'disk') void world.spool.remove(file.content.name);
  publishFileDeleted(world, file);
  world.changed({ what: 'file', teamId: file.teamId, id: file.id });
}

/** The messages that show the file, as they are now. */
function messagesWith(world: World, file: StoredFile) {
  return file.shares.flatMap(({ channelId, ts }) => {
    const channel = world.channels.get(channelId);
    const message = channel?.messages.get(ts);
    if (!channel || !message?.files.includes(file.id)) return [];
    return [{ channel, message, previous: snapshotMessage(world, channel, message) }];
  });
}
