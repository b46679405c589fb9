import type { Command } from '../command.ts';
import { crypto } from '../crypto.ts';
import { list } from '../list.ts';
import { members } from '../members.ts';
import { privacy } from '../privacy.ts';
import { search } from '../search.ts';
import { show } from '../show.ts';
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
    name: 'search',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'words', kind: 'word', rest: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Finds channels and rooms by words of their name, topic and description.',
    examples: ['search release', 'search summer party page 2'],
    paged: true,
    run: search,
  },
  {
    name: 'show',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'channel', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'portal',
    help: 'Shows all that is known of this link, or of that of the channel.',
    examples: ['show', 'show #general'],
    run: show,
  },
  {
    name: 'members',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'channel', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'portal',
    help: 'Shows who is in the channel and in its room: who reads what is written here on the other side.',
    examples: ['members', 'members #general page 2'],
    paged: true,
    run: members,
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
  {
    name: 'privacy',
    group: 'Looking',
    on: ['matrix', 'slack', 'api'],
    args: [],
    needs: 'relay',
    where: 'anywhere',
    help: 'Says what I read and where it goes, and who reads on the other side.',
    examples: ['privacy'],
    run: privacy,
  },
];
