export * from './command-inbox.js';
export * from './command-runner.js';
export * from './prepare-command.js';
