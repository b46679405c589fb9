import type { SlackEvent } from '../../events.ts';
import type { TeamId } from '../../ids.ts';
import type { PortalContext } from '../context.ts';
import { pausePortal, resumePortal } from '../pause.ts';
import type { PortalTurn } from '../turn.ts';

type TeamEvent = Extract<SlackEvent, { readonly type: 'team' }>;

/** The app was taken out of a workspace, or its token revoked: all its portals sleep until it is back. */
export async function teamChanged(context: PortalContext, event: TeamEvent, turn: PortalTurn): Promise<void> {
  if (event.change === 'rate-limited') {
    context.log.warn('Slack holds back events of a workspace: too many an hour', { team: event.team });
    return;
  }
  const name = context.slack.team(event.team)?.name ?? event.team;
  const message =
    event.change === 'uninstalled'
      ? `The bridge's app was removed from the Slack workspace ${name}. Install it there again, and restart the bridge with its new token.`
      : `The token of the bridge's app in the Slack workspace ${name} was revoked. Install the app again, and restart the bridge with its new token.`;
  for (const portal of portalsOf(context, event.team)) {
    if (portal.status === 'live')
      await pausePortal(context, portal, { kind: 'team', message }, String(turn.item.seq));
  }
}

/** A workspace can be used again: its paused portals go on, unless something else is in their way. */
export async function teamReturned(context: PortalContext, team: TeamId, cause: string): Promise<void> {
  for (const portal of portalsOf(context, team)) await resumePortal(context, portal, cause);
}

function portalsOf(context: PortalContext, team: TeamId) {
  return context.portals.all().filter((portal) => portal.channels[0].team === team);
}
