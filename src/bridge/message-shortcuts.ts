import { requireCharge } from '../admin/access.ts';
import type { Asker } from '../admin/asker.ts';
import type { Request } from '../admin/command.ts';
import type { Outcome } from '../admin/dead-letter-ports.ts';
import type { AdminContext } from '../admin/ports.ts';
import { bullets, line, link, reply } from '../admin/reply.ts';
import { answerSlack } from '../admin/slack-commands.ts';
import type { Doc } from '../format/doc.ts';
import { matrixToEvent } from '../format/matrix-address.ts';
import { serverOf } from '../ids.ts';
import type { LinkStore, MessageLink, Portal } from '../portal/ports.ts';
import type { AnswerShortcut, ShortcutUse } from '../slack/message-shortcuts.ts';
import type { DeadLetter, DeadLetters } from '../store/dead-letters.ts';
import { whyOf } from './dead-letter-words.ts';
import type { SlackAskers } from './slack-command.ts';

export interface ShortcutParts {
  readonly admin: AdminContext;
  readonly askerOf: SlackAskers;
  readonly links: Pick<LinkStore, 'byTs' | 'isDeleted'>;
  readonly letters: Pick<DeadLetters, 'onMessage'>;
}

/** What people get for the bridge's entries in a message's menu. */
export function createMessageShortcuts(parts: ShortcutParts): AnswerShortcut {
  return (use) => {
    switch (use.shortcut) {
      case 'matrix_copy_link':
        return copyLink(parts, use);
      case 'matrix_retry':
        return retry(parts, use);
      case 'matrix_listeners':
        return answerSlack(parts.admin, {
          asker: () => parts.askerOf(use.team, use.user),
          place: placeOf(use),
          text: 'members',
          fact: use.fact,
        });
    }
  };
}

function placeOf({ team, channel }: ShortcutUse) {
  return { side: 'slack', direct: false, channel: { team, channel } } as const;
}

/** The address of what the message became, or why it has none and what to do. Who sees the message may know. */
async function copyLink(parts: ShortcutParts, use: ShortcutUse): Promise<Doc> {
  const portal = parts.admin.portals.byChannel(use.team, use.channel);
  if (!portal) return notLinked;
  const address = await addressOf(parts, portal, use);
  if (address !== undefined)
    return reply(line('On Matrix this message is '), line(link(address)), 'It opens for who is in the room.');
  return whyNot(parts, portal, use);
}

const notLinked = reply(
  'This channel is not joined to a Matrix room, so its messages are not there. Who made the channel, or administers the workspace, joins it with “/matrix link” here.',
);

async function addressOf(
  { admin, links }: ShortcutParts,
  portal: Portal,
  use: Pick<ShortcutUse, 'ts'>,
): Promise<string | undefined> {
  const found = (await links.byTs(portal.id, use.ts)).filter(hasEvent);
  const own = found.find(({ part }) => !part.startsWith('channel:')) ?? found[0];
  return own && matrixToEvent(own.room, own.event, [serverOf(admin.matrix.bot)]);
}

function hasEvent(
  row: MessageLink,
): row is MessageLink & { readonly event: NonNullable<MessageLink['event']> } {
  return row.event !== undefined;
}

async function whyNot({ links, letters }: ShortcutParts, portal: Portal, use: ShortcutUse): Promise<Doc> {
  const [letter] = await letters.onMessage(portal.id, use.ts);
  if (letter)
    return reply(
      `It is not on Matrix: ${whyOf(letter)}`,
      '“Retry on Matrix” in the menu of the message tries it again.',
    );
  if (await links.isDeleted(portal.id, use.ts)) return reply('It was deleted on Matrix.');
  if (portal.status === 'paused')
    return reply(
      `It is not on Matrix yet: the link is paused. ${portal.pausedBecause ?? ''}`,
      'What is written meanwhile goes over when that is mended. “/matrix status” says more.',
    );
  if (use.ts < portal.since)
    return reply('It is not on Matrix: it was written before this channel was joined to its room.');
  if ((await links.byTs(portal.id, use.ts)).length > 0)
    return reply(
      'It is left out on Matrix: the room takes no such posts. “/matrix set” shows what goes across.',
    );
  return reply(
    'It is not on Matrix now. It may be on its way: look again in a minute. If it stays so, “/matrix status” says what waits.',
  );
}

/** What was given up of the message is tried again, by who wrote it or looks after the channel. */
async function retry(parts: ShortcutParts, use: ShortcutUse): Promise<Doc> {
  const { admin, letters } = parts;
  const portal = admin.portals.byChannel(use.team, use.channel);
  if (!portal) return notLinked;
  const found = await letters.onMessage(portal.id, use.ts);
  if (found.length === 0) {
    const address = await addressOf(parts, portal, use);
    if (address === undefined) return whyNot(parts, portal, use);
    return reply(line('Nothing of this message was given up. On Matrix it is ', link(address)));
  }
  const asker = await parts.askerOf(use.team, use.user);
  if (!use.own) await requireCharge(requestOf(parts, use, asker), portal);
  const numbers = found.map(({ seq }: DeadLetter) => seq);
  const outcomes = await admin.deadLetters.retry(numbers, asker.name, portal.id);
  const arrived = await addressOf(parts, portal, use);
  return reply(
    bullets(outcomes.map((outcome) => [outcomeWords(outcome)])),
    ...(arrived === undefined ? [] : [line('On Matrix it is ', link(arrived))]),
  );
}

function requestOf({ admin }: ShortcutParts, use: ShortcutUse, asker: Asker): Request {
  const { permission } = asker;
  const common = { context: admin, asker, permission, place: placeOf(use), fact: use.fact };
  return { ...common, direct: false, args: {}, page: 1, words: 'retry' };
}

function outcomeWords(outcome: Outcome): string {
  switch (outcome.result) {
    case 'arrived':
      return 'It has arrived.';
    case 'waiting':
      return 'It is on its way; use “Retry on Matrix” once more to see whether it failed.';
    case 'unreadable':
      return 'It can’t be tried again: it is not an event that anybody can read.';
    case 'failed':
      return `It failed again: ${outcome.why}`;
  }
}
