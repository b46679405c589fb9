/** The text inside a payload whose shape isn't known: what people were meant to read, as far as fields' names tell. */
import { asArray, asObject, asText } from './json.ts';

/** Fields that hold words, and those that hold more of the same. */
const wordFields = ['title', 'text', 'label', 'name', 'alt_text', 'value', 'fallback', 'description', 'url'];
const maxNodes = 1000;
const maxDepth = 12;

/** The words found, a line each; empty if there are none. Looks at no more than a thousand values. */
export function textInside(value: unknown): string {
  const found: string[] = [];
  let left = maxNodes;
  const visit = (node: unknown, depth: number) => {
    left -= 1;
    if (left < 0 || depth > maxDepth) return;
    const object = asObject(node);
    if (!object) {
      for (const each of asArray(node).slice(0, left)) visit(each, depth + 1);
      return;
    }
    for (const field of wordFields) {
      const said = asText(object[field]);
      if (said !== undefined) found.push(said);
    }
    for (const each of Object.values(object)) if (typeof each === 'object') visit(each, depth + 1);
  };
  visit(value, 0);
  return found.join('\n');
}
