import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MxcUri } from '../ids.ts';
import type { Logger } from '../log.ts';
import { BoundedMap } from './bounded-map.ts';
import type { Acting } from './call.ts';
import { createLimit } from './limit.ts';
import type { Media } from './media.ts';
import type { FetchPicture, PictureStore } from './ports.ts';

/** Pictures that stand in messages: each is uploaded once, and known by its address from then on. */
export interface Pictures {
  /** See `MatrixPort.picture`. Never rejects. */
  at(url: string): Promise<MxcUri | undefined>;
  /** Resolves when no picture is on its way any more. */
  settled(): Promise<void>;
}

interface PicturesOptions {
  readonly store: PictureStore;
  readonly media: Media;
  readonly fetchPicture: FetchPicture;
  /** As whom they are uploaded. */
  readonly as: () => Promise<Acting>;
  readonly log: Logger;
}

/** A message waits so long for a picture, in milliseconds. */
const patience = 1200;
/** One that couldn't be had is asked for again after this, in milliseconds. */
const again = 10 * 60_000;
const atOnce = 4;
/** An address that is longer can't be kept. */
const longestUrl = 2000;
const mostRemembered = 5000;

export function createPictures(options: PicturesOptions): Pictures {
  const limit = createLimit(atOnce);
  const known = new BoundedMap<string, MxcUri>(mostRemembered);
  const failed = new BoundedMap<string, number>(mostRemembered);
  const coming = new Map<string, Promise<MxcUri | undefined>>();

  function bring(url: string): Promise<MxcUri | undefined> {
    const work = limit(() => broughtOver(options, url))
      .then(
        (mxc) => {
          known.set(url, mxc);
          return mxc;
        },
        (error: unknown) => {
          failed.set(url, Date.now());
          options.log.warn('a picture could not be brought over', { error });
          return undefined;
        },
      )
      .finally(() => coming.delete(url));
    coming.set(url, work);
    return work;
  }

  return {
    async at(url) {
      const there = known.get(url);
      if (there !== undefined) return there;
      if (url.length > longestUrl || Date.now() - (failed.get(url) ?? -again) < again) return undefined;
      return Promise.race([coming.get(url) ?? bring(url), sleep(patience, undefined, { ref: false })]);
    },
    async settled() {
      await Promise.all(coming.values());
    },
  };
}

async function broughtOver(options: PicturesOptions, url: string): Promise<MxcUri> {
  const { store, media, fetchPicture } = options;
  const before = await store.byUrl(url);
  if (before !== undefined) return before;
  const { bytes, mimetype } = await fetchPicture(url);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const same = await store.byBytes(sha256);
  const mxc = same ?? (await media.upload(bytes, mimetype, await options.as()));
  return store.save({ url, sha256, mxc });
}
