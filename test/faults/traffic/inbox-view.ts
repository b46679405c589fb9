import pg from 'pg';

/** What the bridge's database tells about the order in which things came to it. */
export interface InboxView {
  /** Items that aren't done. */
  waiting(): Promise<number>;
  /**
   * The texts that were stored after younger ones of their stream: the networks brought them late, and the bridge keeps the
   * order of what it has.
   */
  late(
    fromSlack: readonly { readonly text: string; readonly ts: string }[],
    fromMatrix: readonly { readonly text: string; readonly event: string }[],
  ): Promise<{ readonly fromSlack: ReadonlySet<string>; readonly fromMatrix: ReadonlySet<string> }>;
  close(): Promise<void>;
}

export async function openInboxView(databaseUrl: string): Promise<InboxView> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();

  async function numbers(text: string): Promise<ReadonlyMap<string, number>> {
    const { rows } = await client.query<{ id: string; seq: string }>(text);
    return new Map(rows.map(({ id, seq }) => [id, Number(seq)] as const));
  }

  return {
    async waiting() {
      const { rows } = await client.query<{ count: string }>(
        `select count(*) from inbox where state in ('ready', 'parked')`,
      );
      return Number(rows[0]?.count);
    },
    async late(fromSlack, fromMatrix) {
      const [slack, matrix] = [
        await numbers(
          `select subject as id, min(seq) as seq from inbox where subject is not null group by subject`,
        ),
        await numbers(
          `select substr(event, 7) as id, min(seq) as seq from inbox, unnest(about) event
           where network = 'matrix' and event like 'event:%' group by event`,
        ),
      ];
      return {
        fromSlack: lateOf(fromSlack.map(({ text, ts }) => ({ text, seq: slack.get(ts) }))),
        fromMatrix: lateOf(fromMatrix.map(({ text, event }) => ({ text, seq: matrix.get(event) }))),
      };
    },
    close: () => client.end(),
  };
}

/** Those whose number is greater than that of one written later. */
function lateOf(
  written: readonly { readonly text: string; readonly seq: number | undefined }[],
): ReadonlySet<string> {
  const late = new Set<string>();
  let earliest = Infinity;
  for (const { text, seq } of written.toReversed()) {
    if (seq === undefined) continue;
    if (seq > earliest) late.add(text);
    else earliest = seq;
  }
  return late;
}
