import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { objectIn, textIn } from '../../../sandbox/matrix-user/event.ts';
import type { Content } from '../../../sandbox/matrix-user/event.ts';
import type { MatrixUser, SeenMessage } from '../../../sandbox/matrix-user.ts';
import { patternStream } from '../../../sandbox/slack/media/pattern.ts';
import { memoryOf } from '../../bench/process-usage.ts';
import type { SlackPost, SlackSide } from './slack-side.ts';

/** How the image starts node: what a process's memory is measured with. */
export const asInImage = {
  nodeArguments: ['--max-semi-space-size=16', '--max-old-space-size=144', '--expose-gc'],
  environment: { ...process.env, MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
};

/** Bytes as they were read, without having been held. */
export interface ReadBytes {
  readonly type: string;
  readonly size: number;
  /** SHA-256, in hexadecimal. */
  readonly hash: string;
}

/** What the sandbox makes up for a file of so many bytes. */
export function madeUp(size: number): Readable {
  return patternStream(size, 0, size);
}

export async function hashOf(bytes: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  if (bytes instanceof Uint8Array) hash.update(bytes);
  else for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

async function read(answer: Response): Promise<ReadBytes> {
  if (!answer.ok || !answer.body) throw new Error(`The file is not there: ${answer.status}`);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { type: answer.headers.get('content-type') ?? '', size, hash: hash.digest('hex') };
}

/** Fetches a file as a person's client does. */
export async function readMedia({ url, accessToken }: MatrixUser, uri: string): Promise<ReadBytes> {
  const path = `/_matrix/client/v1/media/download/${uri.replace(/^mxc:\/\//, '')}`;
  return read(await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${accessToken}` } }));
}

/** Fetches the first file of a post (or another one) as somebody in Slack does. */
export async function readSlackFile({ app }: SlackSide, post: SlackPost, index = 0): Promise<ReadBytes> {
  const address = post.files?.[index]?.url_private;
  if (address === undefined) throw new Error('The post has no such file.');
  return read(await fetch(address, { headers: { authorization: `Bearer ${app.botToken}` } }));
}

const uploaded = z.object({ content_uri: z.string() });

/** Uploads so many made-up bytes as a person's client does, as a stream; returns their `mxc://…`. */
export async function uploadMadeUp({ url, accessToken }: MatrixUser, size: number): Promise<string> {
  const answer = await fetch(`${url}/_matrix/media/v3/upload?filename=made-up.bin`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/octet-stream',
      'content-length': String(size),
    },
    body: Readable.toWeb(madeUp(size)) as ReadableStream<Uint8Array>, // node's own type of the same stream
    duplex: 'half',
  });
  if (!answer.ok) throw new Error(`The homeserver takes no ${size} bytes: ${answer.status}`);
  return uploaded.parse(await answer.json()).content_uri;
}

/** A file in a room as its event describes it. */
export interface SeenFile {
  readonly url: string;
  readonly name: string;
  readonly info: Content;
  readonly message: SeenMessage;
}

/** The files in a room, oldest first. */
export function filesIn(person: MatrixUser, room: string): readonly SeenFile[] {
  return person
    .room(room)
    .messages()
    .flatMap((message) => {
      const url = textIn(message.content, 'url');
      const name = textIn(message.content, 'filename') ?? message.body;
      return url === undefined ? [] : [{ url, name, info: objectIn(message.content, 'info'), message }];
    });
}

/** Waits for a file of this name. */
export function waitForFile(
  person: MatrixUser,
  room: string,
  name: string,
  timeout?: number,
): Promise<SeenFile> {
  return person.waitFor(room, () => filesIn(person, room).find((file) => file.name === name), timeout);
}

/** Looks at a process's memory until `stop`, which returns by how many MiB it had grown at most. */
export function watchMemory(pid: number): { readonly stop: () => number } {
  const before = memoryOf(pid);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(pid));
  }, 50);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.max(most, memoryOf(pid)) - before;
    },
  };
}
