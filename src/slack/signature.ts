import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far Slack's clock and ours may differ, both ways, in seconds. */
const windowSeconds = 300;

export type Verdict<Source> =
  { readonly type: 'valid'; readonly source: Source } | { readonly type: 'invalid'; readonly reason: string };

export interface SignedSource {
  readonly secret: string;
}

/** The two headers that sign a request, as they came; checked before the body is even read. */
export interface Signature {
  readonly timestamp: string;
  readonly digest: Buffer;
}

/**
 * The signature of a request whose headers are in order and whose time is near, else why it isn't.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function readSignature(
  timestamp: string | undefined,
  signature: string | undefined,
  now: number,
): Signature | string {
  if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) return 'no-timestamp';
  if (Math.abs(now / 1000 - Number(timestamp)) > windowSeconds) return 'stale-timestamp';
  const hex = /^v0=([0-9a-f]{64})$/.exec(signature ?? '')?.[1];
  if (hex === undefined) return 'no-signature';
  return { timestamp, digest: Buffer.from(hex, 'hex') };
}

/** Whose secret signed these bytes. Every secret is tried and compared in constant time. */
export function verifySignature<Source extends SignedSource>(
  signature: Signature,
  raw: Buffer,
  sources: readonly Source[],
): Verdict<Source> {
  let found: Source | undefined;
  for (const source of sources) {
    const expected = createHmac('sha256', source.secret)
      .update(`v0:${signature.timestamp}:`)
      .update(raw)
      .digest();
    if (timingSafeEqual(expected, signature.digest)) found ??= source;
  }
  return found === undefined
    ? { type: 'invalid', reason: 'wrong-signature' }
    : { type: 'valid', source: found };
}
