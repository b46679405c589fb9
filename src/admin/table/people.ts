import { broadcast } from '../broadcast.ts';
import type { Command } from '../command.ts';
import { dm } from '../dm.ts';
import { invite } from '../invite.ts';

/** People of the other side. */
export const peopleCommands: readonly Command[] = [
  {
    name: 'dm',
    group: 'People',
    on: ['matrix'],
    args: [
      { name: 'person', kind: 'person' },
      { name: 'others', kind: 'person', optional: true, rest: true },
    ],
    needs: 'user',
    where: 'anywhere',
    help: 'Opens your chat with people in Slack: by @name, name, e-mail address or id, several for a group.',
    examples: ['dm @ben', 'dm ben@acme.example', 'dm @ben @cleo'],
    run: dm,
  },
  {
    name: 'invite',
    group: 'People',
    on: ['matrix', 'slack', 'api'],
    args: [
      { name: 'person', kind: 'person' },
      { name: 'channel', kind: 'channel', optional: true },
    ],
    needs: 'user',
    where: 'portal',
    help: 'Invites somebody of Slack to the channel, or somebody of Matrix to its room.',
    examples: ['invite @ben', 'invite @zoe:example.org', 'invite ben@acme.example #general'],
    run: invite,
  },
  {
    name: 'broadcast',
    group: 'People',
    on: ['matrix'],
    args: [],
    needs: 'user',
    where: 'portal',
    help: 'As an answer to your own message in a thread: shows it in the Slack channel, too.',
    examples: ['broadcast'],
    run: broadcast,
  },
];
