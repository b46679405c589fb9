import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { MatrixAdapter } from '../matrix/start-matrix.ts';
import type { Item } from '../queue/ports.ts';
import type { SlackAdapter } from '../slack/start.ts';
import type { Store } from '../store/open-store.ts';
import { createRoomCatchUp } from './catch-up-rooms.ts';
import { deriveKeys } from './keys.ts';
import type { Meters } from './meters.ts';
import type { Recovery } from './recovery.ts';
import { openRestore } from './restore.ts';
import { readSlackHistory, slackParts } from './slack-history.ts';

interface Parts {
  readonly store: Store;
  readonly slack: SlackAdapter;
  readonly matrix: MatrixAdapter;
  readonly meters: Pick<Meters, 'history' | 'foundInSlack'>;
  readonly recovery: Pick<Recovery, 'watchedBy'>;
}

/** Reads what both networks keep, wherever events may be missing or the bridge doesn't know what it did. */
export interface Histories {
  /** What the worker's next item waits for, if anything. Never rejects. */
  holdBack(item: Item): Promise<void> | undefined;
  /** When events come from both sides. */
  begin(): void;
  stop(): Promise<void>;
}

/** Before events come: from then on gaps are noticed. Throws `TryLater` when the database can't be asked. */
export async function openHistories(config: Config, log: Logger, parts: Parts): Promise<Histories> {
  const { store, slack, matrix, meters, recovery } = parts;
  const channels = await readSlackHistory(config, log, parts);
  const rooms = createRoomCatchUp({
    store,
    readRoom: matrix.readRoom,
    isLeftOut: (portal) => restore.isPending(portal),
    metrics: meters.history,
    log,
  });
  const restore = await openRestore({
    store,
    matrix,
    slack: slackParts(log, parts),
    readRoom: (portal) => rooms.read(portal),
    compared: (portal) => channels.compared(portal),
    unreact: (place, ts, name) => slack.unreact(place, ts, name),
    opKey: deriveKeys(store.bridgeId).opKey,
    log,
  });
  recovery.watchedBy(rooms);
  return {
    holdBack: (item) => restore.holdBack(item) ?? channels.holdBack(item),
    begin() {
      rooms.begin();
      restore.start();
    },
    async stop() {
      restore.stop();
      rooms.stop();
      await channels.stop();
    },
  };
}
