import { quickTest } from './quick-test.ts';
import { r22 } from './scenarios/r22-restored-backup.ts';

quickTest(r22);
