import { checkSlackBody } from './checks/check-slack-body.ts';
import { testCorpus, testFuzzed } from './fuzz.ts';

testCorpus('slack-bodies', checkSlackBody);
testFuzzed('slack-bodies', checkSlackBody, 1500, 1);
