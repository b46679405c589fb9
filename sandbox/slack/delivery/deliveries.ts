import type { Cancel } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Log } from '../log.ts';
import type { App } from '../model.ts';
import type { Settings } from '../settings.ts';
import type { PublishedEvent, World } from '../world.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { createDelivery, createRawDelivery } from './envelope.ts';
import type { Delivery, Payload } from './envelope.ts';
import { createEventQuota } from './quota.ts';
import { receivers } from './rules.ts';
import type { Receiver } from './rules.ts';

export type Send = (attempt: Attempt) => Promise<Outcome>;

interface Held {
  readonly delivery: Delivery;
  events: number;
  cancel: Cancel;
}

/** Takes published events to the apps that may see them: faults first, then attempts until acknowledged or given up. */
export class Deliveries {
  readonly #world: World;
  readonly #log: Log;
  readonly #faults: Faults;
  readonly #settings: Settings;
  readonly #transports: { readonly http: Send; readonly socket: Send };
  readonly #quota: ReturnType<typeof createEventQuota>;
  #collected: PublishedEvent[] | undefined;
  #held: Held[] = [];
  #pending = 0;
  #idleWaiters: (() => void)[] = [];
  /** Deliveries begun before the last `giveUp` aren't tried again. */
  #generation = 0;
  readonly #waiting = new Set<Cancel>();

  constructor(
    world: World,
    parts: { readonly log: Log; readonly faults: Faults; readonly settings: Settings },
    transports: { readonly http: Send; readonly socket: Send },
  ) {
    this.#world = world;
    this.#log = parts.log;
    this.#faults = parts.faults;
    this.#settings = parts.settings;
    this.#transports = transports;
    this.#quota = createEventQuota(world.clock, parts.settings);
    world.onEvent((event) => this.#take(event));
  }

  /** Runs `work` and holds back the events that it publishes; `release` sends them and resolves after each one's first try. */
  collect<Result>(work: () => Result): { readonly result: Result; readonly release: () => Promise<void> } {
    const outer = this.#collected;
    const collected: PublishedEvent[] = [];
    this.#collected = collected;
    try {
      const result = work();
      return { result, release: () => this.#releaseAll(collected) };
    } finally {
      this.#collected = outer;
    }
  }

  /** Sends a payload as it is to one app, with signature, attempts and all. */
  sendRaw(app: App, payload: Payload): void {
    void this.#start(createRawDelivery(app, payload));
  }

  /** Resolves when nothing is on its way, held back or waiting for its next try. */
  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  /** Does something that will publish events, without a time at once; until then nothing is idle. */
  later(ms: number, work: () => void): void {
    if (ms === 0) {
      work();
      return;
    }
    this.#enter();
    this.#world.clock.after(ms, () => {
      work();
      this.#leave();
    });
  }

  get pending(): number {
    return this.#pending;
  }

  /** Forgets everything that is held back or waits for its next try. */
  giveUp(): void {
    this.#generation += 1;
    this.#held = [];
    for (const cancel of this.#waiting) {
      cancel();
      this.#leave();
    }
    this.#waiting.clear();
  }

  #take(published: PublishedEvent): void {
    if (this.#collected) this.#collected.push(published);
    else void this.#release(published);
  }

  async #releaseAll(events: readonly PublishedEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.#release(event)));
  }

  /** Resolves after the first try at every app. */
  async #release(published: PublishedEvent): Promise<void> {
    const tries = receivers(this.#world, published).map((receiver) => this.#route(receiver, published));
    this.#countDownHeld();
    await Promise.all(tries);
  }

  async #route(receiver: Receiver, published: PublishedEvent): Promise<void> {
    const { app } = receiver;
    const allowance = this.#quota(app.teamId);
    if (allowance !== 'allowed') {
      if (allowance === 'announce') this.sendRaw(app, rateLimited(app, this.#world.seconds()));
      return;
    }
    const delivery = createDelivery(this.#world, receiver, published);
    const { eventType, subtype, channelId: channel, userId: user } = delivery;
    const fault = this.#faults.forEvent({ eventType, subtype, team: app.teamId, channel, user });
    if (!fault) {
      await this.#start(delivery);
      return;
    }
    this.#log.add('fault', eventType, fault.type, { eventId: delivery.eventId, channel });
    switch (fault.type) {
      case 'drop':
        return;
      case 'delay':
        this.#later(fault.ms, () => void this.#start(delivery));
        return;
      case 'duplicate':
        for (let copy = 1; copy <= fault.copies; copy += 1)
          this.#later(fault.ms * copy, () => void this.#start(delivery));
        return this.#start(delivery);
      case 'reorder':
        this.#hold(delivery, fault.events, fault.ms);
        return;
      case 'scatter':
        for (const ms of this.#faults.scattered(fault)) this.#later(ms, () => void this.#start(delivery));
        return;
    }
  }

  #hold(delivery: Delivery, events: number, ms: number): void {
    // One more, because the event itself counts down at the end of its own release.
    const held: Held = { delivery, events: events + 1, cancel: () => {} };
    held.cancel = this.#later(ms, () => this.#letGo(held));
    this.#held.push(held);
  }

  #countDownHeld(): void {
    if (this.#held.length === 0) return;
    for (const held of this.#held) {
      held.events -= 1;
      if (held.events <= 0) this.#letGo(held);
    }
  }

  #letGo(held: Held): void {
    if (!this.#held.includes(held)) return;
    this.#held = this.#held.filter((other) => other !== held); // a new list: the old one may be being walked
    void this.#start(held.delivery);
    held.cancel();
  }

  async #start(delivery: Delivery): Promise<void> {
    this.#enter();
    const generation = this.#generation;
    const outcome = await this.#attempt(delivery, undefined);
    if (outcome.ok || outcome.noRetry) this.#leave();
    else this.#retry(delivery, 1, outcome.reason, generation);
  }

  #retry(delivery: Delivery, number: number, reason: string, generation: number): void {
    const delay = this.#settings.retryDelaysMs[number - 1];
    if (delay === undefined || generation !== this.#generation) {
      this.#log.add('event', delivery.eventType, 'given_up', {
        eventId: delivery.eventId,
        app: delivery.app.id,
      });
      this.#leave();
      return;
    }
    const tryAgain = async (): Promise<void> => {
      const outcome = await this.#attempt(delivery, { number, reason: retryReason(reason) });
      if (outcome.ok || outcome.noRetry) this.#leave();
      else this.#retry(delivery, number + 1, outcome.reason, generation);
    };
    this.#wait(delay, () => void tryAgain());
  }

  async #attempt(delivery: Delivery, retry: Attempt['retry']): Promise<Outcome> {
    const { app, eventId, eventType, subtype, channelId, onBehalfOf } = delivery;
    if (app.transport === 'none') return { ok: true };
    const from = this.#world.clock.now();
    const outcome = await this.#transports[app.transport]({ delivery, retry });
    this.#log.add('event', eventType, outcome.ok ? 'ok' : outcome.reason, {
      eventId,
      app: app.id,
      transport: app.transport,
      subtype,
      channel: channelId,
      onBehalfOf,
      retry: retry?.number,
      ms: this.#world.clock.now() - from,
      body: delivery.body,
    });
    return outcome;
  }

  /** Counts as pending until it has happened or is cancelled. */
  #later(ms: number, work: () => void): Cancel {
    this.#enter();
    const cancel = this.#wait(ms, () => {
      work();
      this.#leave();
    });
    return () => {
      if (!this.#waiting.delete(cancel)) return;
      cancel();
      this.#leave();
    };
  }

  #wait(ms: number, work: () => void): Cancel {
    const cancel = this.#world.clock.after(ms, () => {
      this.#waiting.delete(cancel);
      work();
    });
    this.#waiting.add(cancel);
    return cancel;
  }

  #enter(): void {
    this.#pending += 1;
  }

  #leave(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** Sockets fail in ways that Slack's list of retry reasons has one word for. */
function retryReason(reason: string): string {
  return reason === 'no_connection' || reason === 'connection_closed' ? 'timeout' : reason;
}

/** @see https://docs.slack.dev/reference/events/app_rate_limited */
function rateLimited(app: App, now: number) {
  return {
    token: app.verificationToken,
    type: 'app_rate_limited',
    team_id: app.teamId,
    minute_rate_limited: now - (now % 60),
    api_app_id: app.id,
  };
}
