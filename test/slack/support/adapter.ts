import type { SlackSandbox, SlackSandboxOptions } from '../../../sandbox/slack/server.ts';
import { startSlackSandbox } from '../../../sandbox/slack/server.ts';
import type { SlackPlace } from '../../../src/events.ts';
import type { TeamId } from '../../../src/ids.ts';
import { channelId, teamId } from '../../../src/ids.ts';
import { silentLogger } from '../../../src/log.ts';
import type { Delivery, IntakePort } from '../../../src/queue/ports.ts';
import type { SlackTeam } from '../../../src/portal/ports.ts';
import type { EmojiStore, KnownTeams } from '../../../src/slack/ports.ts';
import type { SlackMetrics } from '../../../src/slack/metrics.ts';
import { noMetrics } from '../../../src/slack/metrics.ts';
import type { SlackSettings } from '../../../src/slack/settings.ts';
import type { SlackAdapter } from '../../../src/slack/start.ts';
import { startSlack } from '../../../src/slack/start.ts';
import { freePort } from '../../support/ports.ts';
import { MemoryTokens } from './memory-tokens.ts';

/** An intake that keeps what it is given. `refuse` so many deliveries first, as a database that is down does. */
export interface RecordingIntake extends IntakePort {
  readonly deliveries: Delivery[];
  refusals: number;
  refused: number;
  /** Nothing is stored before this. */
  stall: Promise<void> | undefined;
  /** Resolves when so many deliveries whose fact or key matches are there. */
  until(pattern: RegExp, count?: number): Promise<readonly Delivery[]>;
}

export function recordingIntake(): RecordingIntake {
  const waiting = new Set<() => void>();
  const intake: RecordingIntake = {
    deliveries: [],
    refusals: 0,
    refused: 0,
    stall: undefined,
    store: async (deliveries) => {
      await (intake.stall ?? new Promise(setImmediate));
      if (intake.refusals > 0) {
        intake.refusals -= 1;
        intake.refused += 1;
        throw new Error('the database is down');
      }
      intake.deliveries.push(...deliveries);
      for (const wake of waiting) wake();
    },
    until: async (pattern, count = 1) => {
      const matching = () => intake.deliveries.filter((each) => pattern.test(each.fact ?? each.deliveryKey));
      const deadline = Date.now() + 10_000;
      while (matching().length < count) {
        if (Date.now() > deadline)
          throw new Error(`${matching().length} of ${count} deliveries like ${String(pattern)} came`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, 200);
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
      return matching();
    },
  };
  return intake;
}

/** Workspaces' own emoji, kept as long as the test runs. */
export function memoryEmoji(): EmojiStore {
  const teams = new Map<string, Map<string, string>>();
  const of = (team: string) => teams.get(team) ?? new Map<string, string>();
  return {
    find: async (team, names) => new Map([...of(team)].filter(([name]) => names.includes(name))),
    named: async (team, values) =>
      [...of(team)].flatMap(([name, value]) => (values.includes(value) ? [name] : [])),
    change: async (team, { put = new Map<string, string>(), remove = [] }) => {
      const kept = [...of(team)].filter(([name]) => !remove.includes(name));
      teams.set(team, new Map([...kept, ...put]));
    },
    replace: async (team, all) => void teams.set(team, new Map(all)),
  };
}

export interface Workspace {
  readonly sandbox: SlackSandbox;
  readonly place: SlackPlace;
  /** Ann, a person in the channel. */
  readonly user: string;
  readonly app: ReturnType<SlackSandbox['control']['createTeam']>['app'];
}

/** A sandbox with a workspace, a person, and a channel that both the person and the app are in. */
export async function startWorkspace(options: SlackSandboxOptions = {}): Promise<Workspace> {
  const sandbox = await startSlackSandbox(options);
  sandbox.control.settings({ shareDelayMs: 0 }); // what is shared is looked for at once
  const { team, app } = sandbox.control.createTeam({ name: 'Example' });
  const user = sandbox.control.createUser({ team: team.id, name: 'ann', displayName: 'Ann', picture: true });
  const channel = sandbox.control.createChannel({ team: team.id, name: 'town', members: [user.id] });
  const place = { team: teamId(team.id), channel: channelId(channel.id) };
  sandbox.control.giveUpEvents({}); // of the making of all this: nobody listened
  return { sandbox, place, user: user.id, app };
}

export interface RunningAdapter extends Workspace {
  readonly slack: SlackAdapter;
  readonly intake: RecordingIntake;
  readonly stop: () => Promise<void>;
}

export interface AdapterOptions {
  readonly transport?: 'socket' | 'http';
  readonly listen?: boolean;
  readonly settings?: Partial<SlackSettings>;
  readonly sandbox?: SlackSandboxOptions;
  readonly metrics?: Partial<SlackMetrics>;
  readonly puppets?: MemoryTokens;
}

export function settingsFor(workspace: Workspace, changes: Partial<SlackSettings> = {}): SlackSettings {
  const { botToken, appToken, signingSecret } = workspace.app;
  return {
    apiUrl: workspace.sandbox.apiUrl,
    fileHosts: [],
    transport: 'socket',
    http: { host: '127.0.0.1', port: 0, path: '/slack/events' },
    teams: [{ botToken, appToken, signingSecret }],
    rateLimits: false,
    ...changes,
  };
}

/** Workspaces by their tokens, in memory. */
export function rememberingTeams(): KnownTeams {
  const teams = new Map<TeamId, { readonly token: string; readonly team: SlackTeam }>();
  const openedBy = (token: string) => [...teams.values()].filter((each) => each.token === token);
  return {
    find: async (token) => openedBy(token).map(({ team }) => team),
    remember: async (token, team) => void teams.set(team.id, { token, team }),
    renewed: async (token, next) => {
      for (const { team } of openedBy(token)) teams.set(team.id, { token: next, team });
    },
  };
}

/** The adapter, connected to a sandbox of its own; with `listen` events come in. */
export async function startAdapter(options: AdapterOptions = {}): Promise<RunningAdapter> {
  const workspace = await startWorkspace(options.sandbox);
  const intake = recordingIntake();
  const transport = options.transport ?? 'socket';
  const port = transport === 'http' ? await freePort() : 0;
  const http = { host: '127.0.0.1', port, path: '/slack/events' };
  const slack = await startSlack({
    settings: settingsFor(workspace, { transport, http, ...options.settings }),
    intake,
    knownTeams: rememberingTeams(),
    puppets: options.puppets ?? new MemoryTokens(),
    emojiStore: memoryEmoji(),
    log: silentLogger,
    metrics: { ...noMetrics, ...options.metrics },
  });
  if (options.listen === true) {
    await slack.listen();
    if (transport === 'http')
      await workspace.sandbox.control.configureApp({
        app: workspace.app.id,
        requestUrl: `http://127.0.0.1:${port}/slack/events`,
      });
  }
  const stop = async () => {
    await slack.stop();
    await workspace.sandbox.stop();
  };
  return { ...workspace, slack, intake, stop };
}
