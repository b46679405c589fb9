import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { PartHealth } from '../web/server.ts';

const noDatabase =
  'PostgreSQL can’t be reached. Nothing is lost: what comes is refused until it is back, and both networks send it again.';

/** How each part of the bridge is, by its name: what /readyz shows. */
export function createHealth(parts: {
  readonly database: () => { readonly ok: boolean };
  readonly matrix: Pick<MatrixAdapter, 'health'>;
  readonly slack: Pick<SlackAdapter, 'health'>;
}): () => Promise<Readonly<Record<string, PartHealth>>> {
  return () =>
    Promise.resolve({
      database: parts.database().ok ? { ok: true } : { ok: false, reason: noDatabase },
      homeserver: parts.matrix.health(),
      ...Object.fromEntries(
        parts.slack
          .health()
          .map(({ team, name, ok, trouble }) => [
            `slack ${team} (${name})`,
            { ok, ...(trouble !== undefined && { reason: trouble }) },
          ]),
      ),
    });
}
