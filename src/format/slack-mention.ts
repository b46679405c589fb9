/** What the two Slack renderers share: which mentions may be live, and what stands for the others. */
import { matrixTo } from './matrix-address.ts';
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
