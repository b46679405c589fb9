import { Agent, fetch } from 'undici';
import type { Response } from 'undici';
import { publicLookup, isPublicAddress } from './addresses.ts';

export interface Picture {
  readonly bytes: Buffer;
  readonly mimetype: string;
}

export interface PicturesOptions {
  /** Hosts that may have private addresses: the configured file hosts and the API's own. */
  readonly trustedHosts: readonly string[];
  /** Bytes. */
  readonly limit?: number;
}

const defaultLimit = 5 * 1024 * 1024;
const mostRedirects = 3;
const timeout = 15_000;

/**
 * Fetches pictures of Slack's people: from public addresses, or hosts that are trusted by configuration; without any
 * token. What comes must be a PNG, JPEG, GIF or WebP of at most 5 MB, whatever its headers say.
 *
 * Rejects with an error that says why there is none; the address may be tried again later.
 */
export function createPictures(options: PicturesOptions): (url: string) => Promise<Picture> {
  const trusted = new Set(options.trustedHosts.map((host) => host.toLowerCase()));
  const limit = options.limit ?? defaultLimit;
  const anywhere = new Agent();
  // names are resolved once, by the connection itself: what was checked is what is connected to
  const publicOnly = new Agent({ connect: { lookup: publicLookup } });

  return async (address) => {
    const signal = AbortSignal.timeout(timeout);
    let url = allowed(address, trusted);
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const dispatcher = isTrusted(url, trusted) ? anywhere : publicOnly;
      const response = await fetch(url, { dispatcher, signal, redirect: 'manual' });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        url = allowed(new URL(location, url).href, trusted);
        continue;
      }
      return picture(response, limit);
    }
    throw new Error('the picture is behind too many redirects');
  };
}

function allowed(address: string, trusted: ReadonlySet<string>): URL {
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new Error('the picture has an address that is neither http nor https');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!isTrusted(url, trusted) && isPublicAddress(literal) === false)
    throw new Error('the picture has a private address; if that is right, add its host to slack.file_hosts');
  return url;
}

function isTrusted(url: URL, trusted: ReadonlySet<string>): boolean {
  return trusted.has(url.hostname.toLowerCase()) || trusted.has(url.host.toLowerCase());
}

async function picture(response: Response, limit: number): Promise<Picture> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new Error(`the picture's server answers with status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    if (!(chunk instanceof Uint8Array)) throw new Error('the picture can not be read');
    size += chunk.length;
    if (size > limit) throw new Error(`the picture is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, size);
  const mimetype = imageType(bytes);
  if (mimetype === undefined) throw new Error('what stands at the address is no picture');
  return { bytes, mimetype };
}

/** By its first bytes. */
export function imageType(bytes: Buffer): string | undefined {
  const starts = (hex: string) => bytes.subarray(0, hex.length / 2).toString('hex') === hex;
  if (starts('89504e470d0a1a0a')) return 'image/png';
  if (starts('ffd8ff')) return 'image/jpeg';
  if (starts('474946383761') || starts('474946383961')) return 'image/gif';
  if (starts('52494646') && bytes.subarray(8, 12).toString('latin1') === 'WEBP') return 'image/webp';
  return undefined;
}
