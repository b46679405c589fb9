/** A guard of the bridge, how it is taken out of a copy of the sources, and the test that must fail then. */
export interface Mutation {
  /** As in the figure `mutate.delivery_key.caught`. */
  readonly guard: string;
  /** The scenario that rests on it most. */
  readonly scenario: string;
  /** What it promises. */
  readonly promise: string;
  readonly file: string;
  /** Stands just once in the file. */
  readonly from: string;
  readonly to: string;
  readonly watcher: Watcher;
}

export interface Watcher {
  readonly file: string;
  /** Names of the tests in it that run; absent: all. */
  readonly tests?: RegExp;
}

const inStore: readonly Mutation[] = [
  {
    guard: 'delivery_key',
    scenario: 'R9',
    promise: 'what is delivered again is stored once',
    file: 'src/store/turn-statement.ts',
    from: 'where lane is not null and delivery in (select key from delivery_key)',
    to: 'where lane is not null',
    watcher: { file: 'test/store/intake.test.ts', tests: /nothing but its id/ },
  },
  {
    guard: 'fact_key',
    scenario: 'R9',
    promise: 'the same fact by another delivery is stored once',
    file: 'src/store/turn-statement.ts',
    from: 'and (fact is null or fact in (select key from fact_key))',
    to: '',
    watcher: { file: 'test/store/intake.test.ts', tests: /stores a fact once/ },
  },
  {
    guard: 'epoch',
    scenario: 'R18',
    promise: 'the former owner of a lane changes nothing any more',
    file: 'src/store/turn-statement.ts',
    from: 'join held using (lane, epoch)',
    to: 'join held using (lane)',
    watcher: { file: 'test/queue/leases.test.ts', tests: /the old owner changes nothing/ },
  },
  {
    guard: 'open_post',
    scenario: 'R18',
    promise: 'a lane with a post that may be under way is not taken over',
    file: 'src/store/migrations/001_initial.sql',
    from: "a.lane = wanted and a.state = 'open' and a.deadline > now())",
    to: "a.lane = wanted and a.state = 'open' and a.deadline < a.started_at)",
    watcher: { file: 'test/queue/leases.test.ts', tests: /a post that may be under way/ },
  },
  {
    guard: 'elsewhere',
    scenario: 'R18',
    promise: 'what another process stored stands before what was told later',
    file: 'src/store/turn-statement.ts',
    from: "union all select 'elsewhere', seq, lane, null from elsewhere",
    to: "union all select 'elsewhere', null, null, null from elsewhere",
    watcher: { file: 'test/queue/two-intakes.test.ts' },
  },
  {
    guard: 'none_row',
    scenario: 'R10',
    promise: 'what was given up leaves a mark where its message would be',
    file: 'src/store/turn-changes.ts',
    from: 'where subject is not null',
    to: 'where subject is null',
    watcher: { file: 'test/store/dead-letters.test.ts', tests: /leave a mark/ },
  },
  {
    guard: 'linked_meanwhile',
    scenario: 'R9',
    promise: 'what waits for a parent that was linked just before is not parked',
    file: 'src/store/turn-changes.ts',
    from: 'coalesce(is_linked(t.parent_key), false) as linked',
    to: 'false as linked',
    watcher: { file: 'test/queue/parking.test.ts', tests: /linked just before/ },
  },
  {
    guard: 'kept_work',
    scenario: 'R6',
    promise: 'what came of an event is written when the database is back',
    file: 'src/store/writer.ts',
    from: '    this.work.unshift(...work);\n',
    to: '',
    watcher: { file: 'test/queue/database-killed.test.ts' },
  },
  {
    guard: 'late_commit',
    scenario: 'R6',
    promise: 'what a lost connection stored after all stands before what came later',
    file: 'src/store/inbox.ts',
    from: '      events?.known(row.lane);\n',
    to: '',
    watcher: { file: 'test/queue/order-after-lost-answers.test.ts', tests: /had looked/ },
  },
];

const inQueue: readonly Mutation[] = [
  {
    guard: 'lease_before_write',
    scenario: 'R18',
    promise: 'nothing is written without a lease that is known to last',
    file: 'src/queue/lanes.ts',
    from: '() => !lane.lost && this.clock.valid()',
    to: '() => true',
    watcher: { file: 'test/queue/leases.test.ts', tests: /does not know whether its lanes/ },
  },
  {
    guard: 'order_by_ts',
    scenario: 'R9',
    promise: 'what is stored goes in the order of its ts',
    file: 'src/queue/lane.ts',
    from: 'if (!before || isBefore(before.item, claimed.item)) break;',
    to: 'break;',
    watcher: { file: 'test/queue/order.test.ts' },
  },
];

const towardsMatrix: readonly Mutation[] = [
  {
    guard: 'device_id',
    scenario: 'R5',
    promise: 'a send that is repeated comes from the same device',
    file: 'src/matrix/client.ts',
    from: ', device_id: as?.device }',
    to: ' }',
    watcher: { file: 'test/matrix/exactly-once.test.ts', tests: /repeated/ },
  },
  {
    guard: 'transaction_id',
    scenario: 'R5',
    promise: 'a send that is repeated has the same transaction id',
    file: 'src/matrix/transaction-id.ts',
    from: '[kind, key.fact, key.part]',
    to: '[kind, key.fact, key.part, Math.random()]',
    watcher: { file: 'test/matrix/exactly-once.test.ts', tests: /repeated/ },
  },
  {
    guard: 'echo',
    scenario: 'R2',
    promise: 'our own post does not come back',
    file: 'src/portal/from-slack/echo.ts',
    from: 'const isOurs = context.slack.isOurs(message);',
    to: 'const isOurs = links.length > 0;',
    watcher: { file: 'test/portal/slack-messages.test.ts', tests: /our own post coming back/ },
  },
  {
    guard: 'echo_mark',
    scenario: 'R2',
    promise: 'what we sent as a linked person does not come back',
    file: 'src/matrix/matrix-parts.ts',
    from: "isOurs(textAt(event, 'sender') ?? '') || marks.authorOf(event) !== undefined;",
    to: "isOurs(textAt(event, 'sender') ?? '');",
    watcher: { file: 'test/bridge/double-puppet.test.ts', tests: /under their own Matrix account/ },
  },
  {
    guard: 'grave',
    scenario: 'R9',
    promise: 'a delete that comes before its message wins',
    file: 'src/portal/from-slack/delete.ts',
    from: "turn.remember({ type: 'grave', portal: portal.id, ts });",
    to: 'return;',
    watcher: { file: 'test/portal/slack-messages.test.ts', tests: /deleted before it came/ },
  },
  {
    guard: 'parked_edit_from_slack',
    scenario: 'R9',
    promise: 'an edit waits for its message',
    file: 'src/portal/from-slack/edit.ts',
    from: 'if (!turn.item.waited) throw new WaitForParent(`ts:${portal.id}:${ts}`);',
    to: '',
    watcher: { file: 'test/portal/slack-changes.test.ts', tests: /an edit waits/ },
  },
  {
    guard: 'old_edit',
    scenario: 'R9',
    promise: 'an older edit that comes late changes nothing',
    file: 'src/portal/from-slack/edit.ts',
    from: "if (only !== 'files' && isOld(message, edits, isLast)) return context.metrics.ignored('slack', 'old-edit');",
    to: '',
    watcher: { file: 'test/portal/slack-changes.test.ts', tests: /an older edit/ },
  },
  {
    guard: 'last_reaction',
    scenario: 'R9',
    promise: 'of a reaction that is given and taken back the last word counts',
    file: 'src/portal/from-slack/reaction.ts',
    from: 'if (last !== undefined && last > turn.item.srcTs) return true;',
    to: '',
    watcher: { file: 'test/portal/slack-changes.test.ts', tests: /the last word counts/ },
  },
];

const towardsSlack: readonly Mutation[] = [
  {
    guard: 'attempt_before_post',
    scenario: 'R2',
    promise: 'an attempt is committed before its post',
    file: 'src/portal/from-matrix/post.ts',
    from: 'await turn.begin({',
    to: 'void turn.begin({',
    watcher: { file: 'test/portal/matrix-messages.test.ts', tests: /committed before the post/ },
  },
  {
    guard: 'op_key',
    scenario: 'R7',
    promise: 'a post carries the key by which it is found',
    file: 'src/slack/posts.ts',
    from: 'event_payload: { k: post.opKey,',
    to: 'event_payload: { k: String(Math.random()),',
    watcher: { file: 'test/slack/posts.test.ts', tests: /is found by its key/ },
  },
  {
    guard: 'look_in_history',
    scenario: 'R7',
    promise: 'a post whose answer is lost is looked for before it is posted again',
    file: 'src/portal/from-matrix/settle.ts',
    from: '(await findEcho(work, posted)) ?? findInHistory(work, posted, deadline)',
    to: 'findEcho(work, posted)',
    watcher: { file: 'test/portal/matrix-uncertain.test.ts', tests: /found in history/ },
  },
  {
    guard: 'open_attempt',
    scenario: 'R1',
    promise: 'an attempt that a crash left open is settled before anything is posted',
    file: 'src/portal/from-matrix/post.ts',
    from: 'work.turn.openAttempts.find((attempt) => attempt.piece === piece)',
    to: 'work.turn.openAttempts.find((attempt) => attempt.piece === piece - 1)',
    watcher: { file: 'test/portal/matrix-uncertain.test.ts', tests: /left open by a crash/ },
  },
  {
    guard: 'known_pieces',
    scenario: 'R2',
    promise: 'the posts of a message that were made are not made again',
    file: 'src/portal/from-matrix/post.ts',
    from: 'if (piece < from || linked.some((link) => link.piece === piece)) continue;',
    to: 'if (piece < from) continue;',
    watcher: { file: 'test/portal/matrix-messages.test.ts', tests: /before a crash/ },
  },
  {
    guard: 'parked_edit_from_matrix',
    scenario: 'R2',
    promise: 'an edit waits for its message',
    file: 'src/portal/from-matrix/edit.ts',
    from: 'if (!turn.item.waited) throw new WaitForParent(`event:${edit.target}`);',
    to: '',
    watcher: { file: 'test/portal/matrix-changes.test.ts', tests: /an edit waits/ },
  },
  {
    guard: 'reaction_row_first',
    scenario: 'R2',
    promise: 'a reaction is remembered before the bot makes it',
    file: 'src/portal/from-matrix/reaction.ts',
    from: '  outdateNote({ portal, turn }, reaction.ts);\n  await turn.flush();\n  turn.mayWrite();\n',
    to: '  outdateNote({ portal, turn }, reaction.ts);\n  turn.mayWrite();\n',
    watcher: { file: 'test/portal/matrix-changes.test.ts', tests: /remembered before/ },
  },
];

const atIntake: readonly Mutation[] = [
  {
    guard: 'store_before_ack_matrix',
    scenario: 'R6',
    promise: 'a transaction is acknowledged when its events are stored',
    file: 'src/matrix/app-service.ts',
    from: 'await this.#options.intake.store(deliveries);',
    to: 'void this.#options.intake.store(deliveries).catch(() => undefined);',
    watcher: { file: 'test/matrix/app-service.test.ts', tests: /can not be stored/ },
  },
  {
    guard: 'store_before_ack_http',
    scenario: 'R6',
    promise: 'an event over HTTP is acknowledged when it is stored',
    file: 'src/slack/http-intake.ts',
    from: "await within(answerWithin, options.intake.event(body, raw, source, 'http'), 'storing takes too long');",
    to: "void options.intake.event(body, raw, source, 'http').catch(() => undefined);",
    watcher: { file: 'test/slack/http-intake.test.ts', tests: /can’t be stored/ },
  },
  {
    guard: 'store_before_ack_socket',
    scenario: 'R6',
    promise: 'an event over Socket Mode is acknowledged when it is stored',
    file: 'src/slack/connection.ts',
    from: 'const response = await options.handle(envelope);',
    to: 'const response = await Promise.race([options.handle(envelope).catch(() => undefined), undefined]);',
    watcher: { file: 'test/slack/transports.test.ts' },
  },
];

const inEncryption: readonly Mutation[] = [
  {
    guard: 'crypto_commit_first',
    scenario: 'R1',
    promise: 'nothing leaves a machine before what it used is stored',
    file: 'src/matrix/crypto/indexed-db.ts',
    from: 'await kept.rows.commit(',
    to: 'void kept.rows.commit(',
    watcher: { file: 'test/store/crypto/killed.test.ts', tests: /a ratchet never goes back/ },
  },
  {
    guard: 'crypto_lead',
    scenario: 'R18',
    promise: 'one process at a time has the machines',
    file: 'src/store/crypto/session.ts',
    from: 'select pg_try_advisory_lock($1) as locked',
    to: 'select $1::bigint > 0 as locked',
    watcher: { file: 'test/store/crypto/killed.test.ts', tests: /another one leads within seconds/ },
  },
];

/** The guards that keep anything from being lost, doubled or swapped. */
export const mutations: readonly Mutation[] = [
  ...inStore,
  ...inQueue,
  ...atIntake,
  ...towardsMatrix,
  ...towardsSlack,
  ...inEncryption,
];
