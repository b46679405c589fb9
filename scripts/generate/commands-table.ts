import type { Command } from '../../src/admin/command.ts';
import { usage } from '../../src/admin/command.ts';
import { commands } from '../../src/admin/commands.ts';
import { prefix, slashCommand } from '../../src/admin/parse.ts';
import { policies } from '../../src/admin/policies.ts';
import { code, table } from './markdown.ts';

const sides = { matrix: 'Matrix', slack: 'Slack', api: 'API' } as const;

/** docs/commands.md: what the bot understands. */
export function commandsDocument(): string {
  const groups = [...new Set(commands.map(({ group }) => group))];
  const tables = groups.map((group) => {
    const rows = commands.filter((command) => command.group === group).map(row);
    return `## ${group}\n\n${table(['Command', 'Where', 'Who', 'What it does', 'For example'], rows)}`;
  });
  const policyRows = policies.map(({ name, values, help }) => [
    code(name),
    values.map(code).join(', '),
    help,
  ]);
  return `# Commands

In a Matrix room each command begins with \`${prefix}\`, as in \`${prefix} link #general\`; in a chat with the bot alone the first
word can be left out. In Slack it begins with \`${slashCommand}\`, as in \`${slashCommand} status\`, in any channel or chat, and only
who gave it sees the answer. A mistyped command, channel or workspace gets a suggestion. One that reaches the bot more than ten minutes
late is left, and the bot says so. \`<…>\` is needed, \`[…]\` can be left out; what has spaces in it goes between quotation marks.

Channels, people and rooms can be named, mentioned, linked to (\`https://acme.slack.com/archives/C…\`, \`https://matrix.to/#/…\`) or
given by their id. What answers in pages takes \`page 2\` behind it. What can’t be taken back asks first (here: “asks”): it says what will
happen, and is done with \`yes\` behind it.

"Who" is the permission that it needs: in Matrix that of \`permissions\` in the [configuration](configuration.md), in Slack that of
\`slack_permissions\`, where \`relay\` means everybody. To link, unlink or change a room one also needs power in it, or, in Slack, the say
over the channel: whoever made it, and owners and admins of the workspace unless the configuration says otherwise. A refusal says what is
missing. Who may change a room sees and handles what was given up in it (\`dead-letters\`, \`retry\`, \`skip\`); outside of linked rooms
these are for administrators of the bridge.

This page is made from the code by \`npm run generate\`.

${tables.join('\n\n')}

## What can be set

\`${prefix} set\` alone shows what is chosen for a room; \`${prefix} set <policy> <value>\` changes it.

${table(['Policy', 'Values', 'What it decides'], policyRows)}
`;
}

function row(command: Command): readonly string[] {
  const where = command.on.map((side) => sides[side]).join(', ');
  const asks = command.preview === undefined ? '' : ' (asks)';
  const examples = command.examples.map(code).join('<br>');
  return [code(usage(command)), where, `${command.needs}${asks}`, command.help, examples];
}
