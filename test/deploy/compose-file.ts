import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** What the tests ask of docker-compose.yml. */
const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  command: z.array(z.string()).default([]),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  restart: z.string(),
  read_only: z.boolean().default(false),
  init: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  network_mode: z.string().optional(),
  stop_grace_period: z.string().optional(),
});
const composeFile = z.object({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
  configs: z.record(z.string(), z.object({ content: z.string() })),
});
export type ComposeFile = z.infer<typeof composeFile>;
export type Service = z.infer<typeof service>;

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');

/** The file as Docker Compose reads it with these variables. @throws Error for a required variable that is missing */
export function readCompose(variables: Readonly<Record<string, string>>): ComposeFile {
  return composeFile.parse(interpolated(parse(text, { merge: true }), variables));
}

/** The file's text, with its comments. */
export function composeText(): string {
  return text;
}

function interpolated(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return interpolate(value, variables);
  if (Array.isArray(value)) return value.map((each) => interpolated(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolated(each, variables)]));
}

/** @see https://docs.docker.com/reference/compose-file/interpolation/ */
function interpolate(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replaceAll(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (found, name?: string, kind?: string, rest = '') => {
      if (name === undefined) {
        if (found === '$$') return '$';
        throw new Error(`Docker Compose can't read ${found}.`);
      }
      const set = variables[name];
      if (set !== undefined && set !== '') return set;
      if (kind === '-') return String(rest);
      throw new Error(`${name}: ${String(rest)}`);
    },
  );
}
