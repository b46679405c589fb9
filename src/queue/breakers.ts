import type { Target } from '../errors.ts';
import { backoff } from './backoff.ts';

interface Broken {
  failures: number;
  until: number;
  /** The target said itself until when: nobody asks before. */
  named: boolean;
  /** The lane that tries. */
  probe: string | undefined;
  readonly waiting: Map<string, () => void>;
  timer: NodeJS.Timeout | undefined;
}

function broken(): Broken {
  return {
    failures: 0,
    until: 0,
    named: false,
    probe: undefined,
    waiting: new Map(),
    timer: undefined,
  };
}

/** A homeserver or Slack that is back is noticed soon; a single room isn't asked that often. */
function mostBetween(target: Target): number {
  return target.startsWith('room:') ? 60_000 : 4000;
}

/** Knows the targets that are out of reach: while one is, one lane at a time tries whether it is back, the others wait. */
export class Breakers {
  private readonly broken = new Map<Target, Broken>();
  private readonly now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Whether this lane may start an item. If not, `wake` is called once when it should ask again. */
  admits(lane: string, target: Target | undefined, wake: () => void): boolean {
    const state = target && this.broken.get(target);
    if (!state) return true;
    if (this.now() >= state.until && (state.probe === undefined || state.probe === lane)) {
      state.probe = lane;
      state.waiting.delete(lane);
      return true;
    }
    state.waiting.set(lane, wake);
    if (this.now() < state.until) this.wakeIn(state, state.until - this.now()); // it may have fired a moment too early
    return false;
  }

  /** Whether the target is out of reach, or limits us, as far as is known. */
  isOut(target: Target): boolean {
    return this.broken.has(target);
  }

  /** Not reached. `after`: the time that the target named. Returns when to try again, in milliseconds from now. */
  failed(lane: string, target: Target, after: number | undefined): number {
    const known = this.broken.get(target);
    const state = known ?? broken();
    this.broken.set(target, state);
    const until = this.now() + (after ?? 0);
    if (!known || state.probe === lane) {
      state.failures += 1;
      state.probe = undefined;
      state.named = after !== undefined;
      this.breakUntil(state, state.named ? until : until + backoff(state.failures, mostBetween(target)));
    } else if (after !== undefined && until > state.until) {
      state.named = true;
      this.breakUntil(state, until);
    } // else it was under way when it broke: nothing new
    return Math.max(0, Math.ceil(state.until - this.now()));
  }

  /** The target may be back: one lane tries at once, unless the target named a time itself. */
  tryNow(target: Target): void {
    const state = this.broken.get(target);
    if (!state || state.named || state.probe !== undefined) return;
    state.until = this.now();
    this.wakeOne(state);
  }

  reached(target: Target): void {
    const state = this.broken.get(target);
    if (!state) return;
    this.broken.delete(target);
    clearTimeout(state.timer);
    for (const wake of state.waiting.values()) wake();
  }

  /** The lane's item ended without telling anything about the target. */
  unsure(lane: string, target: Target): void {
    const state = this.broken.get(target);
    if (!state) return;
    state.waiting.delete(lane);
    if (state.probe !== lane) return;
    state.probe = undefined;
    if (this.now() >= state.until) this.wakeOne(state);
  }

  private breakUntil(state: Broken, until: number): void {
    state.until = until;
    this.wakeIn(state, until - this.now());
  }

  /** The one that is woken may have nothing to do any more: a second later it is another one's turn. */
  private wakeOne(state: Broken): void {
    const [first] = state.waiting;
    if (!first) return;
    state.waiting.delete(first[0]);
    if (state.waiting.size > 0) this.wakeIn(state, 1000);
    first[1]();
  }

  private wakeIn(state: Broken, milliseconds: number): void {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => this.wakeOne(state), Math.max(0, Math.ceil(milliseconds) + 1)); // never before its time
    state.timer.unref();
  }
}
