import { z } from 'zod';

import { publishFile } from '../events.ts';
import { createFile, deleteFile } from '../files.ts';
import { sceneryPicture } from '../media/scenery.ts';
import type { FileContent, StoredFile } from '../model.ts';
import { fileInfoShape } from '../shapes/file.ts';
import type { World } from '../world.ts';
import { action, ControlError } from './action.ts';

const side = z.number().int().positive().max(4000);

/** What a person adds to a message. The first of the contents counts. */
export const newFile = z.strictObject({
  name: z.string().min(1),
  title: z.string().optional(),
  mimetype: z.string().optional(),
  altText: z.string().optional(),
  /** Sent before to `/_sandbox/upload`. */
  upload: z.string().optional(),
  base64: z.string().optional(),
  text: z.string().optional(),
  /** A made-up landscape, as a PNG. */
  picture: z.strictObject({ width: side, height: side, seed: z.string().optional() }).optional(),
  /** So many made-up bytes. */
  size: z.number().int().nonnegative().optional(),
  /** Nothing to fetch: a page of Slack's own, or a file elsewhere (`gdrive`, `dropbox`, …; `app`: a remote file). */
  page: z.enum(['canvas', 'list', 'post']).optional(),
  external: z.strictObject({ type: z.string(), url: z.string() }).optional(),
  snippet: z.boolean().optional(),
  /** Of another organisation: only `files.info` tells what it is. */
  connect: z.boolean().optional(),
  durationMs: z.number().int().positive().optional(),
  width: side.optional(),
  height: side.optional(),
  waveform: z.array(z.number().min(0).max(100)).optional(),
  clip: z.enum(['audio', 'video']).optional(),
});

/** Makes a file of one of the team; the result is its id. */
export function addFile(world: World, teamId: string, user: string, input: z.output<typeof newFile>): string {
  const { name, title, altText, page, external, connect, snippet: asSnippet } = input;
  const { durationMs, width, height, waveform, clip } = input;
  const media = { durationMs, width, height, waveform, clip };
  const { mimetype = clip && `${clip}/webm` } = input;
  const given = contentOf(world, teamId, user, input);
  return createFile(world, {
    ...given,
    teamId,
    user,
    name,
    title,
    mimetype,
    altText,
    media,
    page,
    external,
    connect,
    asSnippet,
  }).id;
}

interface Given {
  readonly id?: string;
  readonly content: FileContent;
  readonly size: number;
  readonly head?: Buffer;
}

function contentOf(world: World, teamId: string, user: string, input: z.output<typeof newFile>): Given {
  const { name, base64, text, picture, size, page, external } = input;
  if (page !== undefined || external !== undefined) return { content: { type: 'none' }, size: size ?? 0 };
  if (input.upload !== undefined) return uploaded(world, teamId, user, input.upload);
  if (base64 !== undefined) return inMemory(Buffer.from(base64, 'base64'));
  if (text !== undefined) return inMemory(Buffer.from(text));
  if (picture) return inMemory(sceneryPicture(picture.seed ?? name, picture.width, picture.height));
  if (size !== undefined) return { content: { type: 'pattern', seed: size }, size };
  throw new ControlError(
    `The file "${name}" needs upload, base64, text, picture (contents), size (made-up bytes), page or external.`,
  );
}

function inMemory(bytes: Buffer): Given {
  return { content: { type: 'bytes', bytes }, size: bytes.length };
}

function uploaded(world: World, teamId: string, user: string, id: string): Given {
  const upload = world.uploads.get(id);
  if (!upload?.arrived || upload.teamId !== teamId || upload.user !== user)
    throw new ControlError(`There is no upload ${id} of ${user}: send the bytes to /_sandbox/upload first.`);
  world.uploads.delete(id);
  return { id, ...upload.arrived };
}

export const fileActions = {
  /** As `files.info` shows it, for everybody. */
  file: action(z.strictObject({ file: z.string() }), ({ world }, input) =>
    fileInfoShape(world, findFile(world, input.file)),
  ),

  /** Takes a file out of its messages, as "delete file" does. */
  deleteFile: action(z.strictObject({ file: z.string() }), ({ world }, input) => {
    deleteFile(world, findFile(world, input.file));
  }),

  changeFile: action(
    z.strictObject({ file: z.string(), title: z.string().optional(), altText: z.string().optional() }),
    ({ world }, input) => {
      const file = findFile(world, input.file);
      if (input.title !== undefined) file.title = input.title;
      if (input.altText !== undefined) file.altText = input.altText;
      publishFile(world, file, 'file_change');
      world.changed({ what: 'file', teamId: file.teamId, id: file.id });
    },
  ),
};

function findFile(world: World, id: string): StoredFile {
  const file = world.files.get(id);
  if (!file) throw new ControlError(`There is no file ${id}.`);
  return file;
}
