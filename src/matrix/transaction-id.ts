import { createHmac } from 'node:crypto';
import type { EffectKey } from '../portal/ports.ts';

/** What is done by an effect: the same fact may cause one of each. */
export type EffectKind = 'send' | 'edit' | 'redact' | 'react';

/**
 * Under this key our events carry their transaction id in their content, so that each is known when it comes back
 * whoever delivers it. It counts only from the account that we sent it as: content can be copied by anybody.
 */
export const transactionKey = 'matrix_slack_bridge.transaction';

/** Under this key an event that shows a file names the file in Slack. */
export const fileKey = 'matrix_slack_bridge.file';

/** Beside the ciphertext of a file's event: a caption stands in it. */
export const captionKey = 'matrix_slack_bridge.caption';

/** Derives transaction ids: the same effect has the same id for ever, and nobody without the bridge's id can guess one. */
export function transactionIds(bridgeId: string): (kind: EffectKind, key: EffectKey) => string {
  return (kind, key) =>
    createHmac('sha256', bridgeId)
      .update(JSON.stringify([kind, key.fact, key.part]))
      .digest('base64url')
      .slice(0, 32); // 192 bits
}
