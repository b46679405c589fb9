import { checkMrkdwn } from './checks/check-text.ts';
import { testCorpus, testFuzzed } from './fuzz.ts';

testCorpus('mrkdwn', checkMrkdwn);
testFuzzed('mrkdwn', checkMrkdwn, 600, 1);
