import { checkMatrixEvent } from './checks/check-matrix-event.ts';
import { testCorpus, testFuzzed } from './fuzz.ts';

testCorpus('matrix-events', checkMatrixEvent);
testFuzzed('matrix-events', checkMatrixEvent, 1500, 1);
