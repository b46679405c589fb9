import { z } from 'zod';
import { matrixEvent } from '../../../sandbox/matrix-user/event.ts';
import type { Content } from '../../../sandbox/matrix-user/event.ts';

/** How a client's process is started: JSON, its only argument. */
export interface Opening {
  readonly url: string;
  readonly userId: string;
  readonly accessToken: string;
  readonly deviceId: string;
  /** An empty folder of its own. */
  readonly folder: string;
  /** Whether it talks only with devices that their owners signed. */
  readonly onlySigned: boolean;
}

/** What a client can be asked to do; each request is answered by a value or an error. */
export interface Requests {
  send: { readonly room: string; readonly type: string; readonly content: Content };
  /** Encrypts and uploads a file of the disk; answers with its `file` as events describe it. */
  upload: { readonly path: string; readonly name: string };
  /** Downloads and decrypts what `file` describes to the disk. */
  download: { readonly file: Content; readonly path: string };
  /** Waits until the client encrypts what it sends to the room. */
  encrypted: { readonly room: string };
  devices: { readonly user: string };
  /** Holds all devices of a user for theirs, as after comparing emoji. */
  verify: { readonly user: string };
  /** Makes sure that the next message goes out under a new room key. */
  rotate: { readonly room: string };
  stop: Record<string, never>;
}

/** What somebody's client says beside a message. */
export const reading = z.object({
  /** Why it can't be read; absent: it can. */
  problem: z.string().optional(),
  /** The colour of the shield beside it in Element; absent where the client knows no shields. */
  shield: z.enum(['none', 'grey', 'red']).optional(),
  /** Why there is a shield. */
  why: z.string().optional(),
  /** Whether it came from a device that this person has verified; absent where the client doesn't say. */
  verified: z.boolean().optional(),
  /** The Megolm session it was encrypted with. */
  session: z.string().optional(),
});
export type Reading = z.infer<typeof reading>;

/** A device of somebody as this client knows it. */
export const device = z.object({
  id: z.string(),
  /** Whether its owner has signed it; absent where the client doesn't say. */
  signed: z.boolean().optional(),
  /** Whether this person holds it for its owner's. */
  verified: z.boolean(),
});
export type Device = z.infer<typeof device>;

/** A line of a client's process. */
export const line = z.discriminatedUnion('says', [
  z.object({ says: z.literal('ready') }),
  /** An answer of /sync, as the homeserver gave it. */
  z.object({ says: z.literal('sync'), answer: z.unknown() }),
  /** What an encrypted event is inside, or that it can't be read; may come again when it can. */
  z.object({ says: z.literal('read'), room: z.string(), event: matrixEvent, reading }),
  z.object({ says: z.literal('done'), id: z.number(), value: z.unknown() }),
  z.object({ says: z.literal('failed'), id: z.number(), error: z.string() }),
]);
export type Line = z.infer<typeof line>;
