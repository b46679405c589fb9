import pg from 'pg';
import type { Scene } from '../../support/bridge.ts';
import { arrivalsFromMatrix, arrivalsFromSlack } from '../../support/bridge/late.ts';
import type { Stream } from './stream.ts';

/** How many items in the bridge's inbox aren't done. */
export async function openInbox({
  databaseUrl,
}: Pick<Scene, 'databaseUrl'>): Promise<{ waiting(): Promise<number>; close(): Promise<void> }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  return {
    async waiting() {
      const { rows } = await client.query<{ count: string }>(
        `select count(*) from inbox where state in ('ready', 'parked')`,
      );
      return Number(rows[0]?.count);
    },
    close: () => client.end(),
  };
}

/** Texts that the networks brought late. */
export interface Late {
  readonly slack: ReadonlySet<string>;
  readonly matrix: ReadonlySet<string>;
}

/**
 * The texts of each stream that were stored after younger ones: the bridge keeps the order of what it has.
 */
export async function lateTexts(
  { databaseUrl }: Pick<Scene, 'databaseUrl'>,
  streams: readonly Stream[],
): Promise<ReadonlyMap<Stream, Late>> {
  const matrix = await arrivalsFromMatrix(databaseUrl);
  const slack = await arrivalsFromSlack(databaseUrl);
  return new Map(
    streams.map((stream) => {
      const { linked, fromSlack, fromMatrix } = stream;
      const { id } = linked.channel;
      return [
        stream,
        {
          slack: lateOf(fromSlack.map(({ text, ts }) => ({ text, arrival: slack.get(`${id} ${ts}`) }))),
          matrix: lateOf(fromMatrix.map(({ text, event }) => ({ text, arrival: matrix.get(event) }))),
        },
      ] as const;
    }),
  );
}

/** Those that arrived after one that was written later. */
function lateOf(
  written: readonly { readonly text: string; readonly arrival: number | undefined }[],
): ReadonlySet<string> {
  const late = new Set<string>();
  let earliest = Infinity;
  for (const { text, arrival } of written.toReversed()) {
    if (arrival === undefined) continue;
    if (arrival > earliest) late.add(text);
    else earliest = arrival;
  }
  return late;
}
