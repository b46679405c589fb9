import assert from 'node:assert/strict';
import type { SlackEvent } from '../../../src/events.ts';
import { boundDepth } from '../../../src/format/bound-depth.ts';
import { InvalidId, slackUserId } from '../../../src/ids.ts';
import { deliveryOf } from '../../../src/slack/envelope.ts';
import { isFields } from '../../../src/slack/fields.ts';
import { formBody } from '../../../src/slack/form-body.ts';
import { MalformedPayload, slackEvent } from '../../../src/slack/inbound.ts';
import { bytesOf } from '../corpus.ts';
import type { Input } from '../corpus.ts';
import { checkDoc } from './check-doc.ts';
import { checkForMatrix } from './check-for-matrix.ts';
import { checkRoute } from './check-route.ts';

const team = 'T0ACME0001';
const teams = { has: (id: string) => id === team, botOf: () => slackUserId('U0BRIDGE01') };

/** A signed body: it is skipped, or stored; what is stored is read as an event, or refused as malformed. */
export function checkSlackBody(input: Input): void {
  const raw = bytesOf(input);
  formBody(raw);
  const body = fieldsOf(raw);
  if (!body) return;
  const received = deliveryOf(body, raw, { accepts: (id) => id === team });
  if (received.type === 'skip') return;
  assert.equal(received.delivery.route.team, team);
  checkRoute(received.delivery);
  const event = eventOf(raw);
  if (event) checkEvent(event);
}

/** As the HTTP server reads it. */
function fieldsOf(raw: Buffer) {
  try {
    const value = boundDepth(JSON.parse(raw.toString('utf8')));
    return isFields(value) ? value : undefined;
  } catch {
    return undefined; // it answers 400
  }
}

function eventOf(raw: Buffer): SlackEvent | undefined {
  try {
    return slackEvent(raw, teams);
  } catch (error) {
    assert.ok(error instanceof MalformedPayload || error instanceof InvalidId, String(error));
    return undefined;
  }
}

function checkEvent(event: SlackEvent): void {
  const message = event.type === 'edit' ? event.message : event.type === 'message' ? event : undefined;
  if (!message) return;
  checkDoc(message.text);
  checkForMatrix(message.text);
  if (message.author.type === 'bot' && message.author.name !== undefined) {
    const { name } = message.author;
    assert.ok(name.isWellFormed() && !/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(name), 'a clean name');
  }
}
