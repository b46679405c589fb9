import { quickTest } from './quick-test.ts';
import { r6 } from './scenarios/r6-database-crashes.ts';

quickTest(r6);
