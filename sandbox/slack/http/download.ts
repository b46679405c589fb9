import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';

import type { Clock } from '../clock.ts';
import type { DownloadFault } from '../faults.ts';
import { firstBytes, throttled } from './throttle.ts';

/** A content as it is offered. */
export interface Offer {
  readonly type: string;
  readonly size: number;
  /** Stands for the content: with the same tag come the same bytes. */
  readonly tag: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes `from` up to `to`. */
  readonly read: (from: number, to: number) => AsyncIterable<Buffer>;
}

/** Sends what is asked for of an offer: all of it, a range, or nothing where the asker has it already. */
export async function sendOffer(
  request: IncomingMessage,
  response: ServerResponse,
  offer: Offer,
  ignoreRange = false,
): Promise<void> {
  const common = {
    'accept-ranges': 'bytes',
    etag: offer.tag,
    'cache-control': 'max-age=31536000, private, no-transform, immutable',
    ...offer.headers,
  };
  if (request.headers['if-none-match'] === offer.tag) {
    response.writeHead(304, common).end();
    return;
  }
  const range = ignoreRange ? 'whole' : rangeOf(request, offer);
  if (range === 'none') {
    response.writeHead(416, { ...common, 'content-range': `bytes */${offer.size}` }).end();
    return;
  }
  const { from, to } = range === 'whole' ? { from: 0, to: offer.size } : range;
  response.writeHead(range === 'whole' ? 200 : 206, {
    ...common,
    'content-type': offer.type,
    'content-length': to - from,
    ...(range !== 'whole' && { 'content-range': `bytes ${from}-${to - 1}/${offer.size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else await flow(offer.read(from, to), response);
}

/** `whole`: no range, or of another content; `none`: beyond the end. `to` is exclusive. */
function rangeOf(
  request: IncomingMessage,
  { size, tag }: Offer,
): { readonly from: number; readonly to: number } | 'whole' | 'none' {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const condition = request.headers['if-range'];
  if (!match || (condition !== undefined && condition !== tag)) return 'whole';
  const from = Number(match[1]);
  const to = Math.min(size, match[2] ? Number(match[2]) + 1 : size);
  return from < to ? { from, to } : 'none';
}

/** Sends an offer as the fault has it. */
export async function sendFaulty(
  { clock, fault, offer }: { readonly clock: Clock; readonly fault: DownloadFault; readonly offer: Offer },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { type, size, read } = offer;
  const start = (length: number | undefined): void => {
    response.writeHead(200, {
      connection: 'close',
      'content-type': type,
      ...(length !== undefined && { 'content-length': length }),
    });
  };
  switch (fault.type) {
    case 'empty':
      response.writeHead(200, { 'content-type': type, 'content-length': 0 }).end();
      return;
    case 'content_type':
      return sendOffer(request, response, { ...offer, type: fault.value });
    case 'ignore_range':
      return sendOffer(request, response, offer, true);
    case 'slow': {
      const slowly = (from: number, to: number) => throttled(clock, read(from, to), fault.bytesPerSecond);
      return sendOffer(request, response, { ...offer, read: slowly });
    }
    case 'wrong_length':
      start(Math.max(0, size + fault.by));
      await flow(read(0, size), response);
      request.socket.destroySoon(); // too little came: the connection ends where bytes are due
      return;
    case 'stall':
    case 'break':
      start(size);
      for await (const chunk of firstBytes(read(0, size), fault.after)) response.write(chunk);
      if (fault.type === 'break') request.socket.resetAndDestroy();
      return;
    case 'endless':
      start(undefined);
      return flow(endless(), response);
    case 'gzip_bomb':
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' });
      return flow(bomb(fault.bytes), response);
    case 'redirect':
      response.writeHead(fault.status, { location: fault.location, 'content-length': 0 }).end();
      return;
    case 'sign_in_page':
      sendSignInPage(response);
      return;
    case 'http_error':
      sendError(response, fault);
      return;
  }
}

export function sendSignInPage(response: ServerResponse): void {
  const page =
    '<!DOCTYPE html><html lang="en"><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>';
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': Buffer.byteLength(page),
  });
  response.end(page);
}

export function sendError(
  response: ServerResponse,
  {
    status,
    retryAfterSeconds: after,
  }: { readonly status: number; readonly retryAfterSeconds?: number | undefined },
): void {
  response.writeHead(status, {
    'content-type': 'text/html',
    ...(after !== undefined && { 'retry-after': String(after) }),
  });
  response.end('<h1>Server Error</h1>');
}

/** Whoever asked may go away in the middle: that's theirs to decide. */
async function flow(content: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  await pipeline(Readable.from(content, { objectMode: false, highWaterMark: 64 * 1024 }), response).catch(
    () => {},
  );
}

const ZEROS = 16 * 1024 * 1024;

async function* endless(): AsyncGenerator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024, 'more ');
  for (;;) yield chunk;
}

/** Compressed zeros; a decoder reads one part after the other. */
async function* bomb(bytes: number): AsyncGenerator<Buffer> {
  const part = gzipSync(Buffer.alloc(ZEROS));
  for (let unfolded = 0; unfolded < bytes; unfolded += ZEROS) yield part;
}
