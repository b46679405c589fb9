import { runCommandLine } from './cli/command-line.ts';

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  onSignal: (listener) => {
    process.on('SIGTERM', listener).on('SIGINT', listener);
  },
  onCrash: (listener) => {
    process.on('uncaughtException', listener).on('unhandledRejection', listener);
  },
  exit: (code) => process.exit(code),
});

// All is done and said: whatever still holds the process (a connection that doesn't close) no longer may.
setTimeout(() => process.exit(), 1_000).unref();
