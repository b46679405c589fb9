import type { TeamId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { startHttpIntake } from './http-intake.ts';
import type { Intake } from './intake.ts';
import { groupBy } from './intake.ts';
import type { SlackMetrics } from './metrics.ts';
import type { SlackSettings } from './settings.ts';
import { startSocketIntake } from './socket-intake.ts';
import type { ConnectedTeam, Teams } from './teams.ts';

export interface TransportOptions {
  readonly settings: SlackSettings;
  readonly teams: Teams;
  readonly intake: Intake;
  readonly metrics: SlackMetrics;
  readonly log: Logger;
}

/** How events come in, by configuration. */
export interface SlackTransport {
  /** Throws `CannotStart`. */
  listen(): Promise<void>;
  stop(): Promise<void>;
  httpPort(): number | undefined;
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

function httpTransport({ settings, teams, intake, metrics, log }: TransportOptions): SlackTransport {
  let running: Awaited<ReturnType<typeof startHttpIntake>> | undefined;
  return {
    listen: async () => {
      const groups = groupBy(teams.connected(), (team) => team.signingSecret);
      const sources = [...groups].map(([secret, members]) => ({ secret, teams: members }));
      running = await startHttpIntake({ ...settings.http, sources, intake, metrics, log });
    },
    stop: async () => running?.stop(),
    httpPort: () => running?.port,
    sockets: () => undefined,
  };
}

function socketTransport({ settings, teams, intake, metrics, log }: TransportOptions): SlackTransport {
  const running: { stop(): Promise<void> }[] = [];
  /** By app token: the connections of an app serve all of its workspaces. */
  const states = new Map<string, SocketState>();

  function changed(appToken: string, state: SocketState): void {
    states.set(appToken, state);
    metrics.sockets([...states.values()].reduce((sum, each) => sum + each.open, 0));
  }

  async function open(appToken: string, members: readonly ConnectedTeam[]): Promise<void> {
    const source = { appToken, teams: members };
    const report = (count: number, trouble?: string) =>
      changed(appToken, { open: count, ...(trouble !== undefined && { trouble }) });
    report(0);
    running.push(
      await startSocketIntake({ apiUrl: settings.apiUrl, source, intake, metrics, log, changed: report }),
    );
  }

  const stop = async () => void (await Promise.all(running.map((each) => each.stop())));
  return {
    listen: async () => {
      const groups = groupBy(teams.connected(), (team) => team.appToken);
      try {
        for (const [appToken, members] of groups) await open(appToken, members);
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    httpPort: () => undefined,
    sockets: (team) => {
      const appToken = teams.connected().find((each) => each.team.id === team)?.appToken;
      return appToken === undefined ? undefined : states.get(appToken);
    },
  };
}
