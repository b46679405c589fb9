import { newId } from './ids.ts';
import { imageSize } from './media/image-size.ts';
import { changeMessage } from './messages.ts';
import type { FileContent, StoredFile } from './model.ts';
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
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['mp4', 'video/mp4'],
  ['mp3', 'audio/mpeg'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['zip', 'application/zip'],
]);

/** Keeps a file; it is seen by others once a message shares it. */
export function createFile(world: World, options: NewFile): StoredFile {
  const extension = /\.(\w+)$/.exec(options.name)?.[1]?.toLowerCase() ?? '';
  const size = options.content.type === 'bytes' ? imageSize(options.content.bytes) : undefined;
  const file: StoredFile = {
    id: options.id ?? newId('F'),
    teamId: options.teamId,
    user: options.user,
    created: world.seconds(),
    name: options.name,
    title: options.title ?? options.name,
    mimetype: options.mimetype ?? TYPES.get(extension) ?? 'application/octet-stream',
    filetype: extension === 'jpeg' ? 'jpg' : extension === '' ? 'binary' : extension,
    size: options.size,
    width: size?.width,
    height: size?.height,
    content: options.content,
    deleted: false,
    shares: [],
  };
  world.files.set(file.id, file);
  world.changed({ what: 'file', teamId: file.teamId, id: file.id });
  return file;
}

/** Takes a file out of its messages, as "delete file" does. */
export function deleteFile(world: World, file: StoredFile): void {
  file.deleted = true;
  for (const { channelId, ts } of file.shares) {
    const channel = world.channels.get(channelId);
    const message = channel?.messages.get(ts);
    if (channel && message) changeMessage(world, channel, message, { files: message.files });
  }
  world.changed({ what: 'file', teamId: file.teamId, id: file.id });
}
