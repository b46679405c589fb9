/** JSON that nests without end: everything that reads it goes down into it, and none goes that deep. */

/** Nothing that Slack or Matrix sends nests so deep; what copies and compares JSON goes deeper still. */
const deepest = 500;

/**
 * JSON whose arrays and objects nest 500 deep at most: what lies deeper becomes `null`. The value itself where nothing does,
 * which costs a walk through it.
 */
export function boundDepth(value: unknown): unknown {
  return isDeeper(value, deepest) ? cutBelow(value, deepest) : value;
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (most === 0) return true;
  if (Array.isArray(value)) return value.some((child) => isDeeper(child, most - 1));
  for (const key in value) {
    const child: unknown = Reflect.get(value, key);
    if (typeof child === 'object' && child !== null && isDeeper(child, most - 1)) return true;
  }
  return false;
}

function cutBelow(value: unknown, most: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (most === 0) return null;
  if (Array.isArray(value)) return value.map((child) => cutBelow(child, most - 1));
  const fields = Object.entries(value).map(([key, child]) => [key, cutBelow(child, most - 1)] as const);
  return Object.fromEntries(fields);
}
