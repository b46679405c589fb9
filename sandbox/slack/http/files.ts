import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import type { Faults, FilePart } from '../faults.ts';
import type { Log } from '../log.ts';
import { contentBytes, contentStream } from '../media/content.ts';
import { avatarPicture, cached } from '../media/pictures.ts';
import { sceneryPicture } from '../media/scenery.ts';
import { makeThumbnail, thumbSizes } from '../media/thumbnails.ts';
import type { StoredFile } from '../model.ts';
import { mayRead as mayReadFile } from '../files.ts';
import { scopesOf } from '../web-api/authenticate.ts';
import type { World } from '../world.ts';
import { sendFaulty, sendOffer, sendSignInPage } from './download.ts';
import type { Offer } from './download.ts';

export interface FileHostParts {
  readonly world: World;
  readonly log: Log;
  readonly faults: Faults;
  /** The cookie by which the page is signed in, as `name=value`. */
  readonly cookie: string;
}

/**
 * Serves `/avatars/`, `/emoji/`, `/files-pri/` and `/files-tmb/`. Files need a bearer token that may read them, or the
 * page's cookie; without one Slack answers with its sign-in page and 200. `false`: the path is none of these.
 */
export async function serveFiles(
  parts: FileHostParts,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const [, area = '', first = '', ...rest] = path.split('/');
  if (area === 'avatars') {
    servePicture(response, first);
    return true;
  }
  if (area === 'emoji') {
    sendBytes(response, avatarPicture(`emoji ${rest[0] ?? ''}`, 64), 'image/png');
    return true;
  }
  if (area !== 'files-pri' && area !== 'files-tmb') return false;
  const [, teamId = '', id = '', kind] = /^(T[A-Z0-9]+)-(F[A-Z0-9]+)(?:-(\w+))?/.exec(first) ?? [];
  const file = parts.world.files.get(id);
  const part = area === 'files-tmb' && kind !== 'sound' ? 'thumbnail' : 'file';
  if (!isSignedIn(parts, request, teamId, file)) {
    note(parts, { part, file, outcome: 'sign_in_page' }, request, response);
    sendSignInPage(response);
  } else if (!file || file.deleted || file.teamId !== teamId) {
    note(parts, { part, file, outcome: 'not_found' }, request, response);
    response.writeHead(404).end('File not found');
  } else {
    await serveFile(
      parts,
      { file, part, name: rest.at(-1) ?? '', download: rest[0] === 'download' },
      request,
      response,
    );
  }
  return true;
}

interface Wanted {
  readonly file: StoredFile;
  readonly part: FilePart;
  readonly name: string;
  readonly download: boolean;
}

async function serveFile(
  parts: FileHostParts,
  wanted: Wanted,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { world, faults } = parts;
  const { file, part } = wanted;
  const subject = { team: file.teamId, user: file.user, file: file.id, name: file.name, part };
  const channel = file.shares[0]?.channelId;
  const byPage = request.headers.authorization === undefined;
  const fault = byPage ? undefined : faults.forDownload({ ...subject, channel });
  if (!byPage) note(parts, { part, file, outcome: fault?.type ?? 'ok' }, request, response);
  const offer = part === 'thumbnail' ? await thumbnailOffer(world, wanted) : contentOffer(world, wanted);
  if (fault) await sendFaulty({ clock: world.clock, fault, offer }, request, response);
  else await sendOffer(request, response, offer);
}

/** Writes the transfer into the log when it is over. */
function note(
  { world, log }: FileHostParts,
  about: { readonly part: FilePart; readonly file: StoredFile | undefined; readonly outcome: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const from = world.clock.now();
  const before = request.socket.bytesWritten;
  const { part, file, outcome } = about;
  response.once('close', () => {
    log.add('file', part === 'file' ? 'download' : 'thumbnail', outcome, {
      file: file?.id,
      name: file?.name,
      status: response.statusCode,
      range: request.headers.range,
      host: request.headers.host,
      token: request.headers.authorization !== undefined,
      complete: response.writableFinished,
      bytes: request.socket.bytesWritten - before,
      ms: world.clock.now() - from,
    });
  });
}

/** A token shows what its account sees: the bot's none of the files in other people's direct chats. */
function isSignedIn(
  { world, cookie }: FileHostParts,
  request: IncomingMessage,
  teamId: string,
  file: StoredFile | undefined,
): boolean {
  const { authorization, cookie: cookies = '' } = request.headers;
  if (authorization === undefined) return cookies.split('; ').includes(cookie);
  const [, value = ''] = /^Bearer\s+(\S+)$/i.exec(authorization) ?? [];
  const token = world.tokens.get(value);
  const app = token && world.installation(token.appId, teamId);
  if (!token || token.revoked || token.kind === 'app' || !app?.installed) return false;
  if ((token.expiresAt ?? Infinity) <= world.clock.now()) return false;
  const isOfTeam =
    token.organisation === undefined ? token.teamId === teamId : app.organisation === token.organisation;
  if (!isOfTeam || !scopesOf(app, token).includes('files:read')) return false;
  return file === undefined || mayReadFile(world, token.userId ?? '', file);
}

function contentOffer(world: World, { file, download }: Wanted): Offer {
  const page = file.content.type === 'none' ? Buffer.from(`<h1>${escaped(file.title)}</h1>`) : undefined;
  return {
    type: page ? 'text/html; charset=utf-8' : file.mimetype,
    size: page?.length ?? file.size,
    tag: `"${file.id}-${file.size}"`,
    headers: download
      ? { 'content-disposition': `attachment; filename="${encodeURIComponent(file.name)}"` }
      : {},
    read: (from, to) =>
      contentStream(world.spool, page ? { type: 'bytes', bytes: page } : file.content, from, to),
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** The picture made smaller where it can be read here, else as it is; a film's first picture is a made-up one. */
async function thumbnailOffer(world: World, { file, name }: Wanted): Promise<Offer> {
  const { content, size, media } = file;
  const tag = `"${file.id}-${name}"`;
  if (file.width === undefined) {
    const { width = 640, height = 360 } = media;
    const poster = await cached(tag, async () => sceneryPicture(file.id, width, height));
    return pictureOffer(poster, 'image/png', tag);
  }
  const [, digits = '360', extension] = /_(\d+)\.(\w+)$/.exec(name) ?? [];
  const wanted = thumbSizes.find((one) => one >= Number(digits)) ?? 360;
  const small = await cached(tag, async () => {
    const whole = await contentBytes(world.spool, content, size);
    return (extension === 'gif' ? undefined : makeThumbnail(whole, wanted)) ?? whole;
  });
  const isPng = small.length >= 4 && small.readUInt32BE(0) === 0x89504e47;
  return pictureOffer(small, isPng ? 'image/png' : file.mimetype, tag);
}

function pictureOffer(bytes: Buffer, type: string, tag: string): Offer {
  return {
    type,
    size: bytes.length,
    tag,
    headers: {},
    read: (from, to) => Readable.from([bytes.subarray(from, to)]),
  };
}

function servePicture(response: ServerResponse, name: string): void {
  const [, hash = name, size = '192'] = /^(.+)_(\d+|original)\.png$/.exec(name) ?? [];
  const pixels = size === 'original' ? 512 : Math.min(1024, Number(size));
  sendBytes(response, avatarPicture(hash, Math.max(1, pixels)), 'image/png');
}

function sendBytes(response: ServerResponse, bytes: Buffer, type: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'max-age=3600',
  });
  response.end(bytes);
}
