import type { EventId, PortalId, Ts } from '../../../src/ids.ts';
import type {
  AttemptRecord,
  Change,
  LinkStore,
  MessageLink,
  PartName,
  ReactionLink,
  RelatedEvent,
  SlackReaction,
} from '../../../src/portal/ports.ts';

/** Message links in memory, with the meaning that the ports give them. */
export class MemoryLinks implements LinkStore {
  links: { readonly link: MessageLink; readonly deleted: boolean }[] = [];
  reacted: ReactionLink[] = [];
  readonly outdatedNotes: Ts[] = [];
  readonly reactionChanges = new Map<string, string>();
  readonly graves = new Set<string>();
  readonly attempts = new Map<string, AttemptRecord>();
  readonly relatedEvents: RelatedEvent[] = [];
  readonly settled: (Change & { readonly type: 'attempt-settled' })[] = [];
  readonly attemptLinks = new Map<number, Omit<MessageLink, 'ts'>>();

  apply(change: Change): void {
    switch (change.type) {
      case 'link':
        this.links = this.links.filter((each) => !same(each.link, change.link) || each.deleted);
        this.links.push({ link: change.link, deleted: false });
        return;
      case 'edited':
        this.links = this.links.map((each) =>
          each.link.portal === change.portal && each.link.ts === change.ts
            ? { ...each, link: { ...each.link, lastEdit: change.edit } }
            : each,
        );
        return;
      case 'deleted':
        this.markDeleted(change.portal, change.ts, change.part);
        return;
      case 'grave':
        this.graves.add(`${change.portal} ${change.ts}`);
        return;
      case 'reaction':
        this.reacted.push(change.reaction);
        return;
      case 'reaction-removed':
        this.reacted = this.reacted.filter((each) => each.event !== change.event);
        return;
      case 'reaction-changed':
        this.reactionChanges.set(keyOf(change), change.at);
        return;
      case 'reaction-note':
        this.outdatedNotes.push(change.ts);
        return;
      case 'related':
        this.relatedEvents.push(change.related);
        return;
      case 'attempt-link':
        this.attemptLinks.set(change.piece, change.link);
        return;
      case 'attempt-settled':
        this.settled.push(change);
        return;
    }
  }

  private markDeleted(portal: PortalId, ts: Ts, part: PartName | undefined): void {
    this.links = this.links.map((each) =>
      each.link.portal === portal && each.link.ts === ts && (part === undefined || each.link.part === part)
        ? { ...each, deleted: true }
        : each,
    );
  }

  byTs(portal: PortalId, ts: Ts): Promise<readonly MessageLink[]> {
    return Promise.resolve(this.standing().filter((each) => each.portal === portal && each.ts === ts));
  }

  byEvent(event: EventId): Promise<readonly MessageLink[]> {
    const found = this.standing().filter((each) => each.event === event);
    return Promise.resolve(found.toSorted((a, b) => a.piece - b.piece));
  }

  latestInThread(portal: PortalId, root: Ts): Promise<MessageLink | undefined> {
    const found = this.standing().filter(
      (each) =>
        each.portal === portal &&
        (each.ts === root || each.threadTs === root) &&
        !each.part.startsWith('channel:'),
    );
    return Promise.resolve(found.toSorted((a, b) => (a.ts < b.ts ? -1 : 1)).at(-1));
  }

  hasGrave(portal: PortalId, ts: Ts): Promise<boolean> {
    return Promise.resolve(this.graves.has(`${portal} ${ts}`));
  }

  isDeleted(portal: PortalId, ts: Ts): Promise<boolean> {
    const rows = this.links.filter(({ link }) => link.portal === portal && link.ts === ts);
    return Promise.resolve(rows.length > 0 && rows.every((each) => each.deleted));
  }

  isDeletedEvent(event: EventId): Promise<boolean> {
    const rows = this.links.filter(({ link }) => link.event === event);
    return Promise.resolve(rows.length > 0 && rows.every((each) => each.deleted));
  }

  reactionByEvent(event: EventId): Promise<ReactionLink | undefined> {
    return Promise.resolve(this.reacted.find((each) => each.event === event));
  }

  reactions(portal: PortalId, ts: Ts, name?: string): Promise<readonly ReactionLink[]> {
    return Promise.resolve(
      this.reacted.filter(
        (each) => each.portal === portal && each.ts === ts && (name === undefined || each.name === name),
      ),
    );
  }

  reactionChangedAt(reaction: SlackReaction): Promise<string | undefined> {
    return Promise.resolve(this.reactionChanges.get(keyOf(reaction)));
  }

  attemptByKey(opKey: string): Promise<AttemptRecord | undefined> {
    return Promise.resolve(this.attempts.get(opKey));
  }

  related(portal: PortalId, ts: Ts): Promise<readonly RelatedEvent[]> {
    return Promise.resolve(this.relatedEvents.filter((each) => each.portal === portal && each.ts === ts));
  }

  private standing(): readonly MessageLink[] {
    return this.links.filter((each) => !each.deleted).map(({ link }) => link);
  }
}

function keyOf({ portal, ts, sender, name }: SlackReaction): string {
  return `${portal} ${ts} ${sender} ${name}`;
}

function same(a: MessageLink, b: MessageLink): boolean {
  return a.portal === b.portal && a.ts === b.ts && a.part === b.part;
}
