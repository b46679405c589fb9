import { holdConversation, observationTable } from './command/check.ts';
import { password } from './command/matrix-people.ts';
import { parseSandboxOptions, usage, WrongArgument } from './command/options.ts';
import type { SandboxOptions } from './command/options.ts';
import { startStack } from './command/stack.ts';
import type { Stack } from './command/stack.ts';

const started = performance.now();
process.exitCode = await main();
process.exit();

async function main(): Promise<number> {
  let options: SandboxOptions;
  try {
    options = parseSandboxOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    return 1;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const asked = signal();
  const stack = await Promise.race([start(options), asked]);
  if (typeof stack === 'string') return 1; // interrupted while starting: what was started ends with this process
  if (stack === undefined) return 1;
  return options.check ? check(stack) : stay(stack, asked);
}

async function start(options: SandboxOptions): Promise<Stack | undefined> {
  try {
    return await startStack(options, (line) => console.log(line));
  } catch (error) {
    console.error(`\nThe sandbox could not start. ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

async function check(stack: Stack): Promise<number> {
  console.log(`Started in ${seconds()} s. Holding a conversation …\n`);
  const observations = await holdConversation(stack);
  console.log(observationTable(observations));
  await stack.stop();
  const failed = observations.filter(({ ok }) => !ok).length;
  console.log(
    failed === 0
      ? `\nAll ${observations.length} were seen on the other side.`
      : `\n${failed} of ${observations.length} were not seen as they should be. The bridge's log: ${stack.logFile}`,
  );
  return failed === 0 ? 0 : 1;
}

async function stay(stack: Stack, asked: Promise<string>): Promise<number> {
  console.log(screen(stack));
  const bridgeEnded = stack.bridge.exited.then(
    ({ status }) => `The bridge ended with status ${status}; its log: ${stack.logFile}`,
  );
  console.log(`\n${await Promise.race([asked, bridgeEnded])}`);
  await stack.stop();
  return 0;
}

function signal(): Promise<string> {
  return new Promise((resolve) => {
    let seen = 0;
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        seen += 1;
        if (seen > 1) process.exit(1);
        resolve('Stopping … (once more: at once)');
      });
    }
  });
}

function screen({ world, synapse, webUrl, rooms, logFile }: Stack): string {
  const names = world.people.map(({ name }) => name).join(', ');
  return `
The sandbox runs (started in ${seconds()} s).

  Slack          ${world.slack.url}
                 write there as ${names}
  Matrix         ${synapse.url}
                 log in with a client as alice or bob, password ${password}
  Bridge         ${webUrl}/readyz  ${webUrl}/metrics
                 log: ${logFile}

  Linked         ${rooms.map(({ channel, room }) => `#${channel.name}  ${room}`).join('\n                 ')}

Try: write in #general on the Slack page and look at the room in Matrix, answer there; edit, react, reply in a
thread, delete. In Matrix, write "!slack help" in a room, or "help" to @slackbot:localhost; "login" there links a
Slack account with yours.
Ctrl-C stops everything; the next start goes on where you were.`;
}

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed(1);
}
