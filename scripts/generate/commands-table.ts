import { usage } from '../../src/admin/command.ts';
import { commands } from '../../src/admin/commands.ts';
import { prefix } from '../../src/admin/parse.ts';
import { policies } from '../../src/admin/policies.ts';
import { code, table } from './markdown.ts';

/** docs/commands.md: what the bot understands. */
export function commandsDocument(): string {
  const commandRows = commands.map((command) => [code(usage(command)), command.needs, command.help]);
  const policyRows = policies.map(({ name, values, help }) => [
    code(name),
    values.map(code).join(', '),
    help,
  ]);
  return `# Commands of the bot

In a room each command begins with \`${prefix}\`, as in \`${prefix} link #general\`; in a chat with the bot alone the first
word can be left out. A mistyped command gets a suggestion, one that reaches the
bot more than ten minutes late is left, and the bot says so. \`<…>\` is needed, \`[…]\` can be left out.

"Who" is the permission that it needs (\`permissions\` in the [configuration](configuration.md)). To link, unlink or change a
room one also needs power in it, and the bot must be able to see the channel in Slack; a refusal says what is missing. Who
may change a room sees and handles what was given up in it (\`dead-letters\`, \`retry\`, \`skip\`); outside of linked rooms these are
for administrators of the bridge.

This page is made from the code by \`npm run generate\`.

${table(['Command', 'Who', 'What it does'], commandRows)}

## What can be set

\`${prefix} set\` alone shows what is chosen for a room; \`${prefix} set <policy> <value>\` changes it.

${table(['Policy', 'Values', 'What it decides'], policyRows)}
`;
}
