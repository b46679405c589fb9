import { Writable } from 'node:stream';
import type { Logger } from '../log.ts';

/**
 * Vendors' own debug output holds whole payloads, so people's messages: it is dropped, at every level of ours. Their
 * `info` is our `debug`; of warnings and errors the text is kept, cut short.
 */

/** The logger that Slack's libraries take; `Level` is their enum, which only their own folder imports. */
export interface VendorLogger<Level> {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
  setLevel(level: Level): void;
  getLevel(): Level;
  setName(name: string): void;
}

/**
 * The `logger` option of Slack's libraries. `level` is what `getLevel()` answers; pass `LogLevel.INFO`, so that they
 * don't even compose what is dropped.
 */
export function slackLogger<Level>(log: Logger, level: Level): VendorLogger<Level> {
  return {
    debug: () => undefined,
    info: (...parts) => log.debug('from the Slack library', { text: sentence(parts) }),
    warn: (...parts) => log.warn('from the Slack library', { text: sentence(parts) }),
    error: (...parts) => log.error('from the Slack library', { text: sentence(parts) }),
    setLevel: () => undefined,
    getLevel: () => level,
    setName: () => undefined,
  };
}

/**
 * A stream for the Matrix bridge library, which can't be given a logger but writes JSON lines onto a stream:
 * `Logger.root.configureLogging({ json: true }, libraryStream(log))`.
 */
export function libraryStream(log: Logger): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      for (const line of String(chunk).split('\n')) if (line !== '') logLibraryLine(log, line);
      done();
    },
  });
}

function logLibraryLine(log: Logger, line: string): void {
  const entry = parsed(line);
  const text = cut(typeof entry['message'] === 'string' ? entry['message'] : line);
  const fields = { module: entry['module'], text };
  switch (String(entry['level']).toLowerCase()) {
    case 'error':
      return log.error('from the Matrix library', fields);
    case 'warn':
      return log.warn('from the Matrix library', fields);
    case 'info':
      return log.debug('from the Matrix library', fields);
    default:
      return undefined;
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {}; // a line that isn't JSON has no level, and so is dropped
  }
}

/** Texts and the messages of errors; other values could be payloads. */
function sentence(parts: readonly unknown[]): string {
  const texts = parts.map((part) => {
    if (typeof part === 'string') return part;
    return part instanceof Error ? `${part.name}: ${part.message}` : '';
  });
  return cut(texts.filter((text) => text !== '').join(' '));
}

function cut(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

/** The logger that the crypto module takes. It logs at `info` what it does, by user and room: dropped. */
export interface CryptoModuleLogger {
  debug(text: unknown): void;
  info(text: unknown): void;
  warn(text: unknown): void;
  error(text: unknown): void;
}

/** What it warns of is mostly what other people's devices did, and what we are told of otherwise. */
export function cryptoModuleLogger(log: Logger): CryptoModuleLogger {
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (text) => log.debug('from the crypto module', { text: sentence([text]) }),
    error: (text) => log.warn('from the crypto module', { text: sentence([text]) }),
  };
}
