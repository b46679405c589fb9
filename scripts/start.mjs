// Runs the compiled bridge where `npm run build` has made one, else the sources (Node strips their types).
import { existsSync } from 'node:fs';

// A library of ours uses functions that Node has deprecated: nothing that who runs the bridge can do anything about.
process.noDeprecation = true;

const built = new URL('../dist/main.js', import.meta.url);
await import(existsSync(built) ? built.href : new URL('../src/main.ts', import.meta.url).href);
