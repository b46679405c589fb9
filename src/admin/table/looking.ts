import type { Command } from '../command.ts';
import { crypto } from '../crypto.ts';
import { list } from '../list.ts';
import { status } from '../status.ts';

/** What is there, and how it is doing. */
export const lookingCommands: readonly Command[] = [
  {
    name: 'list',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [
      { name: 'name', kind: 'word', optional: true },
      { name: 'team', kind: 'team', optional: true },
    ],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows the channels of the workspaces and the rooms they are joined to; with a part of a name only those.',
    examples: ['list', 'list gen', 'list page 2'],
    paged: true,
    run: list,
  },
  {
    name: 'status',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'channel', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Shows how this room, or that of the channel, or the whole bridge is doing.',
    examples: ['status', 'status #general'],
    run: status,
  },
  {
    name: 'crypto',
    group: 'Looking',
    on: ['matrix', 'slack'],
    args: [],
    needs: 'user',
    where: 'anywhere',
    help: 'Says what encryption protects here and what it doesn’t, and how it fares.',
    examples: ['crypto'],
    run: crypto,
  },
];
