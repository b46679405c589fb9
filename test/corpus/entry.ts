import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** From which side a message comes; each has a folder. */
export type Side = 'slack' | 'matrix';

const fields = z.record(z.string(), z.unknown());

/**
 * One file of the corpus: an event as it is met, and what has to be known to read it.
 *
 * `event` is the event itself: of Slack's Events API what stands in `event`, of Matrix what stands in a transaction.
 * `envelope` is what Slack's envelope has otherwise than usual, `before` what happened first, `names` how people and
 * apps of Slack are called, `policy` what was set for the portal, `channel` and `pinned` how Slack shows the channel by now,
 * `files` its answers when it is asked for files.
 */
const schema = z.strictObject({
  what: z.string(),
  source: z.url(),
  names: z.record(z.string(), z.string()).default({}),
  policy: z.record(z.string(), z.unknown()).default({}),
  envelope: fields.default({}),
  channel: fields.default({}),
  pinned: z.array(z.string()).default([]),
  files: z.array(fields).default([]),
  before: z.array(fields).default([]),
  event: fields,
});

export type Entry = Readonly<z.infer<typeof schema>> & {
  readonly name: string;
  readonly side: Side;
};

export function readEntries(side: Side): readonly Entry[] {
  return readdirSync(folderOf(side))
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => readEntry(side, file));
}

function readEntry(side: Side, file: string): Entry {
  const content: unknown = JSON.parse(readFileSync(`${folderOf(side)}${file}`, 'utf8'));
  const read = schema.safeParse(content);
  if (!read.success) throw new Error(`test/corpus/${side}/${file}: ${z.prettifyError(read.error)}`);
  return { ...read.data, name: basename(file, '.json'), side };
}

/** Where what should become of an entry stands. */
export function goldenFile({ side, name }: Pick<Entry, 'side' | 'name'>): string {
  return `${folderOf(side)}${name}.golden.yaml`;
}

/** The goldens that are there, by the names of their entries. */
export function goldenNames(side: Side): readonly string[] {
  const end = '.golden.yaml';
  return readdirSync(folderOf(side)).flatMap((file) =>
    file.endsWith(end) ? file.slice(0, -end.length) : [],
  );
}

function folderOf(side: Side): string {
  return fileURLToPath(new URL(`${side}/`, import.meta.url));
}
