import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Whether a request shows the homeserver's token, in the header or, as old homeservers do, in the query. Takes the same
 * time whatever is shown.
 */
export function checkToken(
  expected: string,
  authorization: string | undefined,
  url: URL,
): 'ok' | 'missing' | 'wrong' {
  const header = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  const shown = header ?? url.searchParams.get('access_token');
  if (shown === null || shown === '') return 'missing';
  return timingSafeEqual(hash(shown), hash(expected)) ? 'ok' : 'wrong';
}

function hash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
