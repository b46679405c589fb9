import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

import busboy from 'busboy';

const LARGEST_BODY = 64 * 1024 * 1024;

export interface UploadedPart {
  readonly name: string;
  readonly mimetype: string;
  readonly bytes: Buffer;
}

export interface Body {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: readonly UploadedPart[];
}

/** The body couldn't be read; `error` is Slack's name for why. */
export class BadBody extends Error {
  readonly error: string;

  constructor(error: string, message: string) {
    super(message);
    this.error = error;
  }
}

/** Reads a form, JSON or multipart body by its content type; no body is an empty one. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  if (type.startsWith('multipart/form-data')) return readMultipart(request);
  const text = (await readBytes(request)).toString();
  if (text.trim() === '') return { fields: {}, files: [] };
  if (type.startsWith('application/json')) return { fields: parseObject(text), files: [] };
  if (type === '' || type.startsWith('application/x-www-form-urlencoded')) {
    return { fields: Object.fromEntries(new URLSearchParams(text)), files: [] };
  }
  throw new BadBody(
    'invalid_post_type',
    `Bodies of type "${type}" aren't read: send a form, JSON or multipart.`,
  );
}

/** The bytes of one file as they come: the first of a multipart form, or the whole body. */
export function openUpload(request: IncomingMessage): AsyncIterable<Buffer> {
  const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/form-data');
  return isForm ? firstFileOf(request) : request;
}

async function* firstFileOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  const parser = busboy({ headers: request.headers, defParamCharset: 'utf8' });
  const found = new Promise<Readable | undefined>((resolve, reject) => {
    parser.once('file', (_field, stream) => {
      resolve(stream);
      parser.on('file', (_other, more) => more.resume());
    });
    parser.once('close', () => resolve(undefined));
    parser.once('error', () => reject(new BadBody('invalid_form_data', "The multipart body can't be read.")));
  });
  request.pipe(parser);
  const file = await found;
  if (!file) throw new BadBody('no_file_data', 'The form has no file.');
  yield* file as AsyncIterable<Buffer>;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY)
      throw new BadBody('request_too_large', `Bodies may have at most ${LARGEST_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new BadBody('invalid_json', "The body isn't JSON.");
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
    return parsed as Record<string, unknown>;
  throw new BadBody('json_not_object', 'The body must be a JSON object.');
}

function readMultipart(request: IncomingMessage): Promise<Body> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, unknown> = {};
    const files: UploadedPart[] = [];
    const parser = busboy({
      headers: request.headers,
      limits: { fileSize: LARGEST_BODY },
      defParamCharset: 'utf8',
    });
    parser.on('field', (name, value) => {
      fields[name] = value;
    });
    parser.on('file', (_field, stream, info) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () =>
        reject(new BadBody('request_too_large', `Files may have at most ${LARGEST_BODY} bytes.`)),
      );
      stream.on('end', () =>
        files.push({ name: info.filename ?? 'file', mimetype: info.mimeType, bytes: Buffer.concat(chunks) }),
      );
    });
    parser.on('error', () => reject(new BadBody('invalid_form_data', "The multipart body can't be read.")));
    parser.on('close', () => resolve({ fields, files }));
    request.pipe(parser);
  });
}
