/** How names of people are put together, as administrators write it: `{name}[ ({org})]`. */

/** What may stand in a template, between braces; a value that is absent or empty leaves nothing. */
export type NameParts = Readonly<Record<(typeof placeholders)[number], string | undefined>>;

const placeholders = [
  'name',
  'real_name',
  'username',
  'title',
  'org',
  'bot',
  'status',
  'deactivated',
] as const;

/** Of these one has to be there: the others are empty for most people. */
const naming: readonly string[] = ['name', 'real_name', 'username'];

export type NameTemplate = (parts: NameParts) => string;

/** Text, or a group in brackets, which is shown when one of its placeholders has a value. */
type Piece = { readonly group: boolean; readonly tokens: readonly Token[] };
type Token = { readonly text: string } | { readonly placeholder: (typeof placeholders)[number] };

/**
 * Reads a template. Gives words on what is wrong with it, in place of one that can't be read.
 *
 * `{name}` stands for a value; what stands in `[…]` vanishes when all values in it are absent.
 */
export function readNameTemplate(template: string): NameTemplate | string {
  const pieces: Piece[] = [];
  for (const [, grouped, plain, stray] of template.matchAll(/\[([^[\]]*)\]|([^[\]]+)|([[\]])/g)) {
    if (stray !== undefined) return `has a ${stray} without its other half`;
    const tokens = readTokens(grouped ?? plain ?? '');
    if (typeof tokens === 'string') return tokens;
    pieces.push({ group: grouped !== undefined, tokens });
  }
  const used = pieces.flatMap(({ tokens }) =>
    tokens.flatMap((token) => ('placeholder' in token ? [token.placeholder] : [])),
  );
  if (!used.some((placeholder) => naming.includes(placeholder)))
    return `must hold one of ${naming.map((name) => `{${name}}`).join(', ')}`;
  return (parts) =>
    pieces
      .map((piece) => shown(piece, parts))
      .join('')
      .trim();
}

function readTokens(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  for (const [, name, plain, stray] of text.matchAll(/\{([^{}]*)\}|([^{}]+)|([{}])/g)) {
    if (stray !== undefined) return `has a ${stray} without its other half`;
    const placeholder = placeholders.find((each) => each === name);
    if (name !== undefined && placeholder === undefined)
      return `holds {${name}}; there are ${placeholders.map((each) => `{${each}}`).join(', ')}`;
    tokens.push(placeholder === undefined ? { text: plain ?? '' } : { placeholder });
  }
  return tokens;
}

function shown({ group, tokens }: Piece, parts: NameParts): string {
  const isEmpty = tokens.every((token) => !('placeholder' in token) || !parts[token.placeholder]);
  if (group && isEmpty) return '';
  return tokens
    .map((token) => ('placeholder' in token ? (parts[token.placeholder] ?? '') : token.text))
    .join('');
}
