import type { PortalPolicy } from '../../src/portal/ports.ts';

/** What a portal begins with, in the database too. */
export const defaultPolicy: PortalPolicy = {
  direction: 'both',
  bots: true,
  notices: false,
  everyone: false,
  otherBridges: false,
  waiting: 'reaction',
  reactionNames: false,
  topic: true,
  name: false,
  pins: true,
  readOnly: true,
  captions: true,
  members: 'auto',
  kicks: false,
  invites: true,
  largestFile: 0,
  encryption: 'default',
};
