import { makeTemplate } from './testing.js';

/** Run by `npm test` with its process's number: makes the migrated database that test files copy, and says where it is. */
const pid = Number(process.argv[2]);
if (!Number.isInteger(pid)) throw new Error('Whose test run is it? Give its process number.');
process.stdout.write(`HALLHUB_TEST_DATABASE=${await makeTemplate(pid)}\n`);
