import { quickTest } from './quick-test.ts';
import { r12 } from './scenarios/r12-large-transaction.ts';

quickTest(r12);
