import { CannotBridge } from '../../errors.ts';
import type { MatrixUserId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';

/** Whether what a person writes may go to Slack at all; throws `CannotBridge` with what they can do. */
export function requireRelay(context: PortalContext, sender: MatrixUserId): void {
  if (context.permissionOf(sender) !== 'none') return;
  throw new CannotBridge(
    'permission',
    'the bridge is not open to your account. Ask its administrator to give you the permission "relay".',
  );
}
