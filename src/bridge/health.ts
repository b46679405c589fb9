import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { PartHealth } from '../web/server.ts';

/** How each part of the bridge is, by its name: what /readyz shows. */
export function createHealth(parts: {
  readonly database: () => PartHealth;
  readonly matrix: Pick<MatrixAdapter, 'health'>;
  readonly slack: Pick<SlackAdapter, 'health'>;
}): () => Promise<Readonly<Record<string, PartHealth>>> {
  return () =>
    Promise.resolve({
      database: parts.database(),
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
