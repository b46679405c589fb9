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

if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const sandbox = await startSlackSandbox({
  host: values.host,
  port: Number(values.port),
  rateLimits: !values['no-rate-limits'],
  ...(values.folder !== undefined && { folder: values.folder }),
});
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
