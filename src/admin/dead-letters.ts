import { CannotBridge } from '../errors.ts';
import type { Block, Doc } from '../format/doc.ts';
import type { Portal } from '../portal/ports.ts';
import { closest } from '../suggest.ts';
import { requirePermission, requirePowerOrAdmin } from './access.ts';
import type { Request } from './command.ts';
import type { LetterView, Outcome } from './dead-letter-ports.ts';
import { portalTitle } from './find.ts';
import { prefix } from './parse.ts';
import { bold, bullets, code, line, reply } from './reply.ts';
import { duration } from './time-words.ts';

const pageSize = 10;
/** So many outcomes are named one by one. */
const mostNamed = 10;

/** What was given up: in a linked room that of the room, elsewhere all of it, for administrators of the bridge. */
export async function deadLetters(request: Request): Promise<Doc> {
  const { context, args, direct } = request;
  const portal = await placeOf(request);
  const page = pageNumber(args['page']);
  const { letters, total } = await context.deadLetters.page(page, pageSize, portal?.id);
  const where = portal ? `for ${portalTitle(context, portal)}` : 'anywhere';
  if (total === 0) return reply(`Nothing is given up ${where}.`);
  const pages = Math.ceil(total / pageSize);
  if (page > pages)
    throw new CannotBridge('no-page', `There ${pages === 1 ? 'is one page' : `are ${pages} pages`}.`);
  const say = direct ? '' : `${prefix} `;
  const more: readonly Block[] =
    page < pages
      ? [line(`Page ${page} of ${pages}: `, code(`${say}dead-letters ${page + 1}`), ' shows more.')]
      : [];
  return reply(
    line(bold(`Given up ${where}: ${total}`)),
    bullets(letters.map((letter) => [letterLine(request, letter, portal === undefined)])),
    ...more,
    line(
      code(`${say}retry <number>`),
      ' tries again, ',
      code(`${say}skip <number>`),
      ' lets it go; or say “all”.',
    ),
  );
}

/** Tries again what was given up, and says what came of it. */
export async function retry(request: Request): Promise<Doc> {
  const { context, args, message } = request;
  const portal = await placeOf(request);
  const asked = numbersIn(args['number']);
  const outcomes = await context.deadLetters.retry(asked, message.sender, portal?.id);
  requireSome(request, asked, outcomes.length);
  const counts = [
    countOf(outcomes, 'arrived', 'arrived'),
    countOf(outcomes, 'failed', 'failed again'),
    countOf(outcomes, 'waiting', 'still on the way'),
    countOf(outcomes, 'unreadable', 'can’t be tried, for nobody can read it'),
  ].filter((words) => words !== undefined);
  const named = outcomes.filter(({ result }) => result !== 'arrived').slice(0, mostNamed);
  const summary = line(`Tried again: ${counts.join(', ')}.`);
  if (outcomes.length === 1 && outcomes[0]) return reply(outcomeLine(outcomes[0]));
  return named.length === 0
    ? reply(summary)
    : reply(summary, bullets(named.map((each) => [outcomeLine(each)])));
}

/** Lets go of what was given up: nothing brings it back. */
export async function skip(request: Request): Promise<Doc> {
  const { context, args, message } = request;
  const portal = await placeOf(request);
  const asked = numbersIn(args['number']);
  const skipped = await context.deadLetters.skip(asked, message.sender, portal?.id);
  requireSome(request, asked, skipped.length);
  return reply(
    `Let go: ${skipped.length === 1 ? `number ${skipped[0]}` : skipped.length}. It is not bridged any more.`,
  );
}

/** The room's own portal, for who looks after it; undefined: all, for administrators. */
async function placeOf(request: Request): Promise<Portal | undefined> {
  const { context, message, permission } = request;
  const portal = context.portals.byRoom(message.room);
  if (portal) await requirePowerOrAdmin(request, portal.room);
  else requirePermission(permission, 'admin');
  return portal;
}

function pageNumber(word: string | undefined): number {
  if (word === undefined) return 1;
  if (/^[1-9]\d{0,5}$/.test(word)) return Number(word);
  throw new CannotBridge('bad-page', `“${word.slice(0, 20)}” is no page: say a number from 1 on.`);
}

function numbersIn(word = ''): readonly number[] | 'all' {
  if (word.toLowerCase() === 'all') return 'all';
  if (/^#?[1-9]\d{0,14}$/.test(word)) return [Number(word.replace('#', ''))];
  const hint = closest(word, ['all']) === undefined ? '' : ' Did you mean “all”?';
  throw new CannotBridge(
    'bad-number',
    `“${word.slice(0, 20)}” is no number: say one that “${prefix} dead-letters” shows, or “all”.${hint}`,
  );
}

function requireSome({ context, message }: Request, asked: readonly number[] | 'all', found: number): void {
  if (found > 0) return;
  const here = context.portals.byRoom(message.room) ? ' for this room' : '';
  throw new CannotBridge(
    'no-letter',
    asked === 'all'
      ? `Nothing is given up${here}.`
      : `Nothing of number ${asked.join(', ')} is given up${here}. “${prefix} dead-letters” shows what is.`,
  );
}

/** `12: message by Ann in #general in Acme, to Matrix, 3 min ago: it is too long.` */
function letterLine({ context }: Request, letter: LetterView, withPlace: boolean): string {
  const { number, kind = 'something unreadable', writer, from, at, why } = letter;
  const portal = letter.portal === undefined ? undefined : context.portals.byId(letter.portal);
  const isOthers = withPlace && portal !== undefined && portal.kind !== 'channel';
  const by = writer === undefined || isOthers ? '' : ` by ${writer}`;
  const title = isOthers ? 'a chat of people' : portal && portalTitle(context, portal);
  const place = withPlace && title !== undefined ? ` in ${title}` : '';
  const way = from === 'slack' ? 'from Slack to Matrix' : 'from Matrix to Slack';
  return `${number}: ${kind}${by}${place}, ${way}, ${duration(context.now() - at)} ago: ${why}`;
}

function countOf(outcomes: readonly Outcome[], result: Outcome['result'], words: string): string | undefined {
  const count = outcomes.filter((each) => each.result === result).length;
  return count === 0 ? undefined : `${count} ${words}`;
}

function outcomeLine(outcome: Outcome): string {
  switch (outcome.result) {
    case 'arrived':
      return `Number ${outcome.number} has arrived.`;
    case 'waiting':
      return `Number ${outcome.number} is on its way; “${prefix} dead-letters” shows it again if it fails.`;
    case 'unreadable':
      return `Number ${outcome.number} can’t be tried again: it is not an event that anybody can read. “${prefix} skip ${outcome.number}” lets it go.`;
    case 'failed':
      return `Number ${outcome.number} failed again: ${outcome.why}`;
  }
}
