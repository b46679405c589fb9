import winston from 'winston';
import { redactField, redactText } from './redact.ts';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * A log of events in the life of the bridge. `message` is a constant sentence, what varies goes into `fields`
 * (an error as `{ error }`). Never a text that people wrote, a file's name or a token, at any level.
 *
 * | level   | for                                                                  |
 * | ------- | -------------------------------------------------------------------- |
 * | `error` | a bug, or something an administrator has to do something about       |
 * | `warn`  | something went wrong and the bridge deals with it                    |
 * | `info`  | what an administrator wants to see when all is well: a few an hour   |
 * | `debug` | each event, for developers                                           |
 */
export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A logger that adds these fields to all that it writes. */
  child(fields: Fields): Logger;
}

/** The process's logger, from which all others descend. */
export interface RootLogger extends Logger {
  /** From now on this text is replaced wherever it would appear in the log. Shorter than 8 characters: ignored. */
  hide(secret: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogOptions {
  readonly level: LogLevel;
  /** `text`: a line for people; `json`: an object a line with `time`, `level`, `message` and the fields. */
  readonly format: 'text' | 'json';
}

const levels = { error: 0, warn: 1, info: 2, debug: 3 };

/** A logger onto `stream`, one line an entry (in text format an error's stack follows, indented). */
export function createLogger(
  options: LogOptions,
  stream: NodeJS.WritableStream = process.stdout,
): RootLogger {
  const output = winston.createLogger({
    levels,
    level: options.level,
    format: options.format === 'json' ? jsonFormat : textFormat,
    transports: [new winston.transports.Stream({ stream, eol: '\n' })],
  });
  const known = new Set<string>();

  function write(level: LogLevel, message: string, fields: Fields): void {
    if (levels[level] > levels[options.level]) return;
    const shown: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields))
      shown[name] = redactField(name, value, known, level === 'error');
    output.log({ level, message: redactText(message, known), fields: shown });
  }

  function withFields(base: Fields): Logger {
    return {
      debug: (message, fields) => write('debug', message, { ...base, ...fields }),
      info: (message, fields) => write('info', message, { ...base, ...fields }),
      warn: (message, fields) => write('warn', message, { ...base, ...fields }),
      error: (message, fields) => write('error', message, { ...base, ...fields }),
      child: (fields) => withFields({ ...base, ...fields }),
    };
  }

  return {
    ...withFields({}),
    hide: (secret) => {
      if (secret.length >= 8) known.add(secret);
    },
  };
}

/** A logger that writes nothing, for tests and for commands that print their own output. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

const jsonFormat = winston.format.printf((info) => {
  const entry: Record<string, unknown> = {
    time: new Date().toISOString(),
    level: info.level,
    message: info.message,
  };
  // a field named like one of ours is kept, under another name
  for (const [name, value] of Object.entries(fieldsOf(info)))
    entry[name in entry ? `${name}_` : name] = value;
  return JSON.stringify(entry);
});

const textFormat = winston.format.printf((info) =>
  textLine(new Date(), info.level, String(info.message), fieldsOf(info)),
);

function fieldsOf(info: winston.Logform.TransformableInfo): Fields {
  const { fields } = info;
  return typeof fields === 'object' && fields !== null ? { ...fields } : {};
}

/**
 * One entry for people: `2026-11-03T09:15:02.113Z INFO  portal linked  channel=C1 room="!x:example.org"`.
 * Values with spaces, quotes or control characters are JSON, so that no value can look like another entry; the stack
 * of an error follows on lines of its own, indented.
 */
function textLine(
  time: Date,
  level: string,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): string {
  const stacks: string[] = [];
  const words = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${word(value, stacks)}`);
  const line = [time.toISOString(), level.toUpperCase().padEnd(5), oneLine(message)].join(' ');
  return [words.length > 0 ? `${line}  ${words.join(' ')}` : line, ...stacks].join('\n');
}

function word(value: unknown, stacks: string[]): string {
  if (typeof value === 'string') return plain.test(value) ? value : JSON.stringify(value);
  if (isError(value)) {
    if (value.stack !== undefined) stacks.push(...indented(value.stack));
    return JSON.stringify(errorSentence(value));
  }
  return JSON.stringify(value) ?? String(value);
}

const plain = /^[^\s"'\\=\p{Cc}\p{Cf}]+$/u;

interface ShownError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly cause?: unknown;
}

function isError(value: unknown): value is ShownError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

function errorSentence(error: ShownError): string {
  const sentence = `${error.name}: ${error.message}`;
  return isError(error.cause) ? `${sentence} (because of ${errorSentence(error.cause)})` : sentence;
}

function indented(stack: string): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => line.trimStart().startsWith('at '))
    .map((line) => `    ${line.trim()}`);
}

function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
