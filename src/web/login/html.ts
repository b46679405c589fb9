/** Markup that is safe to show: made by `html` only. */
export interface Html {
  readonly markup: string;
}

type Part = string | number | Html | readonly Html[] | undefined;

/** Markup as a template: texts are escaped, markup within stays as it is, nothing is made of `undefined`. */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const pieces = template.flatMap((piece, index) => [piece, index < parts.length ? shown(parts[index]) : '']);
  return { markup: pieces.join('') };
}

/** A name that others chose, shown so that it can't turn the direction of what stands around it. */
export function name(value: string): Html {
  return html`<bdi class="name">${value}</bdi>`;
}

function shown(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
