import type { IncomingMessage, ServerResponse } from 'node:http';

import { avatarPicture, thumbnailPicture } from '../media/pictures.ts';
import { patternStream } from '../media/pattern.ts';
import type { StoredFile } from '../model.ts';
import type { World } from '../world.ts';

/**
 * Serves `/avatars/`, `/emoji/`, `/files-pri/` and `/files-tmb/`. Files need a bearer token that may read them; without
 * one Slack answers with its sign-in page and 200. `false`: the path is none of these.
 */
export function serveFiles(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const [, area = '', first = '', second = ''] = path.split('/');
  if (area === 'avatars') {
    servePicture(response, first);
    return true;
  }
  if (area === 'emoji') {
    sendBytes(response, avatarPicture(`emoji ${second}`, 64), 'image/png');
    return true;
  }
  if (area !== 'files-pri' && area !== 'files-tmb') return false;
  const [, teamId = '', fileId = ''] = /^(T[A-Z0-9]+)-(F[A-Z0-9]+)/.exec(first) ?? [];
  const file = world.files.get(fileId);
  if (!mayRead(world, request, teamId)) sendSignInPage(response);
  else if (!file || file.deleted || file.teamId !== teamId) response.writeHead(404).end('File not found');
  else if (area === 'files-tmb') serveThumbnail(response, file, second);
  else serveContent(request, response, file, path.includes(`/download/`));
  return true;
}

function mayRead(world: World, request: IncomingMessage, teamId: string): boolean {
  const [, value = ''] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const token = world.tokens.get(value);
  const app = token && world.apps.get(token.appId);
  if (!token || token.revoked || token.kind === 'app' || !app?.installed) return false;
  return token.teamId === teamId && app.scopes.includes('files:read');
}

function servePicture(response: ServerResponse, name: string): void {
  const [, hash = name, size = '192'] = /^(.+)_(\d+|original)\.png$/.exec(name) ?? [];
  const pixels = size === 'original' ? 512 : Math.min(1024, Number(size));
  sendBytes(response, avatarPicture(hash, Math.max(1, pixels)), 'image/png');
}

function serveThumbnail(response: ServerResponse, file: StoredFile, name: string): void {
  const [, size = '360'] = /_(\d+)\.png$/.exec(name) ?? [];
  const { width = 1, height = 1 } = file;
  const square = Number(size) <= 160;
  const scale = Math.min(1, Number(size) / Math.max(width, height));
  const target = (side: number) => (square ? Number(size) : Math.max(1, Math.round(side * scale)));
  sendBytes(response, thumbnailPicture(file.id, target(width), target(height)), 'image/png');
}

function serveContent(
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
  download: boolean,
): void {
  const { from, to, partial } = rangeOf(request, file.size);
  const disposition = download
    ? { 'content-disposition': `attachment; filename="${encodeURIComponent(file.name)}"` }
    : {};
  response.writeHead(partial ? 206 : 200, {
    'content-type': file.mimetype,
    'content-length': to - from,
    'accept-ranges': 'bytes',
    ...(partial && { 'content-range': `bytes ${from}-${to - 1}/${file.size}` }),
    ...disposition,
  });
  if (request.method === 'HEAD') response.end();
  else if (file.content.type === 'bytes') response.end(file.content.bytes.subarray(from, to));
  else patternStream(file.content.seed, from, to).pipe(response);
}

/** The first range that is asked for, `to` exclusive; a range that makes no sense means the whole file. */
function rangeOf(request: IncomingMessage, size: number) {
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const from = Number(match?.[1] ?? 0);
  const to = Math.min(size, match?.[2] ? Number(match[2]) + 1 : size);
  return match && from < to ? { from, to, partial: true } : { from: 0, to: size, partial: false };
}

function sendSignInPage(response: ServerResponse): void {
  const page =
    '<!DOCTYPE html><html lang="en"><head><title>Sign in | Slack</title></head><body>Sign in to your workspace</body></html>';
  sendBytes(response, Buffer.from(page), 'text/html; charset=utf-8');
}

function sendBytes(response: ServerResponse, bytes: Buffer, type: string): void {
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    'cache-control': 'max-age=3600',
  });
  response.end(bytes);
}
