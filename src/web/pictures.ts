import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CannotBridge } from '../errors.ts';
import type { MxcUri } from '../ids.ts';
import type { Logger } from '../log.ts';

/** A picture on its way from the homeserver. */
export interface Thumbnail {
  readonly stream: Readable;
  /** As the homeserver says, such as `image/png`. */
  readonly mimetype: string;
  /** Bytes, when the homeserver says so. */
  readonly length?: number | undefined;
}

/**
 * Asks the homeserver for a small picture, cut to a square of `size` pixels. Rejects with `CannotBridge` when there is
 * none. `signal` ends the request when nobody waits for it any more.
 */
export type FetchThumbnail = (picture: MxcUri, size: number, signal: AbortSignal) => Promise<Thumbnail>;

export type PictureOutcome = 'shown' | 'unchanged' | 'refused' | 'missing' | 'busy' | 'failed';

export interface PictureOptions {
  /** The picture that a path asks for; undefined: not one of ours. */
  readonly read: (path: string) => MxcUri | undefined;
  readonly thumbnail: FetchThumbnail;
  readonly log: Logger;
  readonly count?: (outcome: PictureOutcome) => void;
  /** How many are fetched at once; more are told to come again. */
  readonly atOnce?: number;
  /** The longest that one may take, milliseconds. */
  readonly timeLimit?: number;
}

/** Slack shows pictures of at most 72 points; twice that for sharp screens, and some more. */
const pixels = 192;
const largest = 1024 * 1024;
/** No SVG: it can hold scripts. */
const shownTypes = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

const headers = {
  'cache-control': 'public, max-age=604800, immutable',
  'content-security-policy': "default-src 'none'; sandbox",
  'cross-origin-resource-policy': 'cross-origin',
};

/** Answers GET and HEAD of `/pictures/…`. Never rejects. */
export function createPictureHandler(options: PictureOptions) {
  const { atOnce = 16, timeLimit = 15_000 } = options;
  let running = 0;

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const picture = options.read(path);
    if (picture === undefined) return end(404, 'refused');
    const etag = `"${path.split('/')[2] ?? ''}"`; // the signature: it names the picture
    if (request.headers['if-none-match'] === etag) return end(304, 'unchanged', { ...headers, etag });
    if (running >= atOnce) return end(503, 'busy', { 'retry-after': '2' });
    running += 1;
    const signal = AbortSignal.any([AbortSignal.timeout(timeLimit), closed(response)]);
    try {
      await show(await inTime(options.thumbnail(picture, pixels, signal), signal), etag, signal);
    } catch (error) {
      fail(error);
    } finally {
      running -= 1;
    }

    async function show(thumbnail: Thumbnail, tag: string, ends: AbortSignal): Promise<void> {
      const { stream, length } = thumbnail;
      const mimetype = thumbnail.mimetype.split(';')[0]?.trim().toLowerCase() ?? '';
      if (!shownTypes.has(mimetype) || (length ?? 0) > largest || request.method === 'HEAD') {
        stream.destroy();
        if (request.method === 'HEAD' && shownTypes.has(mimetype))
          return end(200, 'shown', { ...headers, etag: tag, 'content-type': mimetype });
        return end(404, 'missing');
      }
      response.writeHead(200, {
        ...headers,
        etag: tag,
        'content-type': mimetype,
        ...(length !== undefined && { 'content-length': length }),
      });
      await pipeline(stream, atMost(largest), response, { signal: ends });
      options.count?.('shown');
    }

    function fail(error: unknown): void {
      if (error instanceof CannotBridge) return end(404, 'missing');
      options.log.warn('a picture could not be shown', { error });
      if (response.headersSent) {
        response.destroy(); // what was sent isn't all: the connection's end says so
        options.count?.('failed');
      } else end(502, 'failed');
    }

    function end(
      status: number,
      outcome: PictureOutcome,
      more: Readonly<Record<string, string>> = { 'cache-control': 'no-store' },
    ): void {
      options.count?.(outcome);
      response.writeHead(status, more).end();
    }
  };
}

/** The thumbnail, unless `signal` comes first: what comes later then is thrown away. */
function inTime(thumbnail: Promise<Thumbnail>, signal: AbortSignal): Promise<Thumbnail> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error('no picture came in time', { cause: signal.reason }));
    signal.addEventListener('abort', giveUp, { once: true });
    thumbnail.then((found) => {
      if (signal.aborted) found.stream.destroy();
      resolve(found);
    }, reject);
  });
}

function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('the client went away'));
  });
  return controller.signal;
}

function atMost(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(new Error(`a picture is larger than ${limit} bytes`));
      else done(null, chunk);
    },
  });
}
