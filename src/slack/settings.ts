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
  /** Whether calls are paced; a 429 is obeyed in any case. */
  readonly rateLimits: boolean;
}

export interface TeamSettings {
  readonly botToken: string;
  readonly appToken?: string | undefined;
  readonly signingSecret?: string | undefined;
  readonly client?: OAuthClient;
}

/** What an app shows when people allow it to act for them. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}
