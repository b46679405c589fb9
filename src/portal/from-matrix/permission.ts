import { CannotBridge } from '../../errors.ts';
import type { MatrixUserId, SlackUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import type { Portal } from '../ports.ts';

/** Whether what a person writes may go to Slack at all; throws `CannotBridge` with what they can do. */
export function requireRelay(context: PortalContext, sender: MatrixUserId): void {
  if (context.permissionOf(sender) !== 'none') return;
  throw new CannotBridge(
    'permission',
    'the bridge is not open to your account. Ask its administrator to give you the permission "relay".',
  );
}

/**
 * Where the bot isn't, only people's own accounts reach Slack: `by` is that of who writes. Throws `CannotBridge` with what
 * they can do.
 */
export function requireOwnAccount({ kind, through }: Portal, by: SlackUserId | undefined): void {
  if (through === 'bot' || by !== undefined) return;
  const words =
    kind === 'channel'
      ? 'the bridge’s bot isn’t in this private channel, so only people who have logged in to Slack reach it: say “login” to me in a chat of our own. Or have the bot invited in Slack, with /invite.'
      : 'only people who have logged in to Slack reach a direct chat from here: say “login” to me in a chat of our own.';
  throw new CannotBridge('not-linked', words);
}
