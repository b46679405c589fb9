import type { Readable } from 'node:stream';
import { CannotBridge, TryLater } from '../errors.ts';
import { mxcUri } from '../ids.ts';
import type { MxcUri } from '../ids.ts';
import type { Acting, HomeserverClient } from './call.ts';
import { bridging, isRefusal } from './refusal.ts';

export interface MediaStream {
  /** The bytes: read it to the end or destroy it. */
  readonly stream: Readable;
  readonly mimetype: string;
  /** Bytes, where the homeserver says. */
  readonly length?: number;
}

/**
 * The homeserver's media, fetched with our token.
 * @see https://spec.matrix.org/latest/client-server-api/#content-repository
 */
export interface Media {
  /**
   * A square picture of about `size` pixels a side.
   * @throws CannotBridge when it is gone or is no picture; TryLater
   */
  thumbnail(mxc: MxcUri, size: number): Promise<MediaStream>;
  download(mxc: MxcUri): Promise<MediaStream>;
  upload(bytes: Buffer, mimetype: string, as: Acting): Promise<MxcUri>;
}

const uploadTimeout = 60_000;

export function createMedia(client: HomeserverClient, bot: () => Promise<Acting>): Media {
  async function open(
    name: string,
    mxc: MxcUri,
    query: Readonly<Record<string, string | number>>,
  ): Promise<MediaStream> {
    const path = ['client', 'v1', 'media', name, ...partsOf(mxc)];
    const call = { name: `media-${name}`, method: 'GET', path, query, as: await bot() } as const;
    const { body, headers } = await client.open(call).catch((error: unknown) => {
      throw isRefusal(error, 'M_NOT_YET_UPLOADED') ? new TryLater('its bytes are not there yet') : error;
    });
    const length = Number(headers['content-length']);
    const mimetype = headers['content-type'];
    return {
      stream: body,
      mimetype: typeof mimetype === 'string' ? mimetype : 'application/octet-stream',
      ...(Number.isSafeInteger(length) && { length }),
    };
  }

  return {
    thumbnail: (mxc, size) =>
      bridging('fetch the picture', () =>
        open('thumbnail', mxc, { width: size, height: size, method: 'crop', animated: 'false' }),
      ),
    download: (mxc) => bridging('fetch the file', () => open('download', mxc, {})),
    upload: (bytes, mimetype, as) =>
      bridging('upload the picture', async () => {
        const answer = await client.call({
          name: 'upload',
          method: 'POST',
          path: ['media', 'v3', 'upload'],
          as,
          body: { bytes, mimetype },
          timeout: uploadTimeout,
        });
        return mxcUri(answer['content_uri']);
      }),
  };
}

/** Server and id of `mxc://server/id`; people write these, and proxies before the homeserver know what `..` means. */
export function partsOf(mxc: MxcUri): readonly string[] {
  const parts = mxc.slice('mxc://'.length).split('/');
  if (parts.some((part) => part === '.' || part === '..'))
    throw new CannotBridge('no-file', 'the address of the file is none.');
  return parts;
}
