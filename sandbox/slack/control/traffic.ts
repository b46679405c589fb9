import { z } from 'zod';

import type { NewFaultRule } from '../faults.ts';
import { action } from './action.ts';
import { findApp } from './find.ts';

const milliseconds = z.number().nonnegative();
const bytes = z.number().int().nonnegative();

const match = z.strictObject({
  method: z.string().optional(),
  eventType: z.string().optional(),
  subtype: z.string().optional(),
  team: z.string().optional(),
  channel: z.string().optional(),
  user: z.string().optional(),
  file: z.string().optional(),
  name: z.string().optional(),
  part: z.enum(['file', 'thumbnail']).optional(),
  skip: z.number().int().nonnegative().optional(),
  count: z.number().int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
});

const apiFault = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('rate_limited'),
    retryAfterSeconds: z.number().int().nonnegative().default(1),
  }),
  z.strictObject({
    type: z.literal('http_error'),
    status: z.number().int().default(500),
    applied: z.boolean(),
  }),
  z.strictObject({ type: z.literal('timeout'), applied: z.boolean(), ms: milliseconds.default(60_000) }),
  z.strictObject({ type: z.literal('reset'), applied: z.boolean() }),
  z.strictObject({ type: z.literal('slack_error'), error: z.string(), applied: z.boolean().default(false) }),
  z.strictObject({ type: z.literal('slow'), ms: milliseconds }),
  z.strictObject({ type: z.literal('event_first') }),
]);

const eventFault = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('drop') }),
  z.strictObject({ type: z.literal('delay'), ms: milliseconds }),
  z.strictObject({
    type: z.literal('duplicate'),
    copies: z.number().int().positive().default(1),
    ms: milliseconds.default(0),
  }),
  z.strictObject({
    type: z.literal('reorder'),
    events: z.number().int().positive().default(1),
    ms: milliseconds.default(1000),
  }),
  z.strictObject({ type: z.literal('scatter'), copies: z.number().int().positive(), ms: milliseconds }),
]);

const httpError = z.strictObject({
  type: z.literal('http_error'),
  status: z.number().int().default(500),
  retryAfterSeconds: z.number().int().nonnegative().optional(),
});
const redirect = z.strictObject({
  type: z.literal('redirect'),
  location: z.string(),
  status: z.number().int().default(302),
});
const breakOff = z.strictObject({ type: z.literal('break'), after: bytes });
const slow = z.strictObject({ type: z.literal('slow'), bytesPerSecond: z.number().positive() });

const downloadFault = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('empty') }),
  z.strictObject({ type: z.literal('wrong_length'), by: z.number().int() }),
  slow,
  z.strictObject({ type: z.literal('stall'), after: bytes.default(0) }),
  breakOff,
  z.strictObject({ type: z.literal('endless') }),
  z.strictObject({ type: z.literal('gzip_bomb'), bytes: bytes.default(4 * 1024 ** 3) }),
  redirect,
  z.strictObject({ type: z.literal('sign_in_page') }),
  z.strictObject({ type: z.literal('content_type'), value: z.string() }),
  z.strictObject({ type: z.literal('ignore_range') }),
  httpError,
]);

const uploadFault = z.discriminatedUnion('type', [
  httpError,
  breakOff,
  slow,
  z.strictObject({ type: z.literal('lost_answer') }),
  redirect,
]);

const rule = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('api'), match: match.default({}), fault: apiFault }),
  z.strictObject({ on: z.literal('event'), match: match.default({}), fault: eventFault }),
  z.strictObject({ on: z.literal('download'), match: match.default({}), fault: downloadFault }),
  z.strictObject({ on: z.literal('upload'), match: match.default({}), fault: uploadFault }),
]);

const sockets = z.strictObject({ id: z.string().optional(), app: z.string().optional() });

export const trafficActions = {
  addFault: action(rule, ({ faults }, input) => faults.add(input satisfies NewFaultRule)),
  clearFaults: action(z.strictObject({ id: z.string().optional() }), ({ faults }, { id }) => {
    faults.clear(id);
  }),
  faults: action(z.strictObject({}), ({ faults }) => faults.list()),
  seedFaults: action(z.strictObject({ seed: z.number().int() }), ({ faults }, { seed }) => {
    faults.seed(seed);
  }),

  sockets: action(z.strictObject({}), (parts) => parts.sockets.list()),
  cutSockets: action(sockets, (parts, filter) => ({ count: parts.sockets.cut(filter) })),
  halfOpenSockets: action(sockets, (parts, filter) => ({ count: parts.sockets.halfOpen(filter) })),
  muteSockets: action(z.strictObject({ count: z.number().int().positive() }), (parts, { count }) => {
    parts.sockets.muteNext(count);
  }),
  disconnectSockets: action(
    sockets.extend({
      reason: z.enum(['warning', 'refresh_requested', 'link_disabled']).default('refresh_requested'),
      graceMs: milliseconds.optional(),
    }),
    (parts, { reason, graceMs, ...filter }) => ({ count: parts.sockets.disconnect(filter, reason, graceMs) }),
  ),

  /** Sends a payload of one's own making to an app, an object or the text of one, signed and repeated like any event. */
  sendPayload: action(
    z.strictObject({
      app: z.string().optional(),
      payload: z.union([z.record(z.string(), z.unknown()), z.string()]),
    }),
    ({ world, deliveries }, input) => {
      deliveries.sendRaw(findApp(world, input.app), input.payload);
    },
  ),

  /** Resolves when every event is acknowledged or given up. */
  idle: action(z.strictObject({}), ({ deliveries }) => deliveries.idle()),

  /** Forgets every event that waits for its next try. */
  giveUpEvents: action(z.strictObject({}), ({ deliveries }) => {
    deliveries.giveUp();
  }),

  settings: action(
    z.strictObject({
      rateLimits: z.boolean().optional(),
      ackTimeoutMs: milliseconds.optional(),
      retryDelaysMs: z.array(milliseconds).optional(),
      pingIntervalMs: milliseconds.optional(),
      socketGraceMs: milliseconds.optional(),
      socketLifeMs: milliseconds.optional(),
      eventsPerHour: z.number().int().positive().optional(),
      shareDelayMs: milliseconds.optional(),
      largestFile: bytes.optional(),
    }),
    ({ settings, limits }, change) => {
      Object.assign(settings, change);
      if (change.rateLimits !== undefined) limits.clear();
      return { ...settings };
    },
  ),
};
