import { createHmac } from 'node:crypto';
import type { EventId } from '../ids.ts';

/** What is derived from the bridge's own id, each for one purpose. */
export interface DerivedKeys {
  /** The opaque key in the metadata of a post to Slack: the same for the same event and piece, also after a restore. */
  readonly opKey: (event: EventId, piece: number) => string;
  /** Signs the addresses of pictures. */
  readonly pictures: Uint8Array;
}

/** @param bridgeId random, kept in the database: who doesn't know it can't make any of these. */
export function deriveKeys(bridgeId: string): DerivedKeys {
  const derive = (purpose: string): Buffer => createHmac('sha256', bridgeId).update(purpose).digest();
  const posts = derive('posts');
  return {
    opKey: (event, piece) =>
      createHmac('sha256', posts).update(`${event}\n${piece}`).digest('base64url').slice(0, 32),
    pictures: derive('pictures'),
  };
}
