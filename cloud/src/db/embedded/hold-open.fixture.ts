import { silentLogger } from '../logger.js';
import { openDatabase } from '../open-database.js';

// A HallHub of its own process, for tests that kill it. Prints one line once open, or the error's code and message.
const [dataDir = ''] = process.argv.slice(2);
try {
  const database = await openDatabase({ dataDir, logger: silentLogger, durable: false });
  await database.ownerPool.query('CREATE TABLE IF NOT EXISTS kept (x int)');
  await database.ownerPool.query('INSERT INTO kept VALUES (1)');
  console.log(JSON.stringify({ open: true }));
  setInterval(() => undefined, 60_000);
} catch (error) {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  console.log(JSON.stringify({ open: false, code, message, hint }));
}
