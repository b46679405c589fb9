import type { Doc } from '../format/doc.ts';
import type { Permission } from '../portal/ports.ts';
import type { Command } from './command.ts';
import { usage } from './command.ts';
import { prefix } from './parse.ts';
import { bold, bullets, code, line, reply } from './reply.ts';

/** What somebody with this permission can say, and how. */
export function helpText(commands: readonly Command[], permission: Permission, direct: boolean): Doc {
  const open = commands.filter((command) => command.needs === 'user' || permission === 'admin');
  const start = direct ? '' : `${prefix} `;
  return reply(
    line(bold('I join rooms to Slack channels.'), ' What I understand:'),
    bullets(open.map((command) => [code(`${start}${usage(command)}`), ` – ${command.help}`])),
    line(
      direct
        ? `In a room each of them begins with ${prefix}.`
        : 'In a chat with me alone the first word can be left out.',
    ),
  );
}
