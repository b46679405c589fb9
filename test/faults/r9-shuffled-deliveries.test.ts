import { quickTest } from './quick-test.ts';
import { r9 } from './scenarios/r9-shuffled-deliveries.ts';

quickTest(r9);
