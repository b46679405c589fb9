// The compiler copies only code: the migrations go beside it by this script.
import { cpSync } from 'node:fs';

cpSync(
  new URL('../src/store/migrations', import.meta.url),
  new URL('../dist/store/migrations', import.meta.url),
  {
    recursive: true,
  },
);
