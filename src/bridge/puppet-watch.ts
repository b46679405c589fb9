import { CannotBridge, TryLater } from '../errors.ts';
import { textDoc } from '../format/doc.ts';
import type { Logger } from '../log.ts';
import type { MatrixPort, SlackPort } from '../portal/ports.ts';
import type { UntoldPuppet } from '../store/puppet-memory.ts';
import type { Puppets } from '../store/puppets.ts';

/** In milliseconds. What is to be told is in memory: a look that finds nothing costs nothing. */
const every = 1000;

interface Watched {
  readonly puppets: Pick<Puppets, 'untold' | 'tell'>;
  readonly matrix: Pick<MatrixPort, 'bot' | 'chatWith' | 'send'>;
  readonly slack: Pick<SlackPort, 'team'>;
  readonly log: Logger;
}

/** Tells people, in their chats with the bot, what became of their logins to Slack; each thing once. */
export function watchPuppets(
  watched: Watched,
  interval: number = every,
): { readonly stop: () => Promise<void> } {
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  let timer = setTimeout(next, interval);

  function next(): void {
    looking = look(watched).finally(() => {
      if (!stopped) timer = setTimeout(next, interval);
    });
  }

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

async function look({ puppets, matrix, slack, log }: Watched): Promise<void> {
  for (const puppet of puppets.untold()) {
    try {
      await puppets.tell(puppet, () => tell({ matrix, slack, log }, puppet));
    } catch (error) {
      if (error instanceof TryLater) log.debug('somebody could not be told of their login yet', { error });
      else log.error('somebody could not be told of their login', { error });
    }
  }
}

/** Who takes no chat with the bot goes without. */
async function tell(
  { matrix, slack, log }: Omit<Watched, 'puppets'>,
  { matrixUser, team, slackUser, notice, trouble, version }: UntoldPuppet,
): Promise<void> {
  const name = slack.team(team)?.name ?? team;
  const meanwhile =
    trouble === undefined ? '' : ' Until then what you write goes to Slack through the bot, under your name.';
  const text = textDoc(`⚠️ ${name}: ${notice}${meanwhile}`);
  try {
    const room = await matrix.chatWith(matrixUser);
    const fact = `puppet:${team}:${slackUser}:${version}`;
    await matrix.send(matrix.bot, room, { kind: 'notice', text }, { fact, part: 'notice' });
  } catch (error) {
    if (!(error instanceof CannotBridge)) throw error;
    log.info('a person takes no chat with the bot', { team, reason: error.reason });
  }
}
