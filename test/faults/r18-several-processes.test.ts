import { quickTest } from './quick-test.ts';
import { r18 } from './scenarios/r18-several-processes.ts';

quickTest(r18);
