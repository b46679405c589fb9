import { CannotBridge } from '../errors.ts';
import type { Doc } from '../format/doc.ts';
import type { Portal } from '../portal/ports.ts';
import { closest } from '../suggest.ts';
import { requireCharge, requirePermission } from './access.ts';
import { say } from './asker.ts';
import type { Answer, Request } from './command.ts';
import type { LetterView, Outcome } from './dead-letter-ports.ts';
import { portalHere, portalTitle } from './find.ts';
import { bold, bullets, code, line, pageFoot, reply, withData } from './reply.ts';
import { duration } from './time-words.ts';

const pageSize = 10;
/** So many outcomes are named one by one. */
const mostNamed = 10;
/** So many are looked through for what is named. */
const mostSeen = 1000;

/** What was given up: in a linked room or channel that of it, elsewhere all of it, for administrators of the bridge. */
export async function deadLetters(request: Request): Promise<Answer> {
  const { context, place, page } = request;
  const portal = await placeOf(request);
  const { letters, total } = await context.deadLetters.page(page, pageSize, portal?.id);
  const where = portal ? `for ${portalTitle(context, portal)}` : 'anywhere';
  if (total === 0) return withData(reply(`Nothing is given up ${where}.`), { letters, total });
  const foot = pageFoot(request, total, pageSize);
  const doc = reply(
    line(bold(`Given up ${where}: ${total}`)),
    bullets(letters.map((letter) => [letterLine(request, letter, portal === undefined)])),
    ...foot,
    line(
      code(say(place, 'retry <number>')),
      ' tries again, ',
      code(say(place, 'skip <number>')),
      ' lets it go; or say “all”.',
    ),
  );
  return withData(doc, { letters, total });
}

/** Tries again what was given up, and says what came of it. */
export async function retry(request: Request): Promise<Doc> {
  const { context, asker } = request;
  const portal = await placeOf(request);
  const asked = numbersIn(request);
  const outcomes = await context.deadLetters.retry(asked, asker.name, portal?.id);
  requireSome(request, asked, outcomes.length);
  const counts = [
    countOf(outcomes, 'arrived', 'arrived'),
    countOf(outcomes, 'failed', 'failed again'),
    countOf(outcomes, 'waiting', 'still on the way'),
    countOf(outcomes, 'unreadable', 'can’t be tried, for nobody can read it'),
  ].filter((words) => words !== undefined);
  const named = outcomes.filter(({ result }) => result !== 'arrived').slice(0, mostNamed);
  const summary = line(`Tried again: ${counts.join(', ')}.`);
  if (outcomes.length === 1 && outcomes[0]) return reply(outcomeLine(request, outcomes[0]));
  return named.length === 0
    ? reply(summary)
    : reply(summary, bullets(named.map((each) => [outcomeLine(request, each)])));
}

/** What “skip” would let go of. */
export async function skipPreview(request: Request): Promise<Doc> {
  const { context } = request;
  const portal = await placeOf(request);
  const asked = numbersIn(request);
  const { letters, total } = await context.deadLetters.page(1, mostSeen, portal?.id);
  const meant = asked === 'all' ? letters : letters.filter(({ number }) => asked.includes(number));
  const count = asked === 'all' ? total : asked.length;
  if (asked === 'all' || total <= mostSeen) requireSome(request, asked, meant.length);
  return reply(
    line(
      bold(`This lets go of ${count === 1 ? 'one message or change' : `all ${count}`}, for good:`),
      ' it never goes across, and I forget it.',
    ),
    bullets(meant.slice(0, mostNamed).map((letter) => [letterLine(request, letter, portal === undefined)])),
  );
}

/** Lets go of what was given up: nothing brings it back. */
export async function skip(request: Request): Promise<Doc> {
  const { context, asker } = request;
  const portal = await placeOf(request);
  const asked = numbersIn(request);
  const skipped = await context.deadLetters.skip(asked, asker.name, portal?.id);
  requireSome(request, asked, skipped.length);
  return reply(
    `Let go: ${skipped.length === 1 ? `number ${skipped[0]}` : skipped.length}. It is not bridged any more.`,
  );
}

/** The room's own portal, for who looks after it; undefined: all, for administrators. */
async function placeOf(request: Request): Promise<Portal | undefined> {
  const portal = portalHere(request);
  if (portal) await requireCharge(request, portal);
  else requirePermission(request.asker, 'admin');
  return portal;
}

function numbersIn({ args, place }: Request): readonly number[] | 'all' {
  const { number: word = '' } = args;
  if (word.toLowerCase() === 'all') return 'all';
  if (/^#?[1-9]\d{0,14}$/.test(word)) return [Number(word.replace('#', ''))];
  const hint = closest(word, ['all']) === undefined ? '' : ' Did you mean “all”?';
  throw new CannotBridge(
    'bad-number',
    `“${word.slice(0, 20)}” is no number: say one that “${say(place, 'dead-letters')}” shows, or “all”.${hint}`,
  );
}

function requireSome(request: Request, asked: readonly number[] | 'all', found: number): void {
  if (found > 0) return;
  const { place } = request;
  const here = portalHere(request) ? ` for this ${place.side === 'slack' ? 'channel' : 'room'}` : '';
  throw new CannotBridge(
    'no-letter',
    asked === 'all'
      ? `Nothing is given up${here}.`
      : `Nothing of number ${asked.join(', ')} is given up${here}. “${say(place, 'dead-letters')}” shows what is.`,
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

function outcomeLine({ place }: Request, outcome: Outcome): string {
  switch (outcome.result) {
    case 'arrived':
      return `Number ${outcome.number} has arrived.`;
    case 'waiting':
      return `Number ${outcome.number} is on its way; “${say(place, 'dead-letters')}” shows it again if it fails.`;
    case 'unreadable':
      return `Number ${outcome.number} can’t be tried again: it is not an event that anybody can read. “${say(place, `skip ${outcome.number}`)}” lets it go.`;
    case 'failed':
      return `Number ${outcome.number} failed again: ${outcome.why}`;
  }
}
