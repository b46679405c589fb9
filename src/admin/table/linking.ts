import type { Command } from '../command.ts';
import { link, unlink, unlinkPreview } from '../link.ts';
import { policies } from '../policies.ts';
import { join, leave, leavePreview } from '../presence.ts';
import { set } from '../set.ts';
import { linkByName, linkFromSlack } from '../slack-link.ts';
import { sync } from '../sync.ts';

/** What rooms and channels are joined, and what goes across. */
export const linkingCommands: readonly Command[] = [
  {
    name: 'link',
    group: 'Linking',
    on: ['matrix'],
    args: [
      { name: 'channel', kind: 'channel' },
      { name: 'team', kind: 'team', optional: true },
      { name: 'anyway', kind: 'word', optional: true },
    ],
    needs: 'user',
    where: 'anywhere',
    help: 'Joins this room to a Slack channel; in a chat with me alone I make a new room for it.',
    examples: ['link #general', 'link #general Acme', 'link https://acme.slack.com/archives/C012AB3CD'],
    run: link,
  },
  {
    name: 'link',
    group: 'Linking',
    on: ['slack'],
    args: [
      { name: 'room', kind: 'room', optional: true },
      { name: 'anyway', kind: 'word', optional: true },
    ],
    needs: 'user',
    where: 'anywhere',
    help: 'Joins this channel to a Matrix room; without one I make a new room and invite you.',
    examples: ['link', 'link #town:example.org', 'link https://matrix.to/#/#town:example.org'],
    run: linkFromSlack,
  },
  {
    name: 'link',
    group: 'Linking',
    on: ['api'],
    args: [
      { name: 'channel', kind: 'channel' },
      { name: 'room', kind: 'room' },
      { name: 'team', kind: 'team', optional: true },
    ],
    needs: 'admin',
    where: 'anywhere',
    help: 'Joins a Matrix room that I am in to a Slack channel.',
    examples: ['link general !room:example.org'],
    run: linkByName,
  },
  {
    name: 'unlink',
    group: 'Linking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'channel', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'portal',
    help: 'Parts this room, or the room of the channel, from Slack. What was said stays.',
    examples: ['unlink', 'unlink #general'],
    preview: unlinkPreview,
    run: unlink,
  },
  {
    name: 'set',
    group: 'Linking',
    on: ['matrix', 'slack', 'api'],
    args: [
      { name: 'policy', kind: 'word', optional: true },
      { name: 'value', kind: 'word', optional: true },
      { name: 'channel', kind: 'channel', optional: true },
    ],
    needs: 'user',
    where: 'portal',
    help: `Shows or changes what goes across: ${policies.map(({ name }) => name).join(', ')}.`,
    examples: ['set', 'set bots off', 'set direction to-matrix #general'],
    run: set,
  },
  {
    name: 'sync',
    group: 'Linking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'channel', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'portal',
    help: 'Looks at name, topic, pins and people of the channel now, which I else do from time to time.',
    examples: ['sync', 'sync #general'],
    run: sync,
  },
  {
    name: 'join',
    group: 'Linking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'place', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Brings me into a Slack channel or a Matrix room, without linking it.',
    examples: ['join #general', 'join #town:example.org'],
    run: join,
  },
  {
    name: 'leave',
    group: 'Linking',
    on: ['matrix', 'slack', 'api'],
    args: [{ name: 'place', kind: 'channel', optional: true }],
    needs: 'user',
    where: 'anywhere',
    help: 'Sends me away from a Slack channel or a Matrix room that is not linked.',
    examples: ['leave #general', 'leave'],
    preview: leavePreview,
    run: leave,
  },
];
