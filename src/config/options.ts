import { z } from 'zod';
import type { Path } from './source.ts';
import { schema } from './schema.ts';

/** What the schema says of one key, for messages, the sample and the documents. */
export interface Option {
  readonly description: string | undefined;
  /** How people would say the type: `text`, `whole number`, `socket or http`, `list`, `section`. */
  readonly type: string;
  readonly default: unknown;
  readonly example: unknown;
  readonly required: boolean;
  /** Commented out in the sample. */
  readonly optional: boolean;
  readonly secret: boolean;
  /** The keys of a section, or of each entry of a list of sections; empty when there are none. */
  readonly children: ReadonlyMap<string, Option>;
}

/** The whole file as one section. */
export function options(): Option {
  return optionOf(asNode(z.toJSONSchema(schema, { io: 'input' })), true);
}

/** The option at a path; indices of lists don't count. */
export function optionAt(path: Path): Option | undefined {
  let option: Option | undefined = options();
  for (const segment of path) if (typeof segment === 'string') option = option?.children.get(segment);
  return option;
}

type Node = Readonly<Record<string, unknown>>;

function asNode(value: unknown): Node {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function optionOf(node: Node, required: boolean): Option {
  const body = node['type'] === 'array' ? asNode(node['items']) : node;
  const needed = Array.isArray(body['required']) ? body['required'] : [];
  const children = Object.entries(asNode(body['properties']));
  const examples: unknown = node['examples'];
  return {
    description: typeof node['description'] === 'string' ? node['description'] : undefined,
    type: typeWords(node),
    default: node['default'],
    example: Array.isArray(examples) ? examples[0] : undefined,
    required,
    optional: node['optional'] === true,
    secret: node['secret'] === true,
    children: new Map(
      children.map(([name, child]) => [name, optionOf(asNode(child), needed.includes(name))]),
    ),
  };
}

function typeWords(node: Node): string {
  if (Array.isArray(node['enum'])) return node['enum'].join(', ').replace(/, ([^,]*)$/, ' or $1');
  if (Array.isArray(node['anyOf']))
    return node['anyOf'].map((choice: unknown) => typeWords(asNode(choice))).join(' or ');
  switch (node['type']) {
    case 'string':
      return node['format'] === 'uri' ? 'address' : 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'list';
    default:
      return 'section';
  }
}
