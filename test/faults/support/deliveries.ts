import type { SlackSandbox } from '../../../sandbox/slack/server.ts';
import { idIn } from './acts.ts';

/** How Slack delivered what people wrote there. */
export interface Deliveries {
  /**
   * The ids of messages that the bridge didn't acknowledge when Slack told them first, but at a later try or never: its
   * order on the other side isn't theirs.
   */
  late(): ReadonlySet<string>;
  stop(): void;
}

const textOfMessage = /"text":"([MS]\d+-\d+ v\d+)"/;

/** Listens from now on: the sandbox's own log keeps only the youngest entries. */
export function followDeliveries({ onLog }: SlackSandbox): Deliveries {
  const first = new Set<string>();
  const failed = new Set<string>();
  const stop = onLog(({ kind, name, outcome, details }) => {
    if (kind !== 'event' || name !== 'message' || details['subtype'] !== undefined) return;
    const { body, retry } = details;
    const text = typeof body === 'string' ? textOfMessage.exec(body)?.[1] : undefined;
    const id = text === undefined ? undefined : idIn(text);
    if (id === undefined) return;
    if (outcome === 'ok' && retry === undefined) first.add(id);
    else failed.add(id);
  });
  return { late: () => new Set([...failed].filter((id) => !first.has(id))), stop };
}
