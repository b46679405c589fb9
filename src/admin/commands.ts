import type { Command } from './command.ts';
import { helpFor, helpText } from './help.ts';
import { accountCommands } from './table/account.ts';
import { bridgeCommands } from './table/bridge.ts';
import { failureCommands } from './table/failures.ts';
import { linkingCommands } from './table/linking.ts';
import { lookingCommands } from './table/looking.ts';
import { peopleCommands } from './table/people.ts';

const help: Command = {
  name: 'help',
  group: 'Looking',
  on: ['matrix', 'slack'],
  args: [{ name: 'command', kind: 'word', optional: true }],
  needs: 'relay',
  where: 'anywhere',
  help: 'Shows what I understand; of one command how it is used.',
  examples: ['help', 'help link'],
  run: async ({ args, asker, place }) => {
    const { command } = args;
    return command === undefined
      ? helpText(commands, asker, place)
      : helpFor(commands, command, asker, place);
  },
};

/**
 * All commands, in the order in which they are shown. The bot’s parser, Slack’s `/matrix`, the HTTP API, the permission
 * checks, `help` and docs/commands.md are made from this table. A name stands at most once for each side.
 */
export const commands: readonly Command[] = [
  help,
  ...linkingCommands,
  ...lookingCommands,
  ...failureCommands,
  ...peopleCommands,
  ...accountCommands,
  ...bridgeCommands,
];
