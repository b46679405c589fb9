/**
 * The last guard between secrets and the log: whoever logs must not pass secrets or people's messages in the first
 * place, but a vendor's error text may hold a token.
 */

const gone = '[redacted]';

/** Fields with these names never show their value, whatever it is. */
const secretName =
  /token|secret|password|passphrase|authorization|cookie|signature|private_?key|^(as|hs)_|^key$/i;

/** Names that only sound secret. */
const harmlessName = /^(tokens?_(left|count)|token_type|key_id|op_key_found)$/i;

const shapes: readonly (readonly [RegExp, string])[] = [
  [/\bxox[a-z]-[\w.%-]+/gi, gone],
  [/\bxoxe\.[\w.%-]+/gi, gone],
  [/\bxapp-[\w-]+/gi, gone],
  [/\b(?:syt|syr|mat|mct|mpt|mcr)_[\w-]{8,}/g, gone],
  [/\b(Bearer|Basic)\s+[\w.~+/=%-]+/gi, `$1 ${gone}`],
  [
    /((?:access_?token|as_token|hs_token|refresh_token|client_secret|token|secret|password|code|ticket)["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi,
    `$1${gone}`,
  ],
  [/(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,100}:)[^\s/@]{1,200}@/gi, `$1${gone}@`],
];

/** The longest text in a field; what is longer is cut. */
const longest = 2000;
const deepest = 4;
const widest = 50;

/** Replaces secrets in a text: by shape, and those in `known`. */
export function redactText(text: string, known: ReadonlySet<string>): string {
  let result = text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
  for (const secret of known) result = result.replaceAll(secret, gone);
  for (const [shape, replacement] of shapes) result = result.replace(shape, replacement);
  return result;
}

/**
 * A copy of a field's value that JSON can hold: secrets replaced, errors as name and message (with their stack when
 * `stacks`), bytes as their count, long and deep things cut. Total: nothing throws.
 */
export function redactField(
  name: string,
  value: unknown,
  known: ReadonlySet<string>,
  stacks: boolean,
): unknown {
  return copy(name, value, { known, stacks }, 0);
}

interface Context {
  readonly known: ReadonlySet<string>;
  readonly stacks: boolean;
}

function copy(name: string, value: unknown, context: Context, depth: number): unknown {
  if (value === undefined || value === null) return value;
  if (secretName.test(name) && !harmlessName.test(name)) return gone;
  switch (typeof value) {
    case 'string':
      return redactText(value, context.known);
    case 'number':
    case 'boolean':
      return value;
    case 'bigint':
      return value.toString();
    case 'symbol':
    case 'function':
      return `<${typeof value}>`;
    case 'object':
      return copyObject(value, context, depth);
    default:
      return undefined;
  }
}

function copyObject(value: object, context: Context, depth: number): unknown {
  if (value instanceof Error) return copyError(value, context, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href, context.known);
  if (ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`;
  if (depth >= deepest) return '<…>';
  if (value instanceof Set) return copyObject([...value], context, depth);
  if (value instanceof Map) return copyObject(Object.fromEntries<unknown>(value), context, depth);
  if (Array.isArray(value)) {
    const items = value.slice(0, widest).map((item: unknown) => copy('', item, context, depth + 1));
    return value.length > widest ? [...items, `… (${value.length} items)`] : items;
  }
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value).slice(0, widest))
    result[name] = copy(name, inner, context, depth + 1);
  return result;
}

function copyError(error: Error, context: Context, depth: number): unknown {
  const { code } = error as { code?: unknown }; // Node and pg put one here
  return {
    name: error.name,
    message: redactText(error.message, context.known),
    ...(typeof code === 'string' && { code }),
    ...(context.stacks && error.stack !== undefined && { stack: redactText(error.stack, context.known) }),
    ...(error.cause !== undefined &&
      depth < deepest && { cause: copy('cause', error.cause, context, depth + 1) }),
  };
}
