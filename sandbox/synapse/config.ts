import { join } from 'node:path';
import type { PostgresConnection } from '../../src/store/embedded-postgres.ts';

/** What the generated configuration of a Synapse depends on. */
export interface SynapseSettings {
  /** Holds everything of this server: configuration, keys, log, media and, with SQLite, the database. */
  readonly folder: string;
  readonly serverName: string;
  /** The port of 127.0.0.1 for clients. */
  readonly port: number;
  /** Paths of application service registrations. */
  readonly registrations: readonly string[];
  /** A PostgreSQL database must have the `C` collation. */
  readonly database: 'sqlite' | PostgresConnection;
  /** `off` raises all of them out of the way; `default` keeps Synapse's own. */
  readonly rateLimits: 'off' | 'default';
  /** What an upload may have at most, in Synapse's words; absent: `100M`. */
  readonly largestUpload?: string;
  /** Other servers on this machine reach it at this port of localhost, which is then part of its name; absent: there are none. */
  readonly federation?: SynapseFederation;
  readonly secrets: SynapseSecrets;
}

/** The paths of a certificate for localhost and its key, in PEM. Servers trust each other by having the same. */
export interface SynapseFederation {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
}

export interface SynapseSecrets {
  readonly registration: string;
  readonly macaroon: string;
  readonly form: string;
}

/** The address for clients. */
export function clientUrl(settings: Pick<SynapseSettings, 'port'>): string {
  return `http://127.0.0.1:${settings.port}`;
}

/**
 * homeserver.yaml as an object (JSON is YAML). A server on loopback, that asks nothing of the internet; it federates, if at
 * all, with others there.
 * @see https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html
 */
export function homeserverConfig(settings: SynapseSettings): Readonly<Record<string, unknown>> {
  const inside = (name: string): string => join(settings.folder, name);
  return {
    server_name: settings.serverName,
    public_baseurl: `${clientUrl(settings)}/`,
    listeners: [
      {
        port: settings.port,
        type: 'http',
        tls: false,
        bind_addresses: ['127.0.0.1'],
        resources: [{ names: ['client'], compress: false }],
      },
      ...federationListeners(settings),
    ],
    ...federationConfig(settings),
    database: databaseConfig(settings),
    pid_file: inside('homeserver.pid'),
    log_config: inside('log.json'),
    signing_key_path: inside('signing.key'),
    media_store_path: inside('media'),
    app_service_config_files: settings.registrations,
    registration_shared_secret: settings.secrets.registration,
    macaroon_secret_key: settings.secrets.macaroon,
    form_secret: settings.secrets.form,
    enable_registration: false,
    bcrypt_rounds: 4, // passwords of throw-away people
    max_upload_size: settings.largestUpload ?? '100M',
    url_preview_enabled: false,
    enable_authenticated_media: true,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    report_stats: false,
    stats: { enabled: false },
    ...(settings.rateLimits === 'off' && withoutRateLimits()),
  };
}

/** Synapse's Python logging configuration: a file, warnings only (the level `INFO` has a line for each request). */
export function logConfig(folder: string, level: 'INFO' | 'WARNING'): Readonly<Record<string, unknown>> {
  return {
    version: 1,
    formatters: { line: { format: '%(asctime)s %(name)s %(levelname)s %(request)s %(message)s' } },
    handlers: {
      file: { class: 'logging.FileHandler', formatter: 'line', filename: join(folder, 'homeserver.log') },
    },
    root: { level, handlers: ['file'] },
    disable_existing_loggers: false,
  };
}

function federationListeners({ federation }: SynapseSettings): readonly object[] {
  if (!federation) return [];
  const resources = [{ names: ['federation', 'keys'], compress: false }];
  return [{ port: federation.port, type: 'http', tls: true, bind_addresses: ['127.0.0.1'], resources }];
}

function federationConfig({ federation }: SynapseSettings): Readonly<Record<string, unknown>> {
  if (!federation) return {};
  return {
    tls_certificate_path: federation.certificate,
    tls_private_key_path: federation.key,
    federation_custom_ca_list: [federation.certificate],
    ip_range_blacklist: [], // they are on loopback, which Synapse asks nothing of otherwise
    rc_federation: { window_size: 1000, sleep_limit: 10_000, sleep_delay: 1, reject_limit: 100_000 },
  };
}

function databaseConfig(settings: SynapseSettings): Readonly<Record<string, unknown>> {
  if (settings.database === 'sqlite') {
    return { name: 'sqlite3', args: { database: join(settings.folder, 'homeserver.db') } };
  }
  const { host, port, user, database } = settings.database;
  return { name: 'psycopg2', args: { host, port, user, dbname: database, cp_min: 2, cp_max: 5 } };
}

function withoutRateLimits(): Readonly<Record<string, unknown>> {
  const free = { per_second: 10_000, burst_count: 10_000 };
  return {
    rc_message: free,
    rc_registration: free,
    rc_registration_token_validity: free,
    rc_login: { address: free, account: free, failed_attempts: free },
    rc_admin_redaction: free,
    rc_joins: { local: free, remote: free },
    rc_joins_per_room: free,
    rc_3pid_validation: free,
    rc_invites: { per_room: free, per_user: free, per_issuer: free },
    rc_third_party_invite: free,
    rc_media_create: free,
    rc_presence: { per_user: free },
    rc_delayed_event_mgmt: free,
    rc_room_creation: free,
    rc_key_requests: free,
    rc_reports: free,
    rc_user_directory: free,
  };
}
