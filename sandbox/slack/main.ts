import { parseArgs } from 'node:util';

import { fillDemo } from './demo.ts';
import { startSlackSandbox } from './server.ts';

const USAGE = `The Slack sandbox: an emulated Slack on this machine.

  node sandbox/slack/main.ts [options]

  --port N          default 8065
  --host ADDRESS    default 127.0.0.1
  --folder PATH     keep the world there across restarts
  --no-rate-limits  never answer 429
  --empty           start without the example workspace
`;

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const sandbox = await startSlackSandbox({
  host: values.host,
  port: Number(values.port),
  rateLimits: !values['no-rate-limits'],
  ...(values.folder !== undefined && { folder: values.folder }),
}).catch((error: unknown) => stopWith(`The sandbox can't start: ${messageOf(error)}`));
if (!values.empty) fillDemo(sandbox.control);

console.log(`Slack sandbox: ${sandbox.url}\nWeb API:       ${sandbox.apiUrl}\n`);
for (const { name, apps } of sandbox.control.world({}).teams) {
  for (const app of apps) {
    console.log(`Workspace ${name}, app ${app.name}:`);
    console.log(
      `  bot token       ${app.botToken}\n  app token       ${app.appToken}\n  signing secret  ${app.signingSecret}`,
    );
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '8065' },
        host: { type: 'string', default: '127.0.0.1' },
        folder: { type: 'string' },
        'no-rate-limits': { type: 'boolean', default: false },
        empty: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (/^\d{1,5}$/.test(values.port) && Number(values.port) < 65_536) return values;
    return stopWith(`--port takes a number from 0 to 65535, not "${values.port}".`);
  } catch (error) {
    return stopWith(`${messageOf(error)}\n\n${USAGE}`);
  }
}

function stopWith(message: string): never {
  console.error(message);
  process.exit(2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
