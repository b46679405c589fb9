/** What the two Slack renderers share: which mentions may be live, and what stands for the others. */
import { mentionText } from './plain-text.ts';
import type { Inline, Mention } from './tree.ts';
import { link, text } from './tree.ts';

export interface SlackRenderOptions {
  /** Whether calls to a whole channel or usergroup are live; they are plain text otherwise, and by default. */
  readonly broadcast?: boolean;
}

/** Whether a mention can be live on Slack. */
export function isLiveOnSlack(target: Mention, options: SlackRenderOptions): boolean {
  switch (target.type) {
    case 'slack-user':
    case 'slack-channel':
      return true;
    case 'usergroup':
    case 'everyone':
      return options.broadcast === true;
    default:
      return false;
  }
}

/** What stands on Slack for a mention that can't be live there: Matrix's people and rooms are links. */
export function mentionOnSlack(target: Mention): Inline {
  const shown = text(mentionText(target));
  const address = matrixTo(target);
  return address === undefined ? shown : link(address, [shown]);
}

/**
 * The matrix.to address of a person or place on Matrix.
 *
 * @see https://spec.matrix.org/latest/appendices/#matrixto-navigation
 */
export function matrixTo(target: Mention): string | undefined {
  switch (target.type) {
    case 'matrix-user':
      return `https://matrix.to/#/${encodeId(target.user)}`;
    case 'matrix-alias':
      return `https://matrix.to/#/${encodeId(target.alias)}`;
    case 'matrix-room': {
      const via = (target.via ?? [])
        .map((server) => `via=${encodeURIComponent(server.toWellFormed())}`)
        .join('&');
      return `https://matrix.to/#/${encodeId(target.room)}${via && `?${via}`}`;
    }
    default:
      return undefined;
  }
}

/** Percent-encoded but for `@` and `:`, which clients write bare. */
function encodeId(id: string): string {
  return encodeURIComponent(id.toWellFormed())
    .replace(/%40|%3A|%23|%21/g, decodeURIComponent)
    .replace('#', '%23');
}
