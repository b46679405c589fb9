import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readEntries } from '../corpus/entry.ts';
import { enveloped } from '../corpus/envelope.ts';

/** The four kinds of what strangers write and the bridge reads; each has a folder of real shapes in `corpus/`. */
export type Kind = 'slack-bodies' | 'matrix-events' | 'mrkdwn' | 'html';

/**
 * What is read. In `corpus/` each format has files of its own: `.json`, `.form` (a body as an HTML form posts it; what is
 * JSON in it is read), `.txt`, `.bin`.
 */
export type Input =
  | { readonly format: 'json' | 'form'; readonly value: unknown }
  | { readonly format: 'text'; readonly text: string }
  | { readonly format: 'bytes'; readonly bytes: Buffer };

export interface CorpusEntry {
  readonly name: string;
  readonly input: Input;
}

const folder = (kind: Kind): string => fileURLToPath(new URL(`corpus/${kind}/`, import.meta.url));

/** All of a kind: in the order of their names real shapes, and what was found to fail once; then whole messages of `test/corpus`. */
export function readCorpus(kind: Kind): readonly CorpusEntry[] {
  const own = readdirSync(folder(kind))
    .toSorted()
    .map((name) => ({ name, input: inputOf(extname(name), readFileSync(`${folder(kind)}${name}`)) }));
  return [...own, ...metInTheWild(kind)];
}

function metInTheWild(kind: Kind): readonly CorpusEntry[] {
  switch (kind) {
    case 'slack-bodies':
      return readEntries('slack').map(({ name, event, envelope }) => ({
        name,
        input: { format: 'json', value: enveloped(event, envelope) },
      }));
    case 'matrix-events':
      return readEntries('matrix').map(({ name, event }) => ({
        name,
        input: { format: 'json', value: event },
      }));
    case 'mrkdwn':
      return readEntries('slack').map(({ name, event }) => ({
        name,
        input: { format: 'json', value: event },
      }));
    case 'html':
      return readEntries('matrix').flatMap(({ name, event }) => {
        const html = z.object({ content: z.object({ formatted_body: z.string() }) }).safeParse(event);
        return html.success
          ? [{ name, input: { format: 'text', text: html.data.content.formatted_body } }]
          : [];
      });
  }
}

/** Keeps an input that failed, so that it is tried in every run from now on; returns its file's name. */
export function keepInCorpus(kind: Kind, found: Input): string {
  const input = storable(found);
  const bytes = input.format === 'json' ? Buffer.from(JSON.stringify(input.value, null, 2)) : bytesOf(input);
  const name = `found-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}${ending(input)}`;
  writeFileSync(`${folder(kind)}${name}`, bytes);
  return name;
}

/** As it goes over the wire. */
export function bytesOf(input: Input): Buffer {
  switch (input.format) {
    case 'json':
      return Buffer.from(JSON.stringify(input.value));
    case 'form':
      return Buffer.from(formOf(input.value));
    case 'text':
      return Buffer.from(input.text);
    case 'bytes':
      return input.bytes;
  }
}

/** A file of text can't hold half of a surrogate pair; JSON can. */
function storable(input: Input): Input {
  const torn = input.format === 'text' && !input.text.isWellFormed();
  return torn ? { format: 'json', value: input.text } : input;
}

function ending(input: Input): string {
  switch (input.format) {
    case 'json':
      return '.json';
    case 'form':
      return '.form';
    case 'text':
      return '.txt';
    case 'bytes':
      return '.bin';
  }
}

function inputOf(extension: string, bytes: Buffer): Input {
  const text = bytes.toString('utf8');
  switch (extension) {
    case '.json':
      return { format: 'json', value: JSON.parse(text) };
    case '.form':
      return { format: 'form', value: fieldsOf(text) };
    case '.txt':
      return { format: 'text', text };
    default:
      return { format: 'bytes', bytes };
  }
}

function fieldsOf(text: string): unknown {
  const fields = [...new URLSearchParams(text)].map(([name, value]) => [
    name,
    name === 'payload' ? jsonOr(value) : value,
  ]);
  return Object.fromEntries(fields) as unknown; // what fromEntries makes is `any`
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function formOf(value: unknown): string {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [['payload', value]];
  const texts = fields.map(([name, field]): [string, string] => [
    String(name),
    typeof field === 'string' ? field : JSON.stringify(field),
  ]);
  return new URLSearchParams(texts).toString();
}
