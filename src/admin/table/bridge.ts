import { audit } from '../audit.ts';
import type { Command } from '../command.ts';
import { install } from '../install.ts';
import { permissions } from '../permissions.ts';
import { users } from '../users.ts';
import { workspaces } from '../workspaces.ts';

/** The bridge as a whole. */
export const bridgeCommands: readonly Command[] = [
  {
    name: 'workspaces',
    group: 'The bridge',
    on: ['matrix', 'slack', 'api'],
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows the connected Slack workspaces and how they fare.',
    examples: ['workspaces'],
    paged: true,
    run: (request) => Promise.resolve(workspaces(request)),
  },
  {
    name: 'permissions',
    group: 'The bridge',
    on: ['matrix', 'slack', 'api'],
    args: [],
    needs: 'relay',
    where: 'anywhere',
    help: 'Shows what you may do; to administrators of the bridge also who else may do what.',
    examples: ['permissions'],
    run: (request) => Promise.resolve(permissions(request)),
  },
  {
    name: 'audit',
    group: 'The bridge',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'of', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows who changed what: of this link, that of a channel, by a person, or of the whole bridge.',
    examples: ['audit', 'audit #general', 'audit @ann:example.org', 'audit page 2'],
    paged: true,
    run: audit,
  },
  {
    name: 'users',
    group: 'The bridge',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'person', kind: 'person', optional: true }],
    needs: 'admin',
    where: 'anywhere',
    help: 'Shows who has linked their accounts.',
    examples: ['users', 'users ann'],
    paged: true,
    run: (request) => Promise.resolve(users(request)),
  },
  {
    name: 'install',
    group: 'The bridge',
    on: ['matrix'],
    args: [],
    needs: 'admin',
    where: 'direct',
    help: 'Installs the bridge’s app in a Slack workspace, by a link.',
    examples: ['install'],
    run: install,
  },
];
