import type { SlackPlace } from '../events.ts';
import type { PortalId } from '../ids.ts';
import type { Delivery } from '../queue/ports.ts';
import type { Finding } from './catch-up-compare.ts';
import { deliveryOf, lastOfSecond, toldByHistory } from './envelope.ts';
import { facts } from './facts.ts';
import type { Fields } from './fields.ts';

/**
 * A finding as the event that would have told it, with the same fact: whichever comes second is known. Its own delivery key
 * names the portal: what one portal was told is new to the next one of that channel.
 */
export function findingDelivery(place: SlackPlace, portal: PortalId, finding: Finding): Delivery {
  const event = eventOf(place, finding);
  const isLast = finding.kind === 'edit' && finding.isLast === true;
  const told = { [toldByHistory]: true, ...(isLast && { [lastOfSecond]: true }) };
  const envelope = { type: 'event_callback', team_id: place.team, event, ...told };
  const labelled = (eventId: string): Delivery => {
    const body = { ...envelope, event_id: eventId };
    const received = deliveryOf(body, Buffer.from(JSON.stringify(body)), { accepts: () => true });
    if (received.type !== 'delivery') throw new Error('a finding is always of a workspace of ours');
    return received.delivery;
  };
  const fact = factOf(finding) ?? labelled('history').fact ?? '';
  return { ...labelled(`history:${portal}:${fact}`), fact };
}

/**
 * The last edit of a second has one more fact: its event, or an earlier reading, may have been handled before another edit
 * of that second, which was told late.
 */
function factOf(finding: Finding): string | undefined {
  return finding.kind === 'edit' && finding.follows ? facts.lastEdit(finding.ts, finding.raw) : undefined;
}

function eventOf({ channel }: SlackPlace, finding: Finding): Fields {
  const { kind, ts, at } = finding;
  switch (kind) {
    case 'message':
      return { ...finding.raw, type: 'message', channel, event_ts: at };
    case 'edit': {
      const change = { type: 'message', subtype: 'message_changed', channel, ts: at, event_ts: at };
      const { raw } = finding;
      return { ...change, message: raw, previous_message: before(finding) };
    }
    case 'delete':
      return { type: 'message', subtype: 'message_deleted', channel, deleted_ts: ts, ts: at, event_ts: at };
    case 'reaction':
    case 'reaction-removed': {
      const type = kind === 'reaction' ? 'reaction_added' : 'reaction_removed';
      const { user, name } = finding;
      return { type, user, reaction: name, item: { type: 'message', channel, ts }, event_ts: at };
    }
  }
}

/** As much of how it was before as tells what the change is. */
function before({ change, raw, ts }: Extract<Finding, { readonly kind: 'edit' }>): Fields {
  if (change === 'files-deleted') return raw; // Slack shows the tombstones of files there, too
  return { type: 'message', ts, ...(change === 'sent-to-channel' && { edited: raw['edited'] }) };
}
