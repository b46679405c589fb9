import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { CannotBridge, TryLater } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import { enough, looksLikePage, mimetypeOf } from './first-bytes.ts';

export interface DownloadsOptions {
  readonly tokenOf: (opener: FileOpener) => string | Promise<string>;
  /** The configured file hosts and the API's own: nobody else gets the token. */
  readonly hosts: readonly string[];
  /** Where that isn't encrypted (a test's), files needn't be. */
  readonly apiUrl: string;
  /** Before a broken download goes on, in milliseconds. */
  readonly pause?: number;
  readonly clock?: () => number;
}

export interface WantedFile {
  readonly url: string;
  /** As Slack announced them. */
  readonly size?: number;
  readonly mimetype?: string;
  /** Bytes: a longer one isn't fetched. */
  readonly most: number;
}

/** A file that is being read. */
export interface OpenFile {
  /** By its first bytes, as far as they say. */
  readonly mimetype: string;
  /** Bytes: exactly as many come, or reading fails. Absent where Slack's host doesn't say. */
  readonly length?: number;
  /** Fails with `TryLater` or `CannotBridge`. Read it to the end or destroy it. */
  readonly stream: Readable;
}

/** Who opens a file: a workspace's bot, or a linked person of it who sees it. */
export interface FileOpener {
  readonly team: TeamId;
  readonly account?: SlackUserId;
}

/** @throws CannotBridge when there is no such file, or what stands there isn't it; TryLater */
export type OpenSlackFile = (opener: FileOpener, wanted: WantedFile) => Promise<OpenFile>;

const mostRedirects = 3;
const mostResumes = 5;
/** Within so many milliseconds of waiting for Slack's host at least so many bytes must come. */
const slow = { within: 30_000, bytes: 16 * 1024 };
/** Waiting for Slack's host may take so long in all, in milliseconds, and one more for each so many bytes. */
const longest = { least: 600_000, bytesPerMillisecond: 32 };

/**
 * Opens files of Slack's with the workspace's token, or a person's, which goes to the configured hosts only, over no redirect off them.
 * What breaks off goes on where it stopped, if the host can do that and the file is the same.
 */
export function createDownloads(options: DownloadsOptions): OpenSlackFile {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  const unencrypted = new URL(options.apiUrl).protocol === 'http:';
  const dispatcher = new Agent({ connect: { timeout: 10_000 }, allowH2: false });

  async function ask(opener: FileOpener, address: string, range?: Range): Promise<Dispatcher.ResponseData> {
    const headers = {
      authorization: `Bearer ${await options.tokenOf(opener)}`,
      'accept-encoding': 'identity',
      ...(range && { range: `bytes=${range.from}-`, 'if-range': range.tag }),
    };
    let url = allowed(address, hosts, unencrypted);
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const { within } = slow;
      const times = { headersTimeout: within, bodyTimeout: within };
      const response = await request(url, { dispatcher, headers, ...times }).catch(brokenOff);
      const location = response.headers['location'];
      if (response.statusCode < 300 || response.statusCode >= 400 || typeof location !== 'string')
        return checked(response);
      discard(response);
      url = followed(location, url, hosts, unencrypted);
    }
    throw new CannotBridge('file-redirects', 'Slack sends from one address to the next for it');
  }

  return async (opener, wanted) => {
    const response = await ask(opener, wanted.url);
    try {
      return await opened(response, wanted, options, (range) => ask(opener, wanted.url, range));
    } catch (error) {
      discard(response);
      throw error;
    }
  };
}

interface Range {
  readonly from: number;
  /** The file must be the same still. */
  readonly tag: string;
}

function allowed(address: string, hosts: ReadonlySet<string>, unencrypted: boolean): URL {
  const url = URL.parse(address);
  if (url === null) throw new CannotBridge('file-address', 'Slack names no address for it');
  if (!hosts.has(url.hostname.toLowerCase()) && !hosts.has(url.host.toLowerCase()))
    throw new CannotBridge(
      'file-host',
      `Slack keeps it at ${url.host || url.protocol}, from where the bridge fetches nothing (its administrator decides that: slack.file_hosts)`,
    );
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && unencrypted))
    throw new CannotBridge('file-address', `its address begins with ${url.protocol}`);
  return url;
}

/** To where it asks for a password, say, it isn't followed. */
function followed(location: string, from: URL, hosts: ReadonlySet<string>, unencrypted: boolean): URL {
  try {
    return allowed(URL.parse(location, from.href)?.href ?? '', hosts, unencrypted);
  } catch (error) {
    const words = 'Slack leads to another place for it, where the bridge doesn’t follow';
    throw new CannotBridge('file-redirect', words, { cause: error });
  }
}

/** @throws what a status other than success means */
function checked(response: Dispatcher.ResponseData): Dispatcher.ResponseData {
  const { statusCode: status, headers } = response;
  const encoding = headers['content-encoding'];
  if ((status === 200 || status === 206) && (encoding === undefined || encoding === 'identity'))
    return response;
  discard(response);
  if (status === 429) {
    const seconds = Number(headers['retry-after']);
    throw new TryLater('Slack limits downloads', { after: Number.isFinite(seconds) ? seconds * 1000 : 5000 });
  }
  if (status >= 500 || status === 408) throw new TryLater(`Slack’s file host answered with status ${status}`);
  if (status === 404 || status === 410) throw new CannotBridge('file-gone', 'it is not there any more');
  if (status === 401 || status === 403)
    throw new CannotBridge('file-forbidden', 'Slack does not let the bridge read it');
  if (status < 300) throw new CannotBridge('file-encoded', 'Slack sends it packed, which nobody asked for');
  throw new CannotBridge('file-refused', `Slack’s file host answered with status ${status}`);
}

function discard(response: Dispatcher.ResponseData): void {
  response.body.on('error', () => undefined).destroy();
}

function brokenOff(error: unknown): never {
  if (error instanceof CannotBridge || error instanceof TryLater) throw error;
  throw new TryLater('the download from Slack broke off', { cause: error });
}

async function opened(
  response: Dispatcher.ResponseData,
  wanted: WantedFile,
  options: DownloadsOptions,
  resume: (range: Range) => Promise<Dispatcher.ResponseData>,
): Promise<OpenFile> {
  const length = lengthOf(response);
  const most = Math.min(wanted.most, length ?? wanted.size ?? wanted.most);
  if (length === 0 && (wanted.size ?? 0) > 0)
    throw new CannotBridge('file-empty', 'Slack sends nothing for it');
  const reading = createReading(response, { ...options, length, most, resume });
  const first = await reading.first();
  if (isPage(first, response, wanted, length))
    throw new CannotBridge('file-login-page', 'Slack shows a page instead of it');
  return {
    mimetype: await mimetypeOf(first, wanted.mimetype),
    ...(length !== undefined && { length }),
    stream: Readable.from(reading.all(), { objectMode: false }),
  };
}

function tooLong(): CannotBridge {
  return new CannotBridge('file-longer', 'it is longer than it should be');
}

/** A page is the file only where one was announced, of that size. */
function isPage(
  first: Uint8Array,
  response: Dispatcher.ResponseData,
  { mimetype = '', size }: WantedFile,
  length: number | undefined,
): boolean {
  const saysSo = String(response.headers['content-type'] ?? '').startsWith('text/html');
  const announced = /^text\/|^application\/xhtml/.test(mimetype);
  if (announced) return looksLikePage(first) && size !== undefined && length !== undefined && size !== length;
  return looksLikePage(first) || (saysSo && first.length > 0 && isText(first));
}

function isText(bytes: Uint8Array): boolean {
  return !bytes.subarray(0, 512).some((byte) => byte < 9);
}

function lengthOf(response: Dispatcher.ResponseData): number | undefined {
  const length = Number(response.headers['content-length'] ?? Number.NaN);
  return Number.isSafeInteger(length) && length >= 0 ? length : undefined;
}

interface ReadingOptions extends Pick<DownloadsOptions, 'pause' | 'clock'> {
  readonly length: number | undefined;
  readonly most: number;
  readonly resume: (range: Range) => Promise<Dispatcher.ResponseData>;
}

interface Reading {
  /** Its beginning, which `all` gives once more. */
  first(): Promise<Uint8Array>;
  all(): AsyncGenerator<Uint8Array>;
}

/** The bytes of a file, over as many answers as it takes. */
function createReading(response: Dispatcher.ResponseData, options: ReadingOptions): Reading {
  const bytes = resuming(response, options);
  const begun: Uint8Array[] = [];
  return {
    async first() {
      let size = 0;
      while (size < enough) {
        const next = await bytes.next();
        if (next.done === true) break;
        begun.push(next.value);
        size += next.value.length;
      }
      return Buffer.concat(begun).subarray(0, enough);
    },
    async *all() {
      try {
        yield* begun;
        yield* bytes;
      } finally {
        await bytes.return(undefined);
      }
    },
  };
}

async function* resuming(
  response: Dispatcher.ResponseData,
  { length, most, resume, pause = 500, clock = () => performance.now() }: ReadingOptions,
): AsyncGenerator<Uint8Array, void> {
  const tag = tagOf(response);
  let from = 0;
  let answer = response;
  for (let resumes = 0; ; resumes += 1) {
    try {
      for await (const chunk of notTooSlow(answer, clock)) {
        from += chunk.length;
        if (from > most) throw tooLong();
        yield chunk;
      }
      if (from === (length ?? from)) return;
      throw new TryLater('the download from Slack broke off');
    } catch (error) {
      if (error instanceof CannotBridge || tag === undefined || resumes === mostResumes) brokenOff(error);
    } finally {
      discard(answer);
    }
    await sleep(pause * 2 ** resumes);
    answer = await resume({ from, tag });
    if (!continues(answer, from)) {
      discard(answer);
      throw new TryLater('the download from Slack broke off');
    }
  }
}

/** The strong name of what the file holds now. */
function tagOf({ headers }: Dispatcher.ResponseData): string | undefined {
  const { etag } = headers;
  const ranges = headers['accept-ranges'];
  return typeof etag === 'string' && etag.startsWith('"') && ranges !== 'none' ? etag : undefined;
}

function continues({ statusCode, headers }: Dispatcher.ResponseData, from: number): boolean {
  return statusCode === 206 && String(headers['content-range']).startsWith(`bytes ${from}-`);
}

/** Only the time in which Slack's host is waited for counts, not that in which the other side takes its time. */
async function* notTooSlow(
  { body }: Dispatcher.ResponseData,
  clock: () => number,
): AsyncGenerator<Uint8Array, void> {
  const chunks: AsyncIterator<unknown> = body[Symbol.asyncIterator]();
  const all = { waited: 0, bytes: 0 };
  let lately = { waited: 0, bytes: 0 };
  for (;;) {
    const asked = clock();
    const next = await chunks.next();
    const took = clock() - asked;
    if (next.done === true) return;
    if (!(next.value instanceof Uint8Array)) throw new TryLater('the download from Slack can’t be read');
    for (const each of [all, lately]) {
      each.waited += took;
      each.bytes += next.value.length;
    }
    const halts = lately.waited >= slow.within && lately.bytes < slow.bytes;
    if (halts || all.waited > longest.least + all.bytes / longest.bytesPerMillisecond)
      throw new TryLater('the download from Slack is too slow');
    if (lately.waited >= slow.within) lately = { waited: 0, bytes: 0 };
    yield next.value;
  }
}
