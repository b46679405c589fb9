import { AppServiceRegistration, Bridge, Logger as LibraryLogger } from 'matrix-appservice-bridge';
import type { AppServiceOutput } from 'matrix-appservice-bridge';
import { libraryStream } from '../log/vendors.ts';
import type { Logger } from '../log.ts';
import type { GhostNames } from './ghost-id.ts';
import type { Registration } from './registration.ts';

/**
 * The library's bridge: it holds the server that the homeserver talks to, and answers third-party lookups. Its stores,
 * encryption and event handling are off: events go to our queue before anybody is told of them, messages are sent with
 * transaction ids of our own, and a ghost that was kicked isn't joined again behind people's backs.
 */
export async function createLibraryBridge(options: {
  readonly homeserverUrl: string;
  readonly names: GhostNames;
  readonly registration: Registration;
  readonly log: Logger;
}): Promise<Bridge> {
  const { names, registration } = options;
  LibraryLogger.root.configureLogging({ json: true }, libraryStream(options.log));
  // The registration was checked by readRegistration. The library takes its sender for the bridge's bot.
  const content = { ...registration.content, sender_localpart: names.bot } as unknown as AppServiceOutput;
  const bridge = new Bridge({
    homeserverUrl: options.homeserverUrl,
    domain: names.domain,
    registration: AppServiceRegistration.fromObject(content),
    disableStores: true,
    disableContext: true,
    logRequestOutcome: false,
    controller: {
      onEvent: () => undefined, // none is handed to it
      onLog: (text, isError) => (isError ? options.log.warn(libraryMessage, { text }) : undefined),
    },
  });
  await bridge.initialise();
  return bridge;
}

const libraryMessage = 'from the Matrix library';
