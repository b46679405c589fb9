import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetterDesk, LetterView, Outcome } from '../admin/dead-letter-ports.ts';
import type { MatrixEvent, SlackEvent } from '../events.ts';
import { portalId } from '../ids.ts';
import type { AuthorId, PortalId, TeamId } from '../ids.ts';
import type { AuditLog } from '../portal/ports.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { DeadLetter, DeadLetters, Retried } from '../store/dead-letters.ts';
import { whyOf } from './dead-letter-words.ts';
import type { PeekMatrix } from './encrypted-items.ts';

export interface DeskOptions {
  readonly letters: DeadLetters;
  readonly slack: Pick<SlackAdapter, 'peek' | 'profile'>;
  readonly peekMatrix: PeekMatrix;
  readonly audit: AuditLog;
  /** Something was tried again. */
  readonly retried: () => void;
}

/** How long an answer waits for what is tried again, and how often it looks, in milliseconds. */
const patience = 5_000;
const look = 100;

/** Dead letters as the commands show them. */
export function createDeadLetterDesk(options: DeskOptions): DeadLetterDesk {
  const { letters, audit } = options;

  async function record(action: string, actor: string, numbers: readonly number[], portal?: PortalId) {
    if (numbers.length === 0) return;
    await audit.record({ actor, action, ...(portal !== undefined && { portal }), details: { numbers } });
  }

  return {
    async page(page, size, portal) {
      const offset = (page - 1) * size;
      const ofPortal = portal === undefined ? {} : { portal };
      const found = await letters.list({ ...ofPortal, limit: size, offset });
      const total = (await letters.numbers('all', portal)).length;
      return { letters: await Promise.all(found.map((letter) => viewOf(options, letter))), total };
    },
    async retry(numbers, actor, portal) {
      const dead = await letters.numbers(numbers, portal);
      const tried = await letters.retry(dead);
      await record('retry', actor, tried, portal);
      if (tried.length > 0) options.retried();
      const asked = numbers === 'all' ? tried : [...new Set([...numbers, ...tried])];
      const unreadable = dead.filter((number) => !tried.includes(number));
      const readable = asked.filter((number) => !unreadable.includes(number));
      const found = await outcomesOf(letters, readable, portal);
      const gone = tried.filter((number) => found.every((each) => each.number !== number)); // and forgotten by now
      return [
        ...gone.map((number): Outcome => ({ number, result: 'arrived' })),
        ...found,
        ...unreadable.map((number): Outcome => ({ number, result: 'unreadable' })),
      ];
    },
    async skip(numbers, actor, portal) {
      const skipped = await letters.skip(await letters.numbers(numbers, portal));
      await record('skip', actor, skipped, portal);
      return skipped;
    },
  };
}

/** As soon as nothing is on the way any more, or when the patience is over. */
async function outcomesOf(
  letters: Pick<DeadLetters, 'retried'>,
  numbers: readonly number[],
  portal: PortalId | undefined,
): Promise<readonly Outcome[]> {
  const until = Date.now() + patience;
  for (;;) {
    const found = await letters.retried(numbers, portal);
    if (found.every(({ state }) => state !== 'waiting') || Date.now() > until) return found.map(outcomeOf);
    await sleep(look);
  }
}

function outcomeOf({ seq: number, state, ...letter }: Retried): Outcome {
  if (state === 'dead') return { number, result: 'failed', why: whyOf(letter) };
  return { number, result: state === 'done' ? 'arrived' : 'waiting' };
}

async function viewOf(options: DeskOptions, letter: DeadLetter): Promise<LetterView> {
  const { seq, lane, from, receivedAt } = letter;
  const portal = /^portal:(\d+):/.exec(lane)?.[1];
  return {
    number: seq,
    at: receivedAt.getTime(),
    from,
    ...(portal !== undefined && { portal: portalId(Number(portal)) }),
    ...(await headOf(options, letter)),
    why: whyOf(letter),
  };
}

async function headOf(
  { slack, peekMatrix }: DeskOptions,
  { from, payload }: DeadLetter,
): Promise<Pick<LetterView, 'kind' | 'writer'>> {
  if (!payload) return {};
  try {
    if (from === 'slack') return await slackHead(slack, slack.peek(payload));
    return matrixHead(await peekMatrix(payload));
  } catch {
    return {}; // it was set aside because it can't be read
  }
}

function matrixHead(event: MatrixEvent): Pick<LetterView, 'kind' | 'writer'> {
  return { kind: event.type, ...('sender' in event && { writer: event.sender }) };
}

async function slackHead(
  slack: DeskOptions['slack'],
  event: SlackEvent,
): Promise<Pick<LetterView, 'kind' | 'writer'>> {
  switch (event.type) {
    case 'message':
    case 'edit': {
      const { team, author } = event.type === 'edit' ? event.message : event;
      return { kind: event.type, writer: await nameOf(slack, team, author.id) };
    }
    case 'reaction':
      return { kind: event.type, writer: await nameOf(slack, event.team, event.user) };
    default:
      return { kind: event.type };
  }
}

async function nameOf(slack: DeskOptions['slack'], team: TeamId, author: AuthorId): Promise<string> {
  return slack.profile(team, author).then(
    ({ name }) => name,
    () => author, // Slack doesn't say it now
  );
}
