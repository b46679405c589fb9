import { failpoint } from '#failpoint';
import { TryLater } from '../errors.ts';
import type { SlackUserId, TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import type { BotTokens } from './bot-tokens.ts';
import type { Effect, Failure } from './failures.ts';
import { failureOf } from './failures.ts';
import type { Fields } from './fields.ts';
import type { SlackMetrics } from './metrics.ts';
import type { PersonTokens } from './puppets.ts';
import type { Pacer } from './rate-limits.ts';
import { backgroundBucketOf, bucketOf } from './rate-limits.ts';
import type { Teams } from './teams.ts';
import { isOrganisation, notGranted } from './teams.ts';
import { createWebApi } from './web-api.ts';

/** One call of the Web API. Arguments that are `undefined` aren't sent. */
export interface Call {
  readonly team: TeamId;
  /** The linked person by whose token it is made; absent: the team's bot. Slack's limits are the app's, whoever acts. */
  readonly by?: SlackUserId | undefined;
  readonly method: string;
  readonly effect: Effect;
  /** The channel that is posted to: posts are limited by channel. */
  readonly channel?: string;
  /** The channel as whose readers it is read, where the arguments name none. */
  readonly within?: string;
  /** Nobody waits for it: leaves room for what people wait for. */
  readonly background?: boolean;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * How long after it is asked for a write may still be sent, in milliseconds: more than a wait for its turn takes. Who asks
 * has made sure of the right to write for a little longer than that; a process that was stopped meanwhile has lost it.
 */
const sendWithin = 1400;

/**
 * Makes a call and gives Slack's answer. Throws `TryLater`, `CannotBridge` whose `reason` is Slack's error code, or (for
 * posts) `Uncertain`. Never repeats a call by itself.
 */
export type CallSlack = (call: Call) => Promise<Fields>;

export interface CallsOptions {
  readonly apiUrl: string;
  readonly teams: Teams;
  readonly bots: Pick<BotTokens, 'tokenOf' | 'hasNext'>;
  readonly people: PersonTokens;
  readonly pacer: Pacer;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
}

/** Of a token that Slack doesn't take. */
const remedy =
  'Install the bridge’s Slack app there again: by “!slack install”, or in Slack, and restart the bridge if it has a new token.';

function troubleOf({ code, error }: Failure): string {
  return code === 'team_access_not_granted' ? notGranted : `${error.message}. ${remedy}`;
}

/** Methods that, by an organisation's token, have to be told which of its workspaces is meant. */
const ofOneTeam: ReadonlySet<string> = new Set([
  'bots.info',
  'conversations.list',
  'usergroups.list',
  'usergroups.users.list',
  'users.conversations',
  'users.list',
]);

function argsOf({ team, method, args }: Call, teams: Teams): Call['args'] {
  if (!isOrganisation(teams.installationOf(team))) return args;
  if (method === 'team.info') return { team, ...args };
  return ofOneTeam.has(method) ? { team_id: team, ...args } : args;
}

export function createCalls(options: CallsOptions): CallSlack {
  const { teams, bots, people, pacer, metrics } = options;
  const webApi = createWebApi(options.apiUrl);

  return async (call) => {
    const asked = performance.now();
    const { by } = call;
    const held = by === undefined ? bots.tokenOf(call.team) : people.tokenOf(call.team, by);
    const token = typeof held === 'string' ? held : await held;
    const bucket = bucketOf(call.team, call.method, call.channel);
    const background = call.background ?? false;
    try {
      if (background) await pacer.turn(backgroundBucketOf(call.team, call.method), false);
      await pacer.turn(bucket, background);
    } catch (error) {
      metrics.limited(call.method, 'us');
      throw error;
    }
    const started = performance.now();
    if (call.effect !== 'read' && started - asked > sendWithin)
      throw new TryLater(`${call.method} was not sent in time`, { after: 100 });
    const count = (outcome: string) =>
      metrics.call(call.method, outcome, (performance.now() - started) / 1000);
    try {
      failpoint('slack.before', call);
      const answer = await webApi(token, call.method, argsOf(call, teams));
      failpoint('slack.after', call);
      count('ok');
      if (by === undefined) teams.works(call.team);
      return answer;
    } catch (thrown) {
      const failure = failureOf(thrown, { ...call, limit: bucket.target });
      count(failure.kind);
      if (failure.kind === 'unreachable' || failure.kind === 'unclear') teams.unanswered(call.team);
      if (failure.kind === 'revoked' && by === undefined) {
        if (failure.code !== 'team_access_not_granted' && (await bots.hasNext(call.team, token)))
          throw new TryLater('the token of the bridge’s app was renewed', { after: 100 });
        teams.fails(call.team, troubleOf(failure));
      }
      if (failure.kind === 'limited' && failure.error instanceof TryLater) {
        metrics.limited(call.method, 'slack');
        pacer.limited(bucket, failure.error.after ?? 0);
      }
      if (by !== undefined) throw await people.afterFailure({ team: call.team, user: by, token }, failure);
      throw failure.error;
    }
  };
}
