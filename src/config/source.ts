import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';

export type Path = readonly (string | number)[];

/** Something that's wrong with the configuration. `path` leads to where; empty: the file as a whole. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /** For what a path can't name: a line of YAML that can't be read. */
  readonly line?: number;
}

/** A YAML text that was read. */
export interface Source {
  /** Plain values; keys without a value are left out. */
  readonly value: unknown;
  /** Reading problems; when there are any, `value` is not to be used. */
  readonly problems: readonly Problem[];
  /** The line of the key or value at `path`, or of the closest one around it, from 1. */
  lineOf(path: Path): number;
}

/** Reads YAML 1.2. A broken text gives its problems, each with a line. */
export function readYaml(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    message: `${error.message.replace(/\.$/, '')}${hintFor(error.code, error.message)}`,
    line: lines.linePos(error.pos[0]).line,
  }));
  return {
    value: problems.length > 0 ? undefined : withoutNulls(document.toJS({ maxAliasCount: 100 })),
    problems,
    lineOf: (path) => lines.linePos(offsetOf(document, path)).line,
  };
}

function hintFor(code: string, message: string): string {
  if (code === 'BAD_ALIAS' || /reserved character|unresolved alias/i.test(message))
    return ': put keys and values that begin with @ or * into quotes';
  if (code === 'TAB_AS_INDENT') return ': indent with spaces';
  return '';
}

function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment));
      if (!pair) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof segment === 'number') {
      node = node.items[segment];
      offset = rangeStart(node) ?? offset;
    } else break;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** A key whose children are all commented out is as good as left out. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** `slack.teams[0].bot_token` */
export function pathText(path: Path): string {
  return path
    .map((segment, index) => {
      if (typeof segment === 'number') return `[${segment}]`;
      const shown = /^[\w-]+$/.test(segment) ? segment : JSON.stringify(segment);
      return index === 0 ? shown : `.${shown}`;
    })
    .join('');
}
