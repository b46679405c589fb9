import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { startHttpIntake } from './http-intake.ts';
import type { Intake } from './intake.ts';
import type { SlackMetrics } from './metrics.ts';
import type { SlackSettings } from './settings.ts';
import type { SocketIntake } from './socket-intake.ts';
import { startSocketIntake } from './socket-intake.ts';
import type { ConnectedTeam, Teams } from './teams.ts';

export interface TransportOptions {
  readonly settings: SlackSettings;
  readonly teams: Teams;
  readonly intake: Intake;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
  readonly connected: Connected;
}

/**
 * Events of these workspaces come from now on. Before, none could come for `away` milliseconds; absent at the start of the
 * process, which doesn't know.
 */
export type Connected = (teams: readonly TeamId[], away?: number) => void;

/** How events come in, by configuration. */
export interface SlackTransport {
  /** Throws `CannotStart`. */
  listen(): Promise<void>;
  stop(): Promise<void>;
  httpPort(): number | undefined;
  /** Slack answers again for this workspace: who waits before the next try of a connection tries now. */
  tryNow(team: TeamId): void;
  /** The connections of the team's app; `undefined` where there are none to have. */
  sockets(team: TeamId): SocketState | undefined;
}

export interface SocketState {
  readonly open: number;
  readonly trouble?: string;
}

export function startTransport(options: TransportOptions): SlackTransport {
  return options.settings.transport === 'http' ? httpTransport(options) : socketTransport(options);
}

function httpTransport(options: TransportOptions): SlackTransport {
  const { settings, teams, intake, metrics, log } = options;
  let running: Awaited<ReturnType<typeof startHttpIntake>> | undefined;
  return {
    listen: async () => {
      const secrets = secretsOf(options, 'signingSecret');
      const sources = secrets.map((secret) => ({
        secret,
        members: membersOf(teams, 'signingSecret', secret),
      }));
      running = await startHttpIntake({ ...settings.http, sources, intake, metrics, log });
      options.connected(teams.all().map(({ id }) => id));
    },
    stop: async () => running?.stop(),
    httpPort: () => running?.port,
    tryNow: () => undefined,
    sockets: () => undefined,
  };
}

function socketTransport(options: TransportOptions): SlackTransport {
  const { settings, teams, intake, metrics, log } = options;
  const running = new Map<string, SocketIntake>();
  /** By app token: the connections of an app serve all of its workspaces. */
  const states = new Map<string, SocketState>();

  /** When the last connection of an app was lost. */
  const lostAt = new Map<string, number>();

  function changed(appToken: string, state: SocketState, members: readonly ConnectedTeam[]): void {
    const before = states.get(appToken)?.open ?? 0;
    states.set(appToken, state);
    metrics.sockets([...states.values()].reduce((sum, each) => sum + each.open, 0));
    if (before > 0 && state.open === 0) lostAt.set(appToken, performance.now());
    if (before > 0 || state.open === 0) return;
    const lost = lostAt.get(appToken);
    if (members.length === 0) return;
    options.connected(
      members.map(({ team }) => team.id),
      lost === undefined ? undefined : performance.now() - lost,
    );
  }

  async function open(appToken: string): Promise<void> {
    const source = { appToken, members: membersOf(teams, 'appToken', appToken) };
    const report = (count: number, trouble?: string) =>
      changed(appToken, { open: count, ...(trouble !== undefined && { trouble }) }, source.members());
    report(0);
    const { apiUrl } = settings;
    running.set(appToken, await startSocketIntake({ apiUrl, source, intake, metrics, log, changed: report }));
  }

  const stop = async () => void (await Promise.all([...running.values()].map((each) => each.stop())));
  const appTokenOf = (team: TeamId) => teams.connected().find((each) => each.team.id === team)?.appToken;
  return {
    listen: async () => {
      try {
        for (const appToken of secretsOf(options, 'appToken')) await open(appToken);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    httpPort: () => undefined,
    tryNow: (team) => {
      const appToken = appTokenOf(team);
      if (appToken !== undefined) running.get(appToken)?.tryNow();
    },
    sockets: (team) => {
      const appToken = appTokenOf(team);
      return appToken === undefined ? undefined : states.get(appToken);
    },
  };
}

/** Of the workspaces, and of the app that can be installed in others: its events come before it is. */
function secretsOf({ teams, settings }: TransportOptions, secret: Secret): readonly string[] {
  const all = [...teams.connected(), ...(settings.app ? [settings.app] : [])];
  return [...new Set(all.flatMap((each) => each[secret] ?? []))];
}

type Secret = 'appToken' | 'signingSecret';

/** The workspaces that a secret stands for, whenever they are asked for: the app may be installed in others meanwhile. */
function membersOf(teams: Teams, secret: Secret, value: string): () => readonly ConnectedTeam[] {
  return () => teams.connected().filter((each) => each[secret] === value);
}
