import { z } from 'zod';

/** The homeserver refused a request. */
export class MatrixRefusal extends Error {
  readonly status: number;
  /** As in `M_FORBIDDEN`; `M_UNKNOWN` where the answer names none. */
  readonly errcode: string;
  constructor(request: string, status: number, errcode: string, reason: string) {
    super(`${request}: ${status} ${errcode} ${reason}`);
    this.name = 'MatrixRefusal';
    this.status = status;
    this.errcode = errcode;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Requests to the client-server API on behalf of one access token. */
export interface MatrixApi {
  /** A path below `/_matrix/client/v3` unless it begins with `/_matrix`. The answer is JSON of a shape the caller checks. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options?: CallOptions): Promise<unknown>;
  upload(bytes: Uint8Array<ArrayBuffer>, type: string, name: string): Promise<string>;
  /** @param uri `mxc://server/id`. */
  download(uri: string): Promise<Media>;
}

export interface Media {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const refusal = z.object({ errcode: z.string().default('M_UNKNOWN'), error: z.string().default('') });
const uploaded = z.object({ content_uri: z.string() });

/** @param url the homeserver's address without a slash at the end. */
export function matrixApi(url: string, accessToken?: string): MatrixApi {
  const authorization: Record<string, string> = accessToken ? { authorization: `Bearer ${accessToken}` } : {};

  async function checked(request: string, response: Response): Promise<Response> {
    if (response.ok) return response;
    const answer: unknown = await response.json().catch(() => ({}));
    const { errcode, error } = refusal.catch({ errcode: 'M_UNKNOWN', error: '' }).parse(answer);
    throw new MatrixRefusal(request, response.status, errcode, error);
  }

  return {
    async call(method, path, options = {}) {
      const full = path.startsWith('/_matrix') ? path : `/_matrix/client/v3${path}`;
      const response = await fetch(`${url}${full}${queryString(options.query)}`, {
        method,
        headers: { ...authorization, 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify(options.body ?? {}) }),
        ...(options.signal && { signal: options.signal }),
      });
      return (await checked(`${method} ${full}`, response)).json();
    },
    async upload(bytes, type, name) {
      const path = `/_matrix/media/v3/upload${queryString({ filename: name })}`;
      const headers = { ...authorization, 'content-type': type };
      const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: bytes });
      return uploaded.parse(await (await checked(`POST ${path}`, response)).json()).content_uri;
    },
    async download(uri) {
      const path = `/_matrix/client/v1/media/download/${uri.replace(/^mxc:\/\//, '')}`;
      const response = await checked(`GET ${path}`, await fetch(`${url}${path}`, { headers: authorization }));
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { type: response.headers.get('content-type') ?? 'application/octet-stream', bytes };
    },
  };
}

function queryString(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}
