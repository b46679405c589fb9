import type { Block, Doc } from '../format/doc.ts';
import { hasPermission } from './access.ts';
import type { Asker, Place } from './asker.ts';
import { say } from './asker.ts';
import type { Answer, Command, Group } from './command.ts';
import { usage } from './command.ts';
import { commandOf } from './parse.ts';
import { bold, bullets, code, line, reply, withData } from './reply.ts';

const groups: readonly Group[] = [
  'Linking',
  'Looking',
  'People',
  'Your account',
  'When something fails',
  'The bridge',
];

/** What the asker can say here, and how. */
export function helpText(commands: readonly Command[], asker: Asker, place: Place): Answer {
  const open = openTo(commands, asker, place);
  const blocks = groups.flatMap((group): readonly Block[] => {
    const own = open.filter((command) => command.group === group);
    if (own.length === 0) return [];
    const lines = own.map((command) => [code(say(place, usage(command))), ` – ${command.help}`]);
    return [line(bold(group)), bullets(lines)];
  });
  const doc = reply(
    line(bold('I join rooms to Slack channels.'), ' What I understand:'),
    ...blocks,
    line(code(say(place, 'help <command>')), ' tells more of one of them.', wayToSay(place)),
  );
  return withData(doc, { commands: open.map((command) => ({ name: command.name, help: command.help })) });
}

function wayToSay({ side, direct }: Place): string {
  if (side === 'slack') return ' Only you see my answers here.';
  if (side === 'api') return '';
  return direct
    ? ' In a room each of them begins with !slack.'
    : ' In a chat with me alone the first word can be left out.';
}

function openTo(commands: readonly Command[], asker: Asker, { side }: Place): readonly Command[] {
  return commands.filter(
    (command) => command.on.includes(side) && hasPermission(asker.permission, command.needs),
  );
}

/** One command. Throws `CannotBridge` for one that the asker can't say here. */
export function helpFor(commands: readonly Command[], name: string, asker: Asker, place: Place): Doc {
  const command = commandOf(
    name.replace(/^(?:!slack|\/matrix)\s*/i, ''),
    openTo(commands, asker, place),
    place.side,
  );
  const choices = command.args.flatMap(({ name: arg, values }) =>
    values === undefined ? [] : [[code(arg), ` can be ${values.join(', ')}`]],
  );
  const notes = [
    ...choices,
    ...(command.paged ? [['It answers in pages: ', code('page 2'), ' behind it shows the next.']] : []),
    ...(command.preview ? [['It says what will happen, and asks, before it does it.']] : []),
  ];
  return reply(
    line(code(say(place, usage(command))), ` – ${command.help}`),
    ...(notes.length > 0 ? [bullets(notes)] : []),
    ...(command.examples.length > 0
      ? [line('For example:'), bullets(command.examples.map((example) => [code(say(place, example))]))]
      : []),
  );
}
