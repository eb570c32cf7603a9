#!/usr/bin/env node
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(built)) {
  console.error('hub is not built yet: run "npm start" once, or "node .dev/build.mjs", in the HallHub folder.');
  process.exit(1);
}
await import(built.href);
