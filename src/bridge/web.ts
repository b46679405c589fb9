import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Metrics } from '../metrics.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import { createLoginPages } from '../web/login/handler.ts';
import type { PictureLinks } from '../web/picture-links.ts';
import { createPictureHandler } from '../web/pictures.ts';
import { startWebServer } from '../web/server.ts';
import type { WebOptions } from '../web/server.ts';
import { createLoginDesk } from './login-desk.ts';
import type { LoginParts } from './login-parts.ts';
import type { Transfers } from './transfers.ts';

interface WebParts {
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly files: Pick<Transfers, 'underWay'>;
  readonly pictures: PictureLinks | undefined;
  readonly logins: LoginParts;
  readonly metrics: Metrics;
  readonly health: WebOptions['health'];
}

/** Starts the bridge's own web server; the result ends it. Throws `CannotStart`. */
export async function startWeb(config: Config, log: Logger, parts: WebParts): Promise<() => Promise<void>> {
  const { pictures, matrix, metrics, health, logins } = parts;
  const { publicUrl } = logins;
  const webLog = log.child({ part: 'web' });
  measureBeforeReading(parts);
  const server = await startWebServer({
    host: config.web.host,
    port: config.web.port,
    health,
    metrics,
    ...(pictures && {
      pictures: createPictureHandler({
        read: (path) => pictures.read(path),
        thumbnail: (picture, size) => matrix.thumbnail(picture, size),
        log: webLog,
        count: (outcome) => metrics.pictures.inc({ outcome }),
      }),
    }),
    ...(publicUrl !== undefined && {
      login: createLoginPages({ desk: createLoginDesk(logins), publicUrl, log: webLog }),
    }),
    log: webLog,
  });
  return () => server.stop();
}

function measureEncryption({ matrix, metrics }: Pick<WebParts, 'matrix' | 'metrics'>): void {
  const state = matrix.encryption?.health();
  if (!state) return;
  metrics.encryptionUp.set(state.trouble === undefined ? 1 : 0);
  metrics.encryptionLeads.set(state.leads ? 1 : 0);
  if (state.device) metrics.botDeviceSigned.set(state.device.signed ? 1 : 0);
  if (state.device) metrics.oneTimeKeys.set(state.device.oneTimeKeys);
  metrics.openMachines.set(state.openMachines);
  metrics.missingKeys.set(state.missingKeys);
  metrics.undecryptable.reset();
  for (const { room, reason, count } of state.undecryptable)
    metrics.undecryptable.inc({ room, reason }, count);
}

/** Gauges of what is asked for when somebody reads the metrics. */
function measureBeforeReading({ store, slack, matrix, files, metrics }: WebParts): void {
  if (matrix.encryption) metrics.beforeReading(() => measureEncryption({ matrix, metrics }));
  metrics.beforeReading(() => {
    metrics.databaseUp.set(store.health().ok ? 1 : 0);
    metrics.statements.set(store.statements());
    for (const direction of ['to_matrix', 'to_slack'] as const)
      metrics.transfersUnderWay.set({ direction }, files.underWay(direction));
    metrics.portals.reset();
    metrics.restored.set(store.restored.left());
    for (const { status } of store.portals.all()) metrics.portals.inc({ status });
    for (const { team, ok } of slack.health()) metrics.teamUp.set({ team }, ok ? 1 : 0);
  });
  metrics.beforeReading(async () => {
    const { toMatrix, toSlack, parked } = await store.depth();
    const age = (oldest: number | undefined): number =>
      oldest === undefined ? 0 : (Date.now() - oldest) / 1000;
    metrics.waiting.set({ from: 'slack', state: 'ready' }, toMatrix.items);
    metrics.waiting.set({ from: 'matrix', state: 'ready' }, toSlack.items);
    metrics.waiting.set({ from: 'all', state: 'parked' }, parked);
    metrics.oldest.set({ from: 'slack' }, age(toMatrix.oldest));
    metrics.oldest.set({ from: 'matrix' }, age(toSlack.oldest));
  });
}
