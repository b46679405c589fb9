import type { TeamId } from '../ids.ts';

/** What the adapter is told by configuration. Secrets are resolved. */
export interface SlackSettings {
  readonly apiUrl: string;
  /** Where people allow an app; without a query. Absent: Slack's own. */
  readonly authorizeUrl?: string;
  /** Hosts that may have private addresses, besides the API's own. */
  readonly fileHosts: readonly string[];
  readonly transport: 'socket' | 'http';
  /** For teams without one of their own. */
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly http: { readonly host: string; readonly port: number; readonly path: string };
  readonly teams: readonly TeamSettings[];
  /** The app that can be installed in workspaces by a link; absent: those of `teams` are all there are. */
  readonly app?: AppSettings;
  /** Whether calls are paced; a 429 is obeyed in any case. */
  readonly rateLimits: boolean;
  /** Whether people's addresses are looked at. */
  readonly matchPeople?: boolean;
}

export interface TeamSettings {
  readonly botToken: string;
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly client?: OAuthClient;
  /** By a link of the bridge; see `ConnectedTeam`. */
  readonly installation?: TeamId;
}

/** An app, wherever it is installed. */
export interface AppSettings {
  readonly client: OAuthClient;
  /** With transport `socket`. */
  readonly appToken?: string | undefined;
  /** With transport `http`. */
  readonly signingSecret?: string | undefined;
}

/** What an app shows when people allow it to act for them. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}
