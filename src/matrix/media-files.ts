import { TryLater } from '../errors.ts';
import { mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';
import type { Logger } from '../log.ts';
import { createAttachments } from './attachments.ts';
import type { OpenAttachment } from './attachments.ts';
import type { Acting, HomeserverClient, StreamBody } from './call.ts';
import { countAt } from './json.ts';
import { partsOf } from './media.ts';
import type { Media } from './media.ts';
import { bridging, isRefusal } from './refusal.ts';

/** Files on their way to the homeserver and from it. */
export interface MediaFiles {
  /** The most bytes that a file may have; absent where the homeserver doesn't say. */
  limit(): Promise<number | undefined>;
  /** An address for bytes that follow; `undefined` where the homeserver gives none now: upload without one. */
  reserve(): Promise<MxcUri | undefined>;
  /** Whether bytes are at a reserved address; `gone`: and none ever will be. */
  uploaded(mxc: MxcUri): Promise<StoredMedia | 'gone' | undefined>;
  /**
   * Uploads to a reserved address, or else to one that it resolves with. `taken`: there are bytes already, or they are on
   * their way; `gone`: the address takes none any more. Takes hold of the stream; rejects with what that fails with.
   */
  upload(body: StreamBody, reserved?: MxcUri): Promise<MxcUri | 'taken' | 'gone'>;
  readonly open: OpenAttachment;
  /**
   * Deletes media of ours where the configuration gives an administrator's token. A homeserver that refuses that is
   * logged. @throws TryLater
   */
  remove(mxc: MxcUri): Promise<void>;
}

interface StoredMedia {
  readonly size: number;
  readonly mimetype: string;
}

interface MediaFilesOptions {
  readonly client: HomeserverClient;
  readonly media: Media;
  /** As whom is uploaded. */
  readonly as: () => Promise<Acting>;
  readonly adminToken?: string;
  readonly log: Logger;
}

/** What the homeserver said of itself is asked for again after this, in milliseconds. */
const fresh = 3_600_000;
/** For the homeserver to take in what was sent, in milliseconds, and one more for each so many bytes. */
const uploadTime = { least: 120_000, bytesPerMillisecond: 2000 };

/** @see https://spec.matrix.org/latest/client-server-api/#content-repository */
export function createMediaFiles(options: MediaFilesOptions): MediaFiles {
  const { client, media, as, log, adminToken } = options;
  let known: { readonly at: number; readonly bytes: number | undefined } | undefined;
  /** Until then no address is asked for: the homeserver has none to give. */
  let noneBefore = 0;

  return {
    async limit() {
      if (known && Date.now() - known.at < fresh) return known.bytes;
      known = { at: Date.now(), bytes: await askLimit(client, as) };
      return known.bytes;
    },
    async reserve() {
      if (Date.now() < noneBefore) return undefined;
      try {
        const path = ['media', 'v1', 'create'];
        const answer = await client.call({ name: 'media-create', method: 'POST', path, as: await as() });
        return mxcUri(answer['content_uri']);
      } catch (error) {
        const wait = noneFor(error);
        if (wait === undefined) throw error;
        noneBefore = Date.now() + wait;
        log.debug('the homeserver gives no address before the upload', { error });
        return undefined;
      }
    },
    uploaded: (mxc) => storedMedia(client, as, mxc),
    async upload(body, reserved) {
      try {
        return await bridging('upload the file', () => uploadTo(options, body, reserved));
      } finally {
        body.stream.on('error', () => undefined).destroy();
      }
    },
    open: createAttachments(media),
    remove: async (mxc) => {
      if (adminToken !== undefined) await removed(options, adminToken, mxc);
    },
  };
}

/** @see https://element-hq.github.io/synapse/latest/admin_api/media_admin_api.html#delete-a-specific-local-media */
async function removed({ client, log }: MediaFilesOptions, adminToken: string, mxc: MxcUri): Promise<void> {
  const path = ['v1', 'media', ...partsOf(mxc)];
  const { status } = await client.exchange({ name: 'media-delete', method: 'DELETE', path, adminToken });
  if (status < 300 || status === 404) return;
  if (status === 429 || status >= 500)
    throw new TryLater(`the homeserver answered the deletion of media with ${status}`, { after: 5000 });
  log.warn('the homeserver deletes no media for us: is homeserver.admin_token that of an administrator?', {
    status,
  });
}

async function askLimit(client: HomeserverClient, as: () => Promise<Acting>): Promise<number | undefined> {
  const call = {
    name: 'media-config',
    method: 'GET',
    path: ['client', 'v1', 'media', 'config'],
    as: await as(),
  } as const;
  try {
    return countAt(await client.call(call), 'm.upload.size');
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** How long no address is to be asked for, in milliseconds; `undefined`: the error means something else. */
function noneFor(error: unknown): number | undefined {
  if (isRefusal(error)) return fresh;
  // so many as may be unused are, or too many were asked for
  return error instanceof TryLater && error.after !== undefined ? Math.min(error.after, 60_000) : undefined;
}

async function storedMedia(
  client: HomeserverClient,
  as: () => Promise<Acting>,
  mxc: MxcUri,
): Promise<StoredMedia | 'gone' | undefined> {
  const path = ['client', 'v1', 'media', 'download', ...partsOf(mxc)];
  try {
    const call = {
      name: 'media-look',
      method: 'GET',
      path,
      query: { timeout_ms: 0 },
      as: await as(),
    } as const;
    const { headers, body } = await client.open(call);
    body.on('error', () => undefined).destroy();
    const size = Number(headers['content-length']);
    const mimetype = headers['content-type'];
    if (!Number.isSafeInteger(size) || typeof mimetype !== 'string') return undefined;
    return { size, mimetype: mimetype.split(';', 1)[0] ?? mimetype }; // a homeserver adds its idea of the charset
  } catch (error) {
    if (isRefusal(error, 'M_NOT_YET_UPLOADED')) return undefined;
    if (isRefusal(error)) return 'gone';
    throw error;
  }
}

async function uploadTo(
  { client, as }: MediaFilesOptions,
  body: StreamBody,
  reserved: MxcUri | undefined,
): Promise<MxcUri | 'taken' | 'gone'> {
  const timeout = uploadTime.least + Math.ceil(body.length / uploadTime.bytesPerMillisecond);
  const call = { name: 'media-upload', as: await as(), body, timeout };
  const upload = ['media', 'v3', 'upload'];
  if (reserved === undefined) {
    const answer = await client.call({ ...call, method: 'POST', path: upload });
    return mxcUri(answer['content_uri']);
  }
  try {
    await client.call({ ...call, method: 'PUT', path: [...upload, ...partsOf(reserved)] });
    return reserved;
  } catch (error) {
    if (isRefusal(error, 'M_CANNOT_OVERWRITE_MEDIA')) return 'taken';
    if (isRefusal(error, 'M_NOT_FOUND')) return 'gone';
    throw error;
  }
}
