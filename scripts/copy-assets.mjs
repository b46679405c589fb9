// The compiler copies only code: the migrations go beside it by this script, and where `#failpoint` lies there.
// `node scripts/copy-assets.mjs [FOLDER]`: absent, dist/.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const output = process.argv[2] ?? join(project, 'dist');

cpSync(join(project, 'src/store/migrations'), join(output, 'store/migrations'), { recursive: true });
const manifest = { private: true, type: 'module', imports: { '#failpoint': './failpoint.js' } };
writeFileSync(join(output, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
