import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { figure } from '../support/figure.ts';
import { stepsOf, together } from './steps.ts';

describe('the steps of a scenario', () => {
  it('are many in its long form alone', () => {
    assert.equal(stepsOf({ steps: 4 }, 'long'), 4);
    assert.equal(stepsOf({ steps: 4 }, 'short'), 1);
    assert.equal(stepsOf({}, 'long'), 1);
  });

  it('have figures that are added up, and goals that hold for the sums', () => {
    const step = (kills: number, lost: number) => ({
      figures: [
        figure('R2.kills', kills, 'times', { atLeast: 200 }),
        figure('R2.lost', lost, 'messages', { atMost: 0 }),
        figure('R2.late', 3, 'messages'),
      ],
    });
    assert.deepEqual(together([step(200, 0), step(205, 0)]), [
      figure('R2.kills', 405, 'times', { atLeast: 400 }),
      figure('R2.lost', 0, 'messages', { atMost: 0 }),
      figure('R2.late', 6, 'messages'),
    ]);
    const missed = together([step(200, 0), step(199, 1)]).filter(({ ok }) => !ok);
    assert.deepEqual(
      missed.map(({ name }) => name),
      ['R2.kills', 'R2.lost'],
    );
    assert.deepEqual(together([step(200, 0)]), step(200, 0).figures);
  });
});
